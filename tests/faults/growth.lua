-- Sandboxes are made and destroyed over and over in one process: growth.lua KIND N [KIND N ...], where KIND is new,
-- container or machine. The numbers of descriptors and threads and the memory must not grow, and nothing may be left.
-- The first cycles fill caches, connections and the allocator's arenas, so memory is compared between the last two
-- thirds.
local tap = require "tap"
local host = require "host"
local lsandbox = require "lsandbox"

-- The most bytes that a cycle may add, and the allocator's noise over any number of cycles. A leaked description takes
-- more than 1000 bytes, a leaked domain with its XML more than 5000. Measured were 0 for new, and 5 per cycle for a
-- container.
local kinds = {
  new = { limit = 100, noise = 128 * 1024, step = 100 },
  container = { uri = "lxc:///", limit = 500, noise = 48 * 1024, step = 2 },
  machine = { uri = "qemu:///embed", limit = 4000, noise = 256 * 1024, step = 1 },
}
local PAGE = tonumber(host.line "getconf PAGESIZE")
local WARM = 4 -- cycles

local function cycle_new()
  local sb <close> = lsandbox.new {
    connect = "lxc:///", env = { A = "b" },
    mounts = { { type = "ram", target = "/mnt", size = "1M" } },
    "true", "argument",
  }
  assert(sb:xml() and sb:state() == "new")
  pcall(lsandbox.new, { memory = "12Q" })
end

local function cycle_started(uri)
  local sb <close> = assert(lsandbox.start { connect = uri })
  local p <close> = assert(sb:spawn { "cat", stdin = "pipe", stdout = "pipe" })
  assert(p.stdin:write "text")
  p.stdin:close()
  assert(p.stdout:read "a" == "text" and p:wait())
  assert(sb:run { "sh", "-c", "exit 3" }.status == 3)
end

local function resident()
  collectgarbage()
  local f <close> = assert(io.open "/proc/self/statm")
  f:read "n"
  return f:read "n" * PAGE
end

local function count(what) return tonumber(host.line("ls /proc/$PPID/" .. what .. " | wc -l")) end

local function mean(list, first, last)
  local sum = 0
  for i = first, last do sum = sum + list[i] end
  return sum / (last - first + 1)
end

-- libvirt closes a connection's socket at a later turn of the loop, so run another cycle.
local function settled(what, expected, cycle, uri)
  local n
  for _ = 1, 8 do
    n = count(what)
    if n == expected then break end
    cycle(uri)
  end
  return n
end

local function warm_up(cycle, uri)
  local descriptors, threads = math.huge, math.huge
  for _ = 1, WARM do
    cycle(uri)
    descriptors, threads = math.min(descriptors, count "fd"), math.min(threads, count "task")
  end
  host.mark_own()
  return descriptors, threads
end

local function check_memory(sizes, kind, cycles)
  local third = #sizes // 3
  local grown = mean(sizes, #sizes - third + 1, #sizes) - mean(sizes, third + 1, 2 * third)
  local allowed = kind.noise + kind.limit * cycles / 3
  tap.note(("grown by %.0f bytes between the last two thirds, %d in all, %.0f allowed")
    :format(grown, sizes[#sizes] - sizes[1], allowed))
  tap.ok(grown <= allowed, "memory stays", grown .. " bytes more")
end

local function grow(kind_name, cycles)
  local kind = assert(kinds[kind_name], "expected new, machine or container")
  local cycle = kind.uri and cycle_started or cycle_new
  local descriptors, threads = warm_up(cycle, kind.uri)
  local sizes = {}
  for i = 1, cycles do
    cycle(kind.uri)
    if i % kind.step == 0 then sizes[#sizes + 1] = resident() end
  end
  check_memory(sizes, kind, cycles)
  tap.is(settled("fd", descriptors, cycle, kind.uri), descriptors, "descriptors stay")
  tap.is(settled("task", threads, cycle, kind.uri), threads, "threads stay")
  local left = host.wait_clean(3)
  tap.ok(#left == 0, "nothing is left", table.unpack(left))
end

for i = 1, #arg, 2 do
  tap.case(("%s times %s"):format(arg[i + 1], arg[i]), grow, arg[i], math.tointeger(tonumber(arg[i + 1])))
end
tap.done()
