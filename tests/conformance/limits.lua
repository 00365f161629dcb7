-- Limits of processor time, memory, processes and disk, and changes of them while a sandbox runs. Each case looks at
-- what a program in the sandbox can do, and at how the host fares meanwhile. No case expects speed of the host, so of
-- processor time only upper bounds are checked.
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local start, sh = helpers.start, helpers.sh

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

-- Whether this process may make control groups. A plain user's may not, so that user's machines are in none.
local as_root = host.line("id -u") == "0"

local function with(program, options)
  for k, v in pairs(options) do program[k] = v end
  return program
end

-- How many processors a program that only computes gets, by the sandbox's statistics and by the host's clock.
local function burn(sb, seconds)
  local before, t = assert(sb:stats()).cpu_time, helpers.now()
  local p <close> = assert(sb:spawn(sh "while :; do :; done"))
  lsandbox.sleep(seconds)
  local used, wall = assert(sb:stats()).cpu_time - before, helpers.now() - t
  p:kill("KILL")
  p:wait()
  return used / wall, used
end

-- The kernel grants a quota for each period, and one period may have begun before, so a little more is no error.
local function check_burn(t, sb, quota, what)
  local rate, used = burn(sb, 0.8)
  t.ok(rate <= quota * 1.25 + 0.08, ("%s: %.2f processors of %.2f"):format(what, rate, quota))
  t.ok(used > 0, "and some it gets")
end

-- The host can still run programs while the sandbox overloads itself.
local function host_lives(t, what)
  local began = helpers.now()
  for _ = 1, 5 do host.line("true") end
  t.ok(helpers.now() - began < 10, what .. ": the host still starts programs")
end

-- In a container every process counts, including those that are about to start, so wait until the others have ended.
local function runs_again(sb)
  for _ = 1, 200 do
    if assert(sb:run { "true" }).status == 0 then return true end
    lsandbox.sleep(0.05)
  end
end

local function spent(r) return tostring(r.limit) .. " " .. tostring(r.signal or r.status) end

case("limits: what a program does to its sandbox, and which limit ended it", function(t, kind)
  local quota = as_root and 0.5 or nil
  local sb <close> = start(kind, {
    memory = kind.machine and "160M" or "64M", root_mode = "overlay", overlay_size = "4M", user = "root",
    privileged = true, tuning = { pids = 60, cpu = quota and { quota = quota } },
  })
  if quota then
    check_burn(t, sb, quota, "a CPU burner")
    t.is(sb:tune { tuning = { cpu = { quota = 2 } } }, true, "tune gives it more")
  end

  -- processes The program's first process only waits. A shell that cannot fork ends, and a program whose first process
  -- has ended can no longer be killed; so, in some runs, the other processes went on.
  local bomb <close> = assert(sb:spawn { "sh", "-c", "b() { b | b & b; }; b & exec sleep 1000", stderr = "null",
    user = 12345, privileged = false })
  host_lives(t, "a fork bomb")
  bomb:kill("KILL")
  t.is(select(3, bomb:wait()), 9, "which can be killed")
  t.ok(runs_again(sb), "killing it leaves room for others")
  local many = assert(sb:run(sh("i=0; while [ $i -lt 80 ]; do sleep $1 & i=$((i + 1)); done",
    kind.machine and "8" or "2")))
  t.is(many.limit, "pids", "80 processes where 60 are allowed: the result says so")
  if kind.machine then sb:run { "sh", "-c", "kill -9 -1", user = "root" } end
  t.ok(runs_again(sb), "and when they are gone there is room again")
  t.is(assert(sb:run(sh "exit 3")).limit, nil, "a program that ends by itself was ended by no limit")

  -- memory
  local hog = assert(sb:run { "tail", "/dev/zero" })
  t.is(spent(hog), "memory 9", "a memory hog is killed, and the result says so")
  t.is(assert(sb:run { "echo", "alive" }).stdout, "alive\n", "the sandbox lives on")
  host_lives(t, "after a memory hog")

  -- disk
  local full = assert(sb:run(sh "head -c 20000000 /dev/zero > /big; stat -c %s /big; rm /big; echo x > /y && cat /y"))
  -- The sandbox's own /etc/hosts takes a page of that, too, where the root has none that names the host.
  local most, got = 4 << 20, tonumber(full.stdout:match("^(%d+)\nx\n$"))
  t.ok(got and got <= most and got >= most - (64 << 10), "a disk filler gets as much as overlay_size says", full.stdout)
  t.like(full.stderr, "No space left", "and is told")
  t.like(assert(sb:run { "df", "-k", "/dev/shm" }).stdout, " " .. (kind.machine and 80 or 32) * 1024 .. " ",
    "/dev/shm holds half of the memory")

  -- resource limits
  local spin = "while :; do :; done"
  t.is(spent(assert(sb:run(with(sh(spin), { rlimits = { cpu = { soft = 1, hard = 9 } }, timeout = 60 })))), "cpu 24",
    "rlimits.cpu, soft")
  t.is(spent(assert(sb:run(with(sh(spin), { rlimits = { cpu = 1 }, timeout = 60 })))), "cpu 9", "rlimits.cpu, hard")
  t.is(spent(assert(sb:run { "dd", "if=/dev/zero", "of=/tmp/x", "bs=64k", "count=32", rlimits = { fsize = "1M" } })),
    "fsize 25", "rlimits.fsize")
  t.is(spent(assert(sb:run(sh "kill -9 $$"))), "nil 9", "a program that kills itself met no limit")

  -- what it uses
  local stats = assert(sb:stats())
  t.is(stats.vcpus, 1, "stats")
  t.is(stats.block.read_bytes + stats.block.write_requests + stats.net.rx_bytes + stats.net.tx_packets, 0,
    "no disk, no interface, no traffic")
  if not kind.machine and as_root then
    t.ok(stats.pids >= 1 and stats.pids < 60, "the number of processes: " .. tostring(stats.pids))
    t.ok(stats.memory_peak > 32 * 1024 * 1024 and stats.memory_peak <= 64 * 1024 * 1024, "the peak is at the limit")
  end

  -- changes
  if quota then
    t.is(sb:tune { tuning = { cpu = { quota = 0.2, shares = 512 } } }, true, "tune")
    check_burn(t, sb, 0.2, "a lower quota holds from now on")
  end
  if kind.machine then
    local ok, message, code = sb:tune { memory = "1G" }
    t.is(helpers.shown(ok, message, code),
      "nil memory: a machine keeps what it was started with; it has no balloon unsupported",
      "a machine's memory stays")
    t.is(select(3, sb:tune { vcpus = 2 }), "unsupported", "and its processors, where there is no max_vcpus")
  elseif as_root then
    t.is(sb:tune { memory = "300M", tuning = { pids = 200 } }, true, "more memory and processes")
    t.is(assert(sb:run(sh "head -c 100000000 /dev/zero | tail -c 90000000 | wc -c")).stdout, "90000000\n",
      "can be used")
    local now = assert(sb:run(sh "i=0; while [ $i -lt 80 ]; do sleep 0 & i=$((i + 1)); done; wait"))
    t.is(spent(now), "nil 0", "so can the processes")
    t.is(sb:tune { memory = "32M" }, true, "less memory")
    t.is(spent(assert(sb:run(sh "head -c 100000000 /dev/zero | tail -c 90000000 | wc -c; exit 1"))), "memory 1",
      "and now that is too much")
    t.is(select(3, sb:tune { vcpus = 2 }), "unsupported", "a container has no processors of its own to change")
  end
  local passed, why = pcall(sb.tune, sb, { tuning = { cpu = { quota = -1 } } })
  t.ok(not passed and why:find("tune.tuning.cpu.quota: expected a number of processors", 1, true), "misuse raises", why)
  passed, why = pcall(sb.tune, sb, { tunning = {} })
  t.ok(not passed and why:find('tune.tunning: unknown key; did you mean "tuning"?', 1, true), "unknown keys, too", why)
end)

