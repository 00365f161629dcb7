-- Start a machine, let it answer, and print how it started, whether the answer is right, and why the start was as it
-- was.
--     probe.lua [RECIPE]      RECIPE: more fields, as Lua
local lsandbox = require "lsandbox"
local recipe = load("return {" .. (arg[1] or "") .. "}")()
recipe.connect = "qemu:///embed"
local sb, message, code = lsandbox.start(recipe)
if not sb then
  print("none", code, message)
  os.exit(1)
end
local before = os.time()
local result = assert(sb:run { "sh", "-c", "echo right; date +%s; cat /proc/sys/kernel/random/uuid" })
local word, date, uuid = result.stdout:match("^(%l+)\n(%d+)\n([%x-]+)\n$")
-- On a busy host some time passes between the readings of the two clocks.
local right = word == "right" and uuid and tonumber(date) >= before - 2 and tonumber(date) <= os.time() + 2
local info = sb:info()
print(info.start, right and "right" or "WRONG " .. result.stdout, info.start_reason or "")
io.stdout:flush()
os.exit(0) -- This closes nothing: the machine ends with this process, which waits for a new template.
