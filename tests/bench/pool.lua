-- pool.lua URI: print the seconds from pool:take() of a ready sandbox to the end of /bin/true in it. Without URI,
-- print whether this build has pools.
local lsandbox = require "lsandbox"
local host = require "native"
local LIMIT = 120

if not arg[1] then
  print(lsandbox.pool and "pool" or "none")
  return 0
end

local pool <close> = assert(lsandbox.pool { connect = arg[1], accel = arg[1]:find("^qemu") and "tcg" or nil, size = 1 })
local deadline = host.now() + LIMIT
while pool:stats().ready < 1 do
  assert(host.now() < deadline, pool:stats().error or "the pool stays empty")
  lsandbox.sleep(0.01)
end
local begun = host.now()
local sb <close> = assert(pool:take())
assert(sb:exec { "/bin/true", stdin = "null" })
print(host.now() - begun)
return 0
