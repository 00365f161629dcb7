-- Pools of started sandboxes. A case gets (tap, kind), as in recipes.lua. The cases for which a fake sandbox is enough
-- are in tests/faults/pool.lua.
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local full, sh, shown, until_true = helpers.full, helpers.sh, helpers.shown, helpers.until_true

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

-- List the processes that a program has left behind; in a fresh sandbox there are none. Children of 0 and 2 are left
-- out, because in a machine those are the kernel's own threads.
local processes = sh [[
  for p in /proc/[0-9]*/stat; do
    read -r pid name state ppid rest <$p && case $ppid in
      0|2) ;;
      *) [ $pid = $$ ] || echo $pid $name;;
    esac
  done 2>/dev/null]]

-- In a container, the pid of the first program that is run.
local function first_pid(sb)
  local p <close> = assert(sb:spawn { "true" })
  return p:pid()
end

-- By how many seconds SB's clock is ahead of the host's: at least LOW, at most HIGH. SB's time is taken between two
-- readings of the host's clock, again and again, because the relay and the host's load lie between the readings.
local function clock(sb)
  local stamp = "while read -r line; do echo $line $EPOCHREALTIME; done"
  local out = os.tmpname()
  local before = assert(io.popen "bash -c 'for i in {1..12}; do echo $EPOCHREALTIME; sleep 0.03; done'")
  local after = assert(io.popen("bash -c '" .. stamp .. "' >" .. out, "w"))
  assert(sb:exec { "bash", "-c", stamp, stdin = before, stdout = after })
  before:close()
  after:close()
  local low, high = -math.huge, math.huge
  for first, guest, last in host.read(out):gmatch "([%d.]+) ([%d.]+) ([%d.]+)\n" do
    low, high = math.max(low, guest - last), math.min(high, guest - first)
  end
  os.remove(out)
  return low, high
end

-- Kill a machine's QEMU or a container's init of each sandbox that waits in this process.
local function kill_waiting(kind, names)
  for name in pairs(names) do
    local what = kind.machine and "qemu-system" or "libvirt_lxc"
    local pid = host.line(("pgrep -f -- '%s.*%s' | head -n 1"):format(what, name))
    if not kind.machine then pid = host.line("pgrep -P " .. pid) end
    host.capture(("kill -9 %s; while kill -0 %s 2>/dev/null; do sleep 0.01; done"):format(pid, pid))
  end
end

