-- The life of sandboxes: states, events, attaching, time limits, ends. A case gets (tap, kind) and has sandboxes of its
-- own, as in recipes.lua.
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local start, shown = helpers.start, helpers.shown

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

-- When machines come from a pool (ways.lua), one waits there and is no leftover.
local function without_pool(fn)
  local ways = package.loaded.ways
  if ways then return ways.without_pool(fn) end
  return fn()
end

case("pause, resume, stats", function(t, kind)
  local sb <close> = start(kind, {})
  local p <close> = assert(sb:spawn { "sh", "-c", "while echo tick; do sleep 0.02; done", stdout = "pipe" })
  t.is(p.stdout:read(), "tick", "it ticks")
  t.is(sb:pause(), true, "paused")
  t.is(sb:state(), "paused", "and the state says so")
  t.is(shown(select(3, sb:pause())), "state", "not twice")
  t.is(select(3, sb:exec { "true" }), "state", "no program starts meanwhile")
  t.is(select(3, sb:stop()), "state", "nor can it stop by itself")
  local reader = lsandbox.task(function()
    local n = 0
    while p.stdout:read() do n = n + 1 end
    return n
  end)
  lsandbox.sleep(0.3)
  t.is(sb:resume(), true, "resumed")
  t.is(sb:state(), "running", "and running")
  t.is(shown(sb:exec { "true" }), "true exit 0", "programs start again")
  reader:cancel()
  local stats = assert(sb:stats())
  t.ok(stats.cpu_time > 0 and stats.memory_limit == 256 * 1024 * 1024 and stats.vcpus == 1, "stats", stats.cpu_time,
    stats.memory_limit, stats.vcpus)
  t.is(sb:pause(), true, "paused again")
  sb:close()
  t.ok(true, "a paused one can be closed")
end)

