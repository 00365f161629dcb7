-- Throughput of push and pull: files.lua URI [RUNS]. A file of 64 MiB and a tree of 1,000 files of 4 KiB, medians.
local lsandbox = require "lsandbox"
local uri, runs = arg[1] or "qemu:///embed", tonumber(arg[2] or 5)
local MiB = 64

local function now()
  local p = assert(io.popen("date +%s.%N"))
  local seconds = p:read("n")
  p:close()
  return seconds
end

local function median(fn)
  local times = {}
  for i = 1, runs do
    local start = now()
    assert(fn(i))
    times[i] = now() - start
  end
  table.sort(times)
  return times[(runs + 1) // 2]
end

local p = assert(io.popen("mktemp -d"))
local dir = p:read("l")
p:close()
assert(os.execute(([[cd %s && head -c %dM /dev/urandom > big && mkdir tree && cd tree && i=0
  while [ $i -lt 1000 ]; do head -c 4096 ../big > $i; i=$((i + 1)); done]]):format(dir, MiB)))
local passed, why = pcall(function()
  local sb <close> = assert(lsandbox.start { connect = uri, memory = "512M",
    mounts = { { type = "ram", target = "/scratch", size = "200M" } } })
  local function report(what, seconds, amount, unit)
    print(("%-28s %7.3f s  %8.1f %s"):format(what, seconds, amount / seconds, unit))
  end
  report("push, 64 MiB", median(function() return sb:push(dir .. "/big", "/scratch/big") end), MiB, "MiB/s")
  report("pull, 64 MiB", median(function() return sb:pull("/scratch/big", dir .. "/back") end), MiB, "MiB/s")
  local data = ("x"):rep(MiB << 20)
  report("write, 64 MiB string", median(function() return sb:write("/scratch/big", data) end), MiB, "MiB/s")
  report("read, 64 MiB string", median(function() return sb:read("/scratch/big") end), MiB, "MiB/s")
  report("push, 1,000 files", median(function(i) return sb:push(dir .. "/tree", "/scratch/t" .. i) end), 1000, "files/s")
  report("push, 1,000 files over them", median(function() return sb:push(dir .. "/tree", "/scratch/t1") end), 1000, "files/s")
  report("pull, 1,000 files", median(function(i) return sb:pull("/scratch/t1", dir .. "/b" .. i) end), 1000, "files/s")
  report("stat", median(function()
    for _ = 1, 100 do assert(sb:stat("/etc/passwd")) end
    return true
  end), 100, "calls/s")
end)
os.execute("rm -rf " .. dir)
assert(passed, why)