case("limits: pinning, shares, memory of QEMU, max_vcpus", function(t, kind)
  local recipe = { max_vcpus = kind.machine and 2 or nil,
    tuning = { cpu = { pinning = "0" }, numa = { nodes = "0" } } }
  if as_root then
    recipe.tuning.cpu.shares = 1024
    recipe.tuning.memory = { hard = kind.machine and "1G" or "100M", soft = kind.machine and "1G" or "100M", swap = 0 }
    recipe.tuning.block = { weight = 100 }
  end
  local sb <close> = start(kind, recipe)
  if kind.machine then
    local pid = host.line("pgrep -f 'qemu.*guest=" .. sb:name() .. "' | head -n 1")
    t.is(host.line("grep Cpus_allowed_list /proc/" .. pid .. "/status"):match("%d.*"), "0",
      "QEMU keeps to its processor")
    t.is(assert(sb:run { "nproc" }).stdout, "1\n", "one processor")
    t.is(helpers.shown(sb:tune { vcpus = 2 }), "true", "a second one can be had")
    if assert(sb:run { "cat", "/sys/devices/system/cpu/possible" }).stdout == "0\n" then
      t.note("this kernel takes no further processor without KVM") -- docs/recipe.md
    else
      t.is(assert(sb:run(sh "for i in $(seq 100); do [ $(nproc) = 2 ] && break; sleep 0.1; done; nproc")).stdout, "2\n",
        "and is there")
    end
    t.is(assert(sb:stats()).vcpus, 2, "stats know it")
    t.is(select(3, sb:tune { vcpus = 3 }), "unsupported", "a third one not")
    if as_root then
      t.ok(assert(sb:stats()).memory_peak > 32 * 1024 * 1024, "the control group counts QEMU's memory from its start")
    end
  else
    t.is(assert(sb:run(sh "grep Cpus_allowed_list /proc/self/status")).stdout, "Cpus_allowed_list:\t0\n",
      "programs keep to their processor")
    if as_root then
      t.is(spent(assert(sb:run { "tail", "/dev/zero" })), "memory 9", "the hard limit holds where it is below memory")
      t.ok(assert(sb:stats()).memory_peak <= 100 * 1024 * 1024, "and no more than that was used")
    end
  end
end)

case("limits: what a plain user may not, or a kind cannot do", function(t, kind)
  local function refused(recipe)
    recipe.connect = kind.uri
    local sb, message, code = lsandbox.start(recipe)
    if sb then sb:close() end
    return sb, message, code
  end
  if kind.machine then
    local sb, message, code = refused { tuning = { cpu = { emulator = { quota = 0.5 } } } }
    t.is(helpers.shown(sb, code), "nil unsupported", "QEMU's threads are not told apart")
    t.like(message, "^tuning.cpu.emulator.quota: ", "the message names the field")
  end
  if as_root then return end
  -- it works for a user who has a delegated part of the control groups, and otherwise the message says why
  local sb, message, code = refused { tuning = { cpu = { quota = 0.5 } } }
  t.ok(sb or code == "unsupported", "tuning.cpu as a plain user: " .. tostring(code))
  t.ok(sb or message:find("^tuning.cpu: "), "the message names the field", message)
end)

return cases