-- A hostile guest, kernel or root, can write to its serial port without end, also while the host's script computes. On
-- the host that is in memory.
case("the boot console is bounded, and its end is kept", function(t, kind)
  if not kind.machine or kind.uri ~= "qemu:///embed" then return end
  local sb <close> = start(kind, { user = "root", privileged = true })
  local script = [[mkdir /tmp/d && mount -t devtmpfs d /tmp/d && stty -F /tmp/d/ttyS0 -onlcr 2>/dev/null
    yes 0123456789abcdef0123456789abcdef | head -c 990000 > /tmp/d/ttyS0; echo the last line > /tmp/d/ttyS0]]
  t.is(assert(sb:run { "sh", "-c", script, timeout = 120 }).status, 0, "root writes 1 MB to its console")
  helpers.until_true(function() return sb:log():find("the last line", 1, true) end)
  t.like(sb:log(), "0123456789abcdef\nthe last line$", "the log ends with what was written last")
  t.ok(#sb:log() > 1000 and #sb:log() <= 4096, "and begins not long before that", #sb:log())
  local du = "du -sk %s/*/[0-9]* | sort -n | tail -n 1 | cut -f1"
  local kept = tonumber(host.line(du:format(host.run_dir())))
  t.ok(kept <= 64, "the host keeps at most 64 KiB of it in files", kept)
  -- QEMU's own messages, which a guest can cause, too.
  local log = host.line(("ls %s/*/e/log/qemu/%s.log"):format(host.run_dir(), sb:name()))
  os.execute(("head -c 4000000 /dev/zero >>%s; echo the end >>%s"):format(log, log))
  helpers.until_true(function() return tonumber(host.line("du -k " .. log .. " | cut -f1")) <= 256 end)
  t.is(host.line("tail -n 1 " .. log .. " | tr -d '\\0'"), "the end", "QEMU's log gives back its space, not the end")
  sb:destroy()
  t.like(sb:log(), "the last line$", "the log stays when the sandbox has ended")
end)

case("uuid, list, connections, attach", function(t, kind)
  local c <close> = assert(lsandbox.connect(kind.uri))
  t.is(c:uri(), kind.uri, "a connection knows its URI")
  t.like(tostring(c), kind.uri, "and shows it")
  local sb <close> = assert(lsandbox.start { connect = c,
    name = "lsandbox-life-" .. kind.uri:match("^%a+") .. "-" .. os.time() })
  t.like(sb:uuid(), "^%x+%-%x+%-%x+%-%x+%-%x+$", "a uuid")
  t.is(sb:uri(), kind.uri, "on that connection")
  local found
  for _, entry in ipairs(assert(c:list())) do
    if entry.name == sb:name() then found = entry end
  end
  t.ok(found, "list has it")
  t.is(shown(found.uuid == sb:uuid(), found.kind, found.state, found.uri),
    "true " .. (kind.machine and "machine" or "container") .. " running " .. kind.uri, "with what it is")
  local other <close> = assert(lsandbox.attach { name = sb:name(), connect = c })
  t.is(shown(other:name(), other:uuid(), other:state()), shown(sb:name(), sb:uuid(), "running"), "attached to it")
  t.like(other:xml(), "<domain", "its XML")
  t.is(select(3, other:exec { "true" }), "unsupported", "its programs are with its owner")
  t.ok(other:stats().cpu_time >= 0, "its stats")
  other:close()
  t.is(sb:state(), "running", "letting go of it does not end it")
  local killer <close> = assert(lsandbox.attach { name = sb:name(), connect = kind.uri })
  t.is(killer:destroy(), true, "an attached one can be destroyed")
  sb:wait { timeout = 20 }
  t.is(sb:state(), "stopped", "and its owner learns")
  t.is(select(3, lsandbox.attach { name = "no-such-sandbox", connect = kind.uri }), "not-found", "no such sandbox")
  c:close()
  c:close()
  t.like(select(2, pcall(lsandbox.new, { connect = c })), "this connection is closed", "a closed connection raises")
  t.like(select(2, pcall(lsandbox.connect, "vbox:///")), "connect: expected a URI", "a URI that is not ours raises")
end)

case("attach to a sandbox of another process", function(t, kind)
  if kind.uri == "qemu:///embed" then return end -- that driver is inside the process
  local name, out = "lsandbox-elsewhere-" .. os.time(), os.tmpname()
  local owner = assert(io.popen(([[
    %s/lsandbox run -c %s --name %s -- sh -c 'echo up; exec sleep 1000' >%s 2>&1
    echo $?]]):format(os.getenv("LSANDBOX_BUILD"), kind.uri, name, out)))
  for _ = 1, 1200 do
    if host.read(out) == "up\n" then break end
    lsandbox.sleep(0.05)
  end
  local sb <close> = assert(lsandbox.attach { name = name, connect = kind.uri })
  t.is(shown(sb:state(), sb:pause(), sb:state(), sb:resume(), sb:state()), "running true paused true running",
    "it can be paused and resumed from here")
  t.is(select(3, sb:read("/etc/passwd")), "unsupported", "its files are its owner's")
  t.is(sb:destroy(), true, "and it can be destroyed")
  t.is(shown(sb:wait()), "true stopped", "which is its end here")
  local status = owner:read("a"):match("%d+") -- waits until the owner has ended, because its program is lost
  t.ok(status and status ~= "0", "and over there", status, host.read(out))
  owner:close()
  os.remove(out)
end)

-- libvirt's event loop was once GLib's default main context, which does not run while a script computes. A libvirtd
-- that got no answer to its keepalive messages for 30 s closed the connection, and so destroyed the sandbox. (The
-- private libvirtd of the tests waits only 2 s.)
case("a script that is busy elsewhere keeps its sandbox", function(t, kind)
  if not os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") or kind.machine then return end
  local sb <close> = start(kind, {})
  os.execute("sleep 5") -- this process's loop does not turn meanwhile; there is no event to wait for
  t.is(shown(sb:exec { "true" }), "true exit 0", "after 5 s without a turn of the loop")
end)

-- libvirt takes a callback only once for a domain, so the second sandbox that one process attached to the same domain
-- heard no event. Events between the lookup and the registration of the callback were lost as well.
case("attached twice, and to one that ends", function(t, kind)
  local sb <close> = assert(lsandbox.start { connect = kind.uri })
  local name, waits = sb:name(), {}
  for i = 1, 3 do
    waits[i] = function()
      local other <close> = assert(lsandbox.attach { name = name, connect = kind.uri })
      return other:wait { timeout = 20 }
    end
  end
  waits[4] = function()
    lsandbox.sleep(0.2)
    return sb:destroy()
  end
  for i, r in ipairs(lsandbox.gather(waits)) do
    t.is(shown(table.unpack(r, 1, r.n)), i < 4 and "true stopped" or "true", "each hears of the end: " .. i)
  end
  local ending <close> = assert(lsandbox.start { connect = kind.uri })
  name = ending:name()
  for i = 1, 3 do
    waits[i] = function()
      lsandbox.sleep(i * 0.001)
      local other <close>, _, code = lsandbox.attach { name = name, connect = kind.uri }
      return not other and code == "not-found" or other and other:wait { timeout = 20 }
    end
  end
  waits[4] = function() return ending:close() end
  local results = lsandbox.gather(waits)
  t.is(shown(results[1][1], results[2][1], results[3][1]), "true true true", "or finds nothing")
end)

-- A machine's clock stands still while it is paused, and stayed behind by that for ever.
case("the clock after a pause", function(t, kind)
  local sb <close> = start(kind, {})
  local function behind()
    local now = tonumber(host.line("date +%s.%N"))
    return now - tonumber(assert(sb:run { "date", "+%s.%N" }).stdout)
  end
  behind() -- the program's file is in the guest's memory now
  assert(sb:pause())
  lsandbox.sleep(3)
  assert(sb:resume())
  t.ok(behind() < 1.5, "the first program after a pause of 3 s sees the time", behind())
  if not kind.machine then return end
  local other <close> = kind.uri ~= "qemu:///embed" and assert(lsandbox.attach(sb:info().name, { connect = kind.uri }))
  local stop = other and function() assert(other:pause()) end
    or function() assert(sb:qemu_monitor '{"execute": "stop"}') end
  local go_on = other and function() assert(other:resume()) end
    or function() assert(sb:qemu_monitor '{"execute": "cont"}') end
  stop()
  lsandbox.sleep(3)
  go_on()
  local deadline = os.time() + 30
  while behind() > 1.5 and os.time() < deadline do lsandbox.sleep(0.05) end
  t.ok(behind() < 1.5, "so do programs soon after another has resumed it", behind())
  if kind.uri ~= "qemu:///embed" then return end
  local path = host.run_dir() .. ".saved"
  assert(sb:pause())
  assert(sb:resume())
  t.is(shown(sb:save(path)), "true", "it can be saved at once, when the clock is being set")
  t.ok(behind() < 1.5, "and then sees the time, too", behind())
  os.execute("rm -rf " .. path)
end)

-- Before a destroy, lsandbox resumed only a sandbox that it had itself finished pausing. Where the pause was still
-- under way, or another process had made it, libvirt tried for 6 s to kill processes that were frozen.
case("the end of what is being paused", function(t, kind)
  local function seconds(how, pause)
    local sb <close> = assert(lsandbox.start { connect = kind.uri })
    assert(assert(sb:spawn { "sleep", "1000" }):pid())
    pause(sb)
    local begun = tonumber(host.line "date +%s.%N")
    sb:destroy()
    local taken = tonumber(host.line "date +%s.%N") - begun
    t.ok(taken < 3, how, taken)
  end
  for i = 0, 2 do
    seconds("while it is being paused", function(sb)
      lsandbox.task(sb.pause, sb)
      lsandbox.sleep(i * 0.005)
    end)
  end
  seconds("paused by another", function(sb)
    local other <close> = assert(lsandbox.attach { name = sb:name(), connect = kind.uri })
    assert(other:pause())
  end)
end)

case("events", function(t, kind)
  local seen, last = {}, nil
  local function note(sb, info)
    last = sb
    seen[#seen + 1] = table.concat({ info.event, tostring(info.status or info.signal or ""), info.limit or "",
      info.code or "" }, ":")
  end
  local sb <close> = start(kind, { max_output = "64K", on = { started = note, stopped = note } })
  t.ok(sb:on("program-ended", note) == sb, "on returns the sandbox")
  sb:on("output-limit", note)
  sb:exec { "sh", "-c", "exit 3" }
  sb:run { "cat", "/dev/zero" }
  sb:run { "sleep", "1000", timeout = 0.05 }
  assert(sb:stop())
  lsandbox.sleep(0)
  lsandbox.sleep(0)
  t.is(table.concat(seen, " "),
    "started::: program-ended:3:: output-limit::max_output: program-ended:9:max_output: program-ended:9:timeout: "
      .. "stopped:::", "in order")
  t.ok(last == sb, "with the sandbox itself")
  t.like(select(2, pcall(sb.on, sb, "exploded", note)), '^on: expected one of "started", .*, got "exploded"$',
    "an unknown event raises")
  t.like(select(2, pcall(lsandbox.new, { on = { stopped = 1 } })), "on.stopped: expected a function, got 1",
    "in a recipe, too")
  t.like(select(2, pcall(lsandbox.run, { "true", on = {} })), "on: run gives no sandbox",
    "run has no sandbox to listen to")
end)

