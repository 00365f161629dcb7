-- libuv in the same process, loaded before and after lsandbox, with machines.
--
-- Root cause: libvirt's first child closes all descriptors, makes a pipe, which gets the numbers 3 and 4, and forks
-- again. libuv's fork handler in that second child closes the numbers of libuv's own pipe, which are low, too, when luv
-- was loaded first. So libvirt's pipe was closed, and no machine started ("unexpected exit status 1").
local tap = require "tap"
local host = require "host"

local lua = os.getenv "LUA" or host.line "command -v lua5.4 || command -v lua"
if not pcall(require, "luv") then tap.skip_all "luv of Lua 5.4 is not here (lua-luv)" end

local path = host.run_dir() .. ".lua"
local start = [[
  local lsandbox = package.loaded.lsandbox or require "lsandbox"
  local sb <close> = assert(lsandbox.start { connect = "qemu:///embed" })
  print(sb:run { "echo", "up" }.stdout)
  local again <close> = assert(lsandbox.start { connect = "qemu:///embed" })
  print(again:run { "echo", "again" }.stdout)]]

local orders = {
  { "luv before lsandbox", 'local uv = require "luv"', start },
  { "luv before lsandbox, with a loop that has run",
    'local uv = require "luv" local t = uv.new_timer() t:start(1, 0, function() t:close() end) uv.run()', start },
  { "luv after lsandbox", 'require "lsandbox" local uv = require "luv"', start },
  { "luv after lsandbox, with the lowest numbers",
    'local held = {} for i = 1, 4 do held[i] = io.open "/dev/null" end require "lsandbox" '
      .. 'for i = 1, 4 do held[i]:close() end local uv = require "luv"', start },
  { "luv after a start", 'require "lsandbox".run { "true" } local uv = require "luv"', start },
  -- luv's children and loop work beside those of lsandbox
  { "a child of luv's beside a machine", 'local uv = require "luv"', start .. [[
    local status
    uv.spawn("sh", { args = { "-c", "exit 5" } }, function(code) status = code end)
    uv.run()
    print(status)]], "up\n\nagain\n\n5\n" },
}

for _, order in ipairs(orders) do
  host.write(path, order[2] .. "\n" .. order[3])
  local out = host.capture(("timeout -k 5 100 %s %s 2>&1 </dev/null"):format(lua, path))
  tap.is(out, order[4] or "up\n\nagain\n\n", order[1])
end
os.remove(path)
local left = host.wait_clean(3)
tap.ok(#left == 0, "nothing is left behind", table.unpack(left))
tap.done()
