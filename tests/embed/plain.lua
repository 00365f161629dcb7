-- plain.c runs this with the number of the round and a URI. It prints the sandbox's output, and keeps the sandbox for
-- `later`.
local lsandbox = require "lsandbox"
local round, uri = ...
assert(package.loaded.lsandbox == lsandbox)
local sb = assert(lsandbox.start { connect = uri })
print(round, sb:run { "echo", "hello from", round }.stdout)

function later()
  local p <close> = assert(sb:spawn { "cat", stdin = "pipe", stdout = "pipe" })
  assert(p.stdin:write(round, " later"))
  p.stdin:close()
  print(round, p.stdout:read "a", sb:state())
  sb = nil -- Lua collects the first state's sandbox; those of other states are there at lua_close
  if round == "first" then collectgarbage() end
end