case("idle_timeout", function(t, kind)
  local seen
  local sb <close> = start(kind, { idle_timeout = 1.5, on = { timeout = function(_, info) seen = info end } })
  t.is(shown(sb:exec { "sh", "-c", "for i in 1 2 3 4 5; do sleep 0.35; echo; done" }), "true exit 0",
    "output keeps it alive")
  local ok, message, code = sb:exec { "sleep", "1000" }
  t.is(shown(ok, code), "nil idle-timeout", "silence does not")
  t.like(message, "idle for 1.5 s", "says why")
  t.is(select(3, sb:wait()), "idle-timeout", "and so does wait")
  lsandbox.sleep(0)
  t.is(seen and seen.limit, "idle_timeout", "and the event")
  local r, _, limit = lsandbox.run { "sleep", "1000", connect = kind.uri, idle_timeout = 0.5 }
  t.is(shown(r, limit), "nil idle-timeout", "run says what ended it")
end)

-- p:wait() said "stopped" where exec, run and read said why the sandbox had ended, because it did not know its sandbox.
case("one code for one end, whoever asks", function(t, kind)
  local function asked(code, pattern, recipe, ending)
    recipe.connect = kind.uri
    local sb <close> = assert(lsandbox.start(recipe))
    local p <close> = assert(sb:spawn { "sleep", "1000", stdin = "pipe", stdout = "pipe" })
    local early <close> = assert(sb:spawn { "true" })
    early:wait()
    local watcher = sb:watch "/tmp"
    local tasks = {
      wait = lsandbox.task(function() return p:wait() end),
      exec = lsandbox.task(function() return sb:exec { "sleep", "1000" } end),
      run = lsandbox.task(function() return sb:run { "sleep", "1000" } end),
      sandbox = lsandbox.task(function() return sb:wait() end),
      ["a program that has not started yet"] = lsandbox.task(function()
        local late <close> = assert(sb:spawn { "sleep", "1000" })
        return late:wait()
      end),
    }
    if watcher then tasks.watch = lsandbox.task(function() return watcher:read() end) end
    lsandbox.sleep(0)
    if ending then ending(sb) end
    for name, task in pairs(tasks) do
      local value, message, got = task:await { timeout = 60 }
      if name == "sandbox" and value then value, message, got = nil, nil, message end -- true, "stopped": no failure
      t.is(shown(value, got), "nil " .. code, code .. ": " .. name)
      if message then t.like(message, pattern, code .. ": " .. name .. " says why") end
    end
    t.is(shown(select(3, p:wait())), code, code .. ", afterwards: wait")
    local refused = code == "stopped" and "state" or code
    t.is(select(3, sb:exec { "true" }), refused, code .. ", afterwards: exec")
    t.is(select(3, sb:spawn { "true" }), refused, code .. ", afterwards: spawn")
    t.is(select(3, sb:stat "/"), refused, code .. ", afterwards: stat")
    t.is(shown(early:wait()), "true exit 0", code .. ": what had ended before keeps its end")
  end
  asked("idle-timeout", "idle for", { idle_timeout = 1 })
  asked("timeout", "timeout", { timeout = 1.5 })
  asked("stopped", "stopped", {}, function(sb) sb:destroy() end)
end)

