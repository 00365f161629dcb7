-- The rate of the relay: 64 MiB go from a file on the host through cat in a running sandbox to a pipe on the host, and
-- are compared.
local measure = require "measure"
local run = require "run"
local work = os.getenv "BENCH_WORK"
local MB = 67.108864

local function through(uri)
  return function()
    assert(os.execute(("[ -e %s/in ] || head -c 67108864 /dev/urandom > %s/in"):format(work, work)))
    return MB / run.figure("sh", "-c", ("build/lsandbox tests/bench/relay.lua %s < %s/in 2> %s/t | cat > %s/out && "
      .. "cmp %s/in %s/out && cat %s/t"):format(uri, work, work, work, work, work, work))
  end
end

local missing = not os.getenv "LSANDBOX_PRIVATE_LIBVIRTD" and "needs root" or nil
measure.group(measure.RUNS, {
  { name = "container: relay, 64 MiB through cat", unit = "MB/s", rate = true, goal = 200, missing = missing,
    run = through "lxc:///" },
  { name = "machine: relay, 64 MiB through cat", unit = "MB/s", rate = true, goal = 50, run = through "qemu:///embed" },
})
