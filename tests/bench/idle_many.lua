-- COUNT machines of one process that wait: `lsandbox idle_many.lua NAME COUNT`. Prints "up" once a shell waits in each
-- of them, and ends them at the end of standard input.
local lsandbox = require "lsandbox"
local name, count = arg[1], tonumber(arg[2])

local all = {}
for i = 1, count do
  local sb = assert(lsandbox.start { connect = "qemu:///embed", name = name .. "-" .. i, accel = "tcg",
    template = "require" })
  local p = assert(sb:spawn { "sh", "-c", "echo up; read line", stdin = "pipe", stdout = "pipe" })
  assert(p.stdout:read "l" == "up")
  all[i] = { sb, p }
end
print "up"
io.stdout:flush()
io.read "a"
for _, each in ipairs(all) do each[1]:close() end