case("wait", function(t, kind)
  local sb <close> = start(kind, {})
  t.is(shown(sb:wait { timeout = 0 }), "nil the sandbox still runs timeout", "it runs")
  local waiter = lsandbox.task(function() return sb:wait() end)
  lsandbox.task(function() sb:destroy() end)
  t.is(shown(waiter:await()), "true stopped", "until it has ended")
  t.is(shown(sb:wait()), "true stopped", "and after")
  t.is(select(3, lsandbox.new({ connect = kind.uri }):wait()), "state", "one that was never started")
end)

case("a start that is cancelled", function(t, kind)
  local task = lsandbox.task(function() return lsandbox.start { connect = kind.uri } end)
  lsandbox.sleep(0.02)
  t.is(task:cancel(), true, "cancelled while it starts")
  local left = without_pool(function() return host.wait_clean(10) end)
  t.ok(#left == 0, "and nothing of it stays", table.unpack(left))
end)

case("a sandbox collected while a program runs", function(t, kind)
  do
    local sb = start(kind, {})
    assert(sb:spawn { "sleep", "1000" })
  end
  collectgarbage()
  collectgarbage()
  lsandbox.sleep(0)
  local left = without_pool(function()
    local deadline = os.time() + 20
    -- The sandbox's end goes on while the loop turns.
    while #host.leftovers() > 0 and os.time() < deadline do lsandbox.sleep(0.05) end
    return host.leftovers()
  end)
  t.ok(#left == 0, "is destroyed", table.unpack(left))
end)

case("details of an error", function(t, kind)
  if not kind.machine then return end -- a container has no boot console
  local _, message, code, details = lsandbox.start { connect = kind.uri, kernel = { cmdline = "rdinit=/no/such/init" } }
  t.is(code, "boot-failed", "a boot that fails")
  t.like(message, "panic", "says what the console says")
  t.like(details and details.console, "panic", "and has the console apart")
end)

case("many at once from one script", function(t, kind)
  local n = kind.machine and 8 or 100
  local list = {}
  for i = 1, n do
    list[i] = function()
      local r, message = lsandbox.run { "echo", tostring(i), connect = kind.uri,
        memory = kind.machine and "128M" or nil, boot_timeout = 120 }
      return r and r.stdout or message
    end
  end
  local wrong = {}
  for i, r in ipairs(lsandbox.gather(list)) do
    if r[1] ~= i .. "\n" then wrong[#wrong + 1] = i .. ": " .. tostring(r[1]) end
  end
  t.ok(#wrong == 0, n .. " sandboxes", table.unpack(wrong))
end)

return cases
