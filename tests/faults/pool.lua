-- Pools under a hundred tasks, failing starts, dying sandboxes and early ends.
local tap = require "tap"
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local full, shown, until_true = helpers.full, helpers.shown, helpers.until_true
local uri = "qemu:///embed"
local orders = os.getenv "LSANDBOX_FAKE"

local function order(name, given)
  if given then host.write(orders .. "/" .. name, "") else os.remove(orders .. "/" .. name) end
end

local function starts() return #(host.read(orders .. "/starts") or "") end

local function stats(pool)
  local s = pool:stats()
  return shown(s.size, s.ready, s.starting, s.waiting, s.taken)
end

-- Kill all sandboxes that wait now, and wait until they are dead, which takes the kernel a moment.
local function kill_all()
  host.capture [[
    pids=$(pgrep -x fake-guest -P $PPID -d ' ') && kill -KILL $pids || exit
    list=$(echo $pids | tr ' ' ,)
    while ps -o stat= -p $list | grep -q '^[RSD]'; do sleep 0.002; done]]
end

local function case(name, fn)
  tap.case(name, fn)
  order("broken", false)
  order("slow", false)
end

case("what is wrong", function()
  local function raises(expected, fn, ...)
    local ok, message = pcall(fn, ...)
    tap.ok(not ok and tostring(message):find(expected, 1, true), "raises: " .. expected, message)
  end
  raises("table expected", lsandbox.pool, 3)
  raises('memmory: unknown key; did you mean "memory"?', lsandbox.pool, { size = 1, memmory = "1G" })
  raises("on.nothing: unknown key", lsandbox.pool, { size = 1, on = { nothing = print } })
  local recipe = { size = 1, connect = uri }
  local pool <close> = lsandbox.pool(recipe)
  tap.is(recipe.size, 1, "the recipe is left as it is")
  raises('take.timeot: unknown key; did you mean "timeout"?', pool.take, pool, { timeot = 1 })
  raises("take.timeout: expected a number of seconds from 0, got -1", pool.take, pool, { timeout = -1 })
  raises("reuse: expected true or false, got 3", lsandbox.pool, { size = 1, reuse = 3 })
  raises("sandbox expected", pool.give, pool, 3)
  local once <close> = assert(pool:take())
  raises("expected a sandbox that was taken from this pool, which was made with reuse = true", pool.give, pool, once)
  tap.like(tostring(pool), "^lsandbox%.pool: ", "tostring says what it is")
  pool:close()
  tap.like(tostring(pool), "closed", "and that it is closed")
  raises("this pool is closed", pool.take, pool)
  raises("this pool is closed", pool.stats, pool)
  pool:close()
end)

case("filled, taken, refilled", function()
  local pool <close> = full(lsandbox.pool { connect = uri, size = 3 })
  tap.is(stats(pool), "3 3 0 0 0", "three are ready")
  local a <close> = assert(pool:take())
  local b <close> = assert(pool:take { timeout = 0 })
  tap.ok(a:uuid() ~= b:uuid() and a:name() ~= b:name(), "two that are not the same")
  tap.is(shown(a:state(), b:run({ "echo", "b" }).stdout), "running b\n", "that run")
  full(pool)
  tap.is(stats(pool), "3 3 0 0 2", "others are in their place")
  pool:close()
  tap.is(shown(a:exec { "true" }), "true exit 0", "what was taken outlives the pool")
end)

case("a large one starts a few at a time", function()
  order("slow", true)
  local pool <close> = lsandbox.pool { connect = uri, size = 64 }
  local most = 2 * tonumber(host.line "nproc")
  lsandbox.sleep(0.05)
  tap.is(pool:stats().starting, math.min(most, 64), "twice as many as there are processors")
  order("slow", false)
  full(pool)
  tap.is(pool:stats().ready, 64, "and all in the end")
end)

