-- Run by plain.c: round, URI. Prints what the sandbox said; keeps it for `later`.
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
  sb = nil -- the first state's is collected, those of others are there at lua_close
  if round == "first" then collectgarbage() end
end