case("a pool of two", function(t, kind)
  local heard = {}
  local pool <close> = lsandbox.pool { connect = kind.uri, size = 2, timeout = 1000, hostname = "pooled",
    env = { A = "b" }, on = { started = function(sb) heard[#heard + 1] = sb:name() end } }
  local ids, fresh = {}, nil
  if not kind.machine then
    local sb <close> = helpers.start(kind, {})
    fresh = first_pid(sb)
  end
  full(pool)
  if kind.machine then lsandbox.sleep(1) end -- so that clocks could drift, and random numbers be the same
  for i = 1, 2 do
    local sb <close> = assert(pool:take())
    if fresh then t.is(first_pid(sb), fresh, "what runs first has the same number as in one that was just started") end
    local low, high = clock(sb)
    t.note(("its clock is between %.4f and %.4f s ahead of the host's"):format(low, high))
    t.ok(low <= 0.01 and high >= -0.01, "its clock is the host's", low, high)
    t.is(assert(sb:run(processes)).stdout, "", "nothing has run in it")
    t.is(assert(sb:run(sh "hostname; echo $A")).stdout, "pooled\nb\n", "the recipe holds in it")
    local id = {}
    local random = assert(sb:run(sh [[
      cat /proc/sys/kernel/random/boot_id /etc/machine-id
      head -c 16 /dev/urandom | od -An -tx1]])).stdout
    for value in random:gmatch "[^\n]+" do id[#id + 1] = value end
    ids[i] = id
    id[#id + 1] = sb:name()
    id[#id + 1] = sb:uuid()
  end
  t.is(#ids[1], 5, "five ids")
  for k = 1, 5 do t.ok(ids[1][k] ~= ids[2][k], "two that differ: " .. k, ids[1][k]) end
  t.is(table.concat(heard, " "), ids[1][4] .. " " .. ids[2][4], "its taker hears that it runs")
  t.is(pool:stats().taken, 2, "two were taken")
  until_true(function() return pool:stats().ready > 0 end)
  t.ok(true, "and others come in their place")

  -- A sandbox dies while it waits. The loop is not turned between its end and the take.
  local names = {}
  for _, entry in ipairs(assert(lsandbox.list(kind.uri))) do
    if entry.state == "running" then names[entry.name] = true end
  end
  full(pool)
  kill_waiting(kind, names)
  local sb <close> = assert(pool:take())
  t.is(shown(names[sb:name()], sb:run({ "echo", "alive" }).stdout), "nil alive\n",
    "one that was killed is not handed out")
  until_true(function() return pool:stats().ready > 0 end) -- after a death the pool pauses before the next start
  t.ok(true, "but replaced")
end)

-- Both kinds behave the same, so this runs on the kind that starts faster.
case("a pool that many tasks take from", function(t, kind)
  if kind.machine then return end
  local order, jobs = {}, {}
  local pool <close> = lsandbox.pool { connect = kind.uri, size = 1, timeout = 20 }
  for i = 1, 3 do
    jobs[i] = function()
      local sb <close> = assert(pool:take())
      order[#order + 1] = i
      return sb:run({ "echo", tostring(i) }).stdout
    end
  end
  local results = lsandbox.gather(jobs)
  t.is(results[1][1] .. results[2][1] .. results[3][1], "1\n2\n3\n", "each gets one")
  t.is(table.concat(order), "123", "in the order of asking")
  local late = lsandbox.task(function()
    local _ <close> = assert(pool:take())
    return pool:take()
  end)
  until_true(function() return pool:stats().waiting == 1 and pool:stats().taken == 4 end)
  pool:close()
  t.is(shown(late:await()), "nil the pool was closed meanwhile stopped", "one that waits is told of the end")
  t.like(select(2, pcall(pool.take, pool)), "this pool is closed", "after that there is nothing to take")
end)

case("a pool whose sandboxes are given back", function(t, kind)
  local pool <close> = lsandbox.pool { connect = kind.uri, size = 1, reuse = true, timeout = 100 }
  local name, random
  for i = 1, 2 do
    local sb <close> = assert(pool:take())
    name = name or sb:name()
    t.is(sb:name(), name, "it is the same one")
    t.is(#assert(sb:list "/tmp"), i - 1, "with what the last one has left")
    local bytes = assert(sb:run(sh "head -c 16 /dev/urandom | od -An -tx1")).stdout
    t.ok(bytes ~= random, "and other random numbers", bytes)
    random = bytes
    local low, high = clock(sb)
    t.ok(low <= 0.01 and high >= -0.01, "its clock is the host's", low, high)
    assert(sb:write("/tmp/" .. i, ""))
    local watcher <close> = assert(sb:watch "/tmp")
    local p <close> = assert(sb:spawn { "cat", stdin = "pipe" })
    t.is(select(3, pool:give(sb)), "state", "not while a program is open")
    p.stdin:close()
    p:wait()
    t.is(shown(pool:give(sb)), "true", "given back")
    t.like(select(2, pcall(sb.run, sb, { "true" })), "this sandbox is closed", "who gave it has it no more")
    t.is(watcher:read { timeout = 30 }, nil, "and watches it no more")
  end
  t.is(pool:stats().taken, 2, "taken twice")
end)

case("time limits count from the take", function(t, kind)
  local pool <close> = lsandbox.pool { connect = kind.uri, size = 1, timeout = 1 }
  full(pool)
  lsandbox.sleep(1.2)
  t.is(pool:stats().ready, 1, "one that waits has none")
  local sb <close> = assert(pool:take())
  t.is(shown(sb:state(), select(3, sb:wait())), "running timeout", "one that is taken has")
end)

return cases
