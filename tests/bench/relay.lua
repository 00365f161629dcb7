-- Throughput of the relay: cat, in a sandbox that already runs, from our stdin to our stdout.
-- Prints the seconds it took on stderr. relay.lua URI
local lsandbox = require "lsandbox"

local function now()
  local f = assert(io.popen("date +%s.%N < /dev/null"))
  local t = tonumber(f:read("l"))
  f:close()
  return t
end

local sb <close> = assert(lsandbox.start { connect = arg[1] })
assert(sb:exec { "true", stdin = "null" })
local begun = now()
assert(sb:exec { "cat" })
io.stderr:write(string.format("%.4f\n", now() - begun))