case("in the order of asking", function()
  order("slow", true)
  local pool <close> = lsandbox.pool { connect = uri, size = 2 }
  local got, jobs = {}, {}
  for i = 1, 40 do
    jobs[i] = function()
      local sb <close>, _, code = pool:take { timeout = i % 8 == 0 and 0.01 or nil }
      got[#got + 1] = sb and i or nil
      return code
    end
  end
  local all = lsandbox.task(lsandbox.gather, jobs)
  until_true(function() return pool:stats().waiting == 35 end)
  tap.is(pool:stats().waiting, 35, "some have given up")
  order("slow", false)
  local results, order_kept = all:await(), true
  -- Sandboxes are handed out in order. Two can be under way at once, because each first gets the time, which may take
  -- long.
  for i = 3, #got do order_kept = order_kept and got[i] > got[i - 2] end
  tap.ok(#got == 35 and order_kept, "each comes in its turn", table.concat(got, " "))
  tap.is(results[8][1], "timeout", "but those that did not wait")
end)

case("given back", function()
  local pool <close> = full(lsandbox.pool { connect = uri, size = 2, reuse = true })
  local a <close> = assert(pool:take())
  local b <close> = assert(pool:take())
  local name = a:name()
  lsandbox.sleep(0.05)
  tap.is(shown(stats(pool), pool:stats().lent), "2 0 0 0 2 2", "none is started for those that are lent")
  tap.is(select(3, pool:take { timeout = 0.01 }), "timeout", "so there may be none")
  local next_one = lsandbox.task(pool.take, pool)
  until_true(function() return pool:stats().waiting == 1 end)
  tap.is(pool:give(a), true, "one is given back")
  local again <close> = assert(next_one:await())
  tap.is(again:name(), name, "to who waits for it")
  b:close()
  local c <close> = assert(pool:take { timeout = 30 })
  tap.ok(c:state() == "running" and pool:stats().lent == 2, "one that is closed is replaced")
  kill_all()
  until_true(function() return c:state() == "stopped" and again:state() == "stopped" end)
  tap.is(select(3, pool:give(c)) or "raised", "state", "what has died is not taken back")
  full(pool)
  tap.is(shown(stats(pool):sub(1, 5), pool:stats().lent), "2 2 0 0", "but replaced, too")
  local d <close> = assert(pool:take())
  pool:close()
  tap.is(shown(d:state(), d:exec { "true" }), "running true exit 0", "what is lent outlives the pool")
  tap.like(select(2, pcall(pool.give, pool, d)), "this pool is closed", "which takes nothing more")
end)

case("lent, and forgotten", function()
  local pool <close> = full(lsandbox.pool { connect = uri, size = 1, reuse = true })
  assert(pool:take())
  collectgarbage()
  local sb <close> = assert(pool:take { timeout = 30 })
  tap.is(sb:state(), "running", "who forgets one has it replaced")
end)

case("who gives up gives back", function()
  local pool <close> = full(lsandbox.pool { connect = uri, size = 1 })
  order("slow", true)
  local first, second
  do
    local sb <close> = assert(pool:take())
    first = lsandbox.task(pool.take, pool)
    second = lsandbox.task(pool.take, pool)
    until_true(function() return pool:stats().waiting == 2 end)
    tap.is(shown(first:cancel(), sb:state()), "true running", "one of two is cancelled")
  end
  order("slow", false)
  local sb <close> = assert(second:await())
  tap.is(sb:state(), "running", "the other gets what comes")
end)

case("a start that fails while nobody waits", function()
  order("broken", true)
  local before = starts()
  local pool <close> = lsandbox.pool { connect = uri, size = 2 }
  until_true(function() return pool:stats().error end)
  tap.is(pool:stats().error, "it is broken", "stats says so")
  lsandbox.sleep(0.8)
  local tries = starts() - before
  tap.ok(tries >= 4 and tries <= 10, "it is tried again, more and more rarely", tries)
  tap.is(shown(pool:take()), "nil it is broken libvirt", "the next take is told")
  tap.is(shown(pool:take()), "nil it is broken libvirt", "the one after it has made another try")
  order("broken", false)
  local sb <close> = assert(pool:take { timeout = 5 })
  tap.is(sb:state(), "running", "and one succeeds when the host is whole again")
  full(pool)
  tap.is(shown(pool:stats().error), "nil", "which is then forgotten")
end)

case("starts that fail while many wait", function()
  order("broken", true)
  local before, jobs, codes = starts(), {}, {}
  local pool <close> = lsandbox.pool { connect = uri, size = 2 }
  for i = 1, 10 do jobs[i] = function() return select(3, pool:take()) end end
  for i, r in ipairs(lsandbox.gather(jobs)) do codes[i] = r[1] end
  tap.is(table.concat(codes, " "), ("libvirt "):rep(10):sub(1, -2), "everybody is told, at once")
  tap.ok(starts() - before <= 14, "by a start each", starts() - before)
end)

case("a recipe that the host no longer fits", function()
  local dir = orders .. "/data"
  os.execute("mkdir " .. dir)
  local pool <close> = full(lsandbox.pool { connect = uri, size = 1,
    mounts = { { type = "bind", source = dir, target = "/mnt" } } })
  os.execute("rmdir " .. dir)
  local sb <close> = assert(pool:take())
  local none, message, code = pool:take()
  tap.is(shown(none, code), "nil invalid", "is a failed start, which does not raise")
  tap.like(message, "^mounts%[1%]%.source: ", "and names the field")
  tap.is(sb:state(), "running", "what was taken before runs")
end)

case("waiting ones that die", function()
  local pool <close> = full(lsandbox.pool { connect = uri, size = 3 })
  kill_all()
  local sb <close> = assert(pool:take()) -- the loop has not turned since
  tap.is(shown(sb:exec { "true" }), "true exit 0", "are never handed out")
  full(pool)
  tap.is(stats(pool), "3 3 0 0 1", "and others are in their place")
  local before = starts()
  for _ = 1, 5 do
    kill_all()
    lsandbox.sleep(0.1)
  end
  tap.ok(starts() - before <= 15, "without haste", starts() - before)
end)

case("closed while it starts, and while many wait", function()
  order("slow", true)
  local pool = lsandbox.pool { connect = uri, size = 2 }
  local takers = {}
  for i = 1, 3 do takers[i] = lsandbox.task(pool.take, pool) end
  until_true(function() return pool:stats().waiting == 3 end)
  local closers = { lsandbox.task(pool.close, pool), lsandbox.task(pool.close, pool) }
  for i = 1, 3 do
    tap.is(shown(takers[i]:await()), "nil the pool was closed meanwhile stopped", "who waits is told: " .. i)
  end
  tap.is(closers[1]:status() .. closers[2]:status(), "waitingwaiting", "a close waits for what is starting")
  order("slow", false)
  closers[1]:await()
  closers[2]:await()
  tap.is(host.line "pgrep -c -x fake-guest -P $PPID || true", "0", "and leaves nothing")
end)

case("its time begins when it is taken", function()
  local heard = {}
  local function hear(_, info) heard[#heard + 1] = info.event end
  local pool <close> = full(lsandbox.pool { connect = uri, size = 2, timeout = 0.4,
    on = { started = hear, timeout = hear, stopped = hear } })
  lsandbox.sleep(0.6)
  tap.is(stats(pool), "2 2 0 0 0", "one that waits has no timeout")
  local sb <close> = assert(pool:take())
  tap.is(shown(sb:exec { "sleep", "0.1" }), "true exit 0", "one that is taken has all of it")
  tap.is(shown(select(3, sb:wait())), "timeout", "and then it is over")
  until_true(function() return #heard == 3 end)
  tap.is(table.concat(heard, " "), "started timeout stopped", "its taker's functions hear of it, of the start too")
  local idle <close> = full(lsandbox.pool { connect = uri, size = 1, idle_timeout = 0.3 })
  lsandbox.sleep(0.5)
  local quiet <close> = assert(idle:take())
  tap.is(shown(quiet:exec { "true" }), "true exit 0", "the same for idle_timeout")
  tap.is(shown(select(3, quiet:wait { timeout = 5 })), "idle-timeout", "which comes")
end)

-- A script of its own ends with its pool open, in every way, and nothing may be left.
case("a script that ends with its pool open", function()
  local path = orders .. "/script.lua"
  local function script(body)
    host.write(path, ('local lsandbox = require "lsandbox"\nlocal pool = lsandbox.pool { connect = %q, size = 2 }\n')
      :format(uri) .. body)
    local out, ok = host.capture(("timeout -k 5 30 %s %s 2>&1 </dev/null"):format(os.getenv "LSANDBOX_LUA", path))
    return out .. tostring(ok)
  end
  tap.is(script "", "true", "while it fills")
  tap.is(script "assert(pool:take()) pool = nil collectgarbage()", "true", "forgotten")
  tap.is(script "for _ = 1, 5 do lsandbox.task(pool.take, pool) end lsandbox.sleep(0)", "true", "with tasks that wait")
  tap.is(script "setmetatable({}, { __gc = function() lsandbox.pool { size = 1 } end }) pool:close()", "true",
    "made by a finaliser")
  tap.is(script [[setmetatable({}, { __gc = function() print(pcall(pool.take, pool)) end }) pool:take() pool = pool]]
    :match "true$", "true", "taken from by a finaliser")
end)

collectgarbage()
local left = host.wait_clean(3)
tap.ok(#left == 0, "nothing is left behind", table.unpack(left))
tap.done()
