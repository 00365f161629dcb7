-- Four commands at once, of one user and with an empty cache: each may have to probe QEMU and to make the boot image.
local tap = require "tap"
local host = require "host"

local command = os.getenv("LSANDBOX_BUILD") .. "/lsandbox"
local cache = host.line("mktemp -d /tmp/lsb-cache.XXXXXX")
os.execute("chmod 0755 " .. cache)
local script = {}
for i = 1, 4 do
  script[#script + 1] = ([[
    { LSANDBOX_CACHE=%s %s run -- sh -c 'echo %d; exit %d' </dev/null; echo $?; } >%s/out%d 2>&1 &]])
    :format(cache, command, i, i, cache, i)
end
host.write(cache .. "/all.sh", table.concat(script, "\n") .. "\nwait\n")
os.execute("sh " .. cache .. "/all.sh")
for i = 1, 4 do
  tap.is(host.read(cache .. "/out" .. i), i .. "\n" .. i .. "\n", "process " .. i .. " of 4, with an empty cache")
end
os.execute("rm -rf " .. cache)
local left = host.wait_clean(3)
tap.ok(#left == 0, "nothing is left behind", table.unpack(left))
tap.done()
