-- A container, from the start of the command to its end, with /bin/true inside. Beside it stand libvirt's own cycle
-- (libvirt_floor.c) and peers that Debian packages, so that the reader sees what libvirt costs and what lsandbox adds.
local measure = require "measure"
local peers = require "peers"
local run = require "run"
local work = os.getenv "BENCH_WORK"
local missing = not os.getenv "LSANDBOX_PRIVATE_LIBVIRTD" and "needs root" or nil

local function bare() return run.seconds(work .. "/libvirt-floor", work .. "/skeleton", work .. "/true") end
local function ours() return run.seconds("build/lsandbox", "run", "-c", "lxc:///", "--", "/bin/true") end
local function pool() return run.figure("build/lsandbox", "tests/bench/pool.lua", "lxc:///") end

local rows = {
  { name = "container: libvirt's own cycle", unit = "s", missing = missing, run = bare },
  { name = "container: /bin/true", unit = "s", floor = "container: libvirt's own cycle", goal = 0.12, times = 1.4,
    panel = "container", label = "lsandbox run", missing = missing, run = ours },
  { name = "container: /bin/true, pool", unit = "s", panel = "container", label = "from a pool",
    missing = missing or run.no_pool, run = pool },
}
table.move(peers.rows(missing), 1, #peers.rows(missing), #rows + 1, rows)
measure.published { name = "container: /bin/false, virt-sandbox 0.8.0", unit = "s", median = 0.45, panel = "container",
  label = "virt-sandbox 0.8.0", published = "earlier, on the same hardware" }
if not missing and measure.any(rows) then ours() end -- the first start fills caches
measure.group(measure.N, rows)
