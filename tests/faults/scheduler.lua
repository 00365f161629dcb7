-- What scripts can do to the loop and its tasks. Each case is named for what broke, and begins with the cause.
local tap = require "tap"
local host = require "host"
local lsandbox = require "lsandbox"

local uri = "lxc:///"
local sb = assert(lsandbox.start { connect = uri })

local function triple(...)
  local t = table.pack(...)
  for i = 1, t.n do t[i] = tostring(t[i]) end
  return table.concat(t, " ")
end

-- Run BODY as a script of its own; returns its output, with its exit status at the end.
local function script(body)
  local path = host.run_dir() .. ".lua"
  host.write(path, 'local lsandbox = require "lsandbox"\nlocal uri = "lxc:///"\n' .. body)
  local out, ok, how, code = host.capture(("timeout -k 5 30 %s %s 2>&1 </dev/null")
    :format(os.getenv "LSANDBOX_LUA", path))
  os.remove(path)
  return out .. (ok and "0" or how == "exit" and tostring(code) or "signal " .. tostring(code))
end

-- A wait's condition looks at objects that the task's stack owns, such as a program in its box. A script can close the
-- coroutine by coroutine.close() instead of cancel(). The box was then freed, but the loop went on looking at the
-- program.
do
  local thread
  local task = lsandbox.task(function()
    thread = coroutine.running()
    return sb:exec { "sleep", "1000" }
  end)
  lsandbox.sleep(0.05)
  tap.ok(coroutine.close(thread), "a foreign close of a task that waits")
  collectgarbage()
  collectgarbage()
  lsandbox.sleep(0.05)
  local ok, message = pcall(task.await, task, { timeout = 5 })
  tap.ok(not ok and tostring(message):find "cannot resume dead coroutine", "and the loop finds it dead", message)
end

-- When a script resumed a waiting task by coroutine.resume(), the error was raised inside the task and could be caught
-- there. The task then ran while it stood in the queue of waiting tasks, and its next wait put it there a second time,
-- so the queue became a circle. Now the script that resumes gets the error, and the task goes on waiting.
do
  local thread
  local task = lsandbox.task(function()
    thread = coroutine.running()
    local ok = pcall(lsandbox.sleep, 0.1)
    pcall(lsandbox.sleep, 0.01)
    return ok
  end)
  lsandbox.sleep(0)
  tap.like(triple(coroutine.resume(thread, 1, 2, 3)), "^true nil this coroutine is a task",
    "a foreign resume of a task that waits")
  tap.is(triple(task:await { timeout = 5 }), "true", "does not disturb it")
end

-- The same when the task has yielded by itself: then no function of lsandbox is on its stack to refuse the resume. The
-- task must not wait then. And when a wait in a coroutine inside of it turns the loop, the loop must not resume the
-- running task, nor cancel() close it.
do
  local thread, said, task, cancelled
  task = lsandbox.task(function()
    thread = coroutine.running()
    coroutine.yield()
    said = triple(pcall(lsandbox.sleep, 1))
    coroutine.wrap(function()
      lsandbox.sleep(0.02)
      cancelled = task:cancel()
    end)()
    return "out"
  end)
  lsandbox.step(0.01)
  local ok, out = coroutine.resume(thread)
  tap.is(triple(ok, out), "true out", "a foreign resume of a task that has yielded")
  tap.like(said, "^false.*only the loop", "cannot wait")
  tap.is(cancelled, false, "is not cancelled while it runs")
  ok = pcall(task.await, task, { timeout = 5 })
  tap.is(ok, false, "and the loop finds it dead")
end

-- A task ran in the same turn of the loop in which it was made, so tasks that make tasks never let the main script, or
-- another source of the main context, have a turn.
do
  local n, stop = 0, false
  local function again()
    n = n + 1
    if not stop then lsandbox.task(again) end
  end
  lsandbox.task(again)
  lsandbox.sleep(0.02)
  stop = true
  lsandbox.sleep(0)
  tap.ok(n > 1, "tasks that make tasks leave the main script its turn", n)
end

-- The result of lua_resetthread() was dropped, and with it the error that a __close handler raised while its task was
-- cancelled.
do
  local out = script [[
    local t = lsandbox.task(function()
      local x <close> = setmetatable({}, { __close = function() error "in the handler" end })
      lsandbox.sleep(1000)
    end)
    lsandbox.sleep(0)
    print(t:cancel())
    print(t:await())]]
  tap.like(out, "error in a task while it was closed: .*in the handler",
    "an error in __close of a cancelled task is reported")
  tap.like(out, "true\nnil\tthe task was cancelled\tcancelled\n0$", "and the task is cancelled")
  out = script [[
    local t = lsandbox.task(function()
      local x <close> = setmetatable({}, { __close = function() error "in the handler" end })
      error "the first"
    end)
    print(pcall(t.await, t))]]
  tap.like(out, "while it was closed: .*in the handler.*false\t[^\n]*the first",
    "and one of a failed task, beside the first error")
end

-- When Lua closes a state, it runs the finalisers of objects that a waiting task owns like all others, newest first. A
-- finaliser of a user that ran later and waited turned the loop, which looked at the freed objects and resumed the
-- task.
do
  local out = script [[
    guard = setmetatable({}, { __gc = function() lsandbox.sleep(0.3) print "guard" end })
    sb = assert(lsandbox.start { connect = uri })
    local function report(...) print("went on", ...) end
    lsandbox.task(function() report(sb:exec { "sleep", "0.1" }) end)
    lsandbox.task(function() report(sb:run { "sleep", "0.1" }) end)
    lsandbox.task(function() report(lsandbox.run { connect = uri, "true" }) end)
    lsandbox.task(function() report(lsandbox.start { connect = uri }) end)
    lsandbox.task(function() local p = sb:spawn { "sleep", "0.1", stdout = "pipe" } report(p.stdout:read "a") end)
    lsandbox.task(function() report(lsandbox.gather { function() lsandbox.sleep(0.1) end }) end)
    asked = lsandbox.task(function() report(sb:wait()) end)
    setmetatable({}, { __gc = function() print(asked:await()) end })
    lsandbox.step(0.01)]]
  tap.is(out, "nil\tthe task was cancelled\tcancelled\nguard\n0", "finalisers that wait while the state is closed")
end

-- While Lua closes a state, an object that a finaliser makes gets no finaliser of its own. A sandbox made there was
-- never ended, and its events went to the memory of a state that was gone.
do
  local out = script [[
    setmetatable({}, { __gc = function()
      late = assert(lsandbox.start { connect = uri, on = { stopped = function() end } })
      print(late:state())
    end })]]
  tap.is(out, "running\n0", "a sandbox made by a finaliser at the end")
end

-- 2000 sleeping tasks made every turn of the loop three times as slow, because each turn looked at all of them three
-- times.
do
  local function turns()
    local begun = os.clock()
    lsandbox.task(function() for _ = 1, 2000 do coroutine.yield() end end):await()
    return os.clock() - begun
  end
  turns()
  local alone, tasks = turns(), {}
  for i = 1, 2000 do tasks[i] = lsandbox.task(function() lsandbox.sleep(1000) end) end
  lsandbox.sleep(0)
  local beside = turns()
  for i = 1, 2000 do tasks[i]:cancel() end
  tap.ok(beside < 5 * alone + 0.01, "2000 sleepers cost the others nothing",
    ("%g s alone, %g s beside them"):format(alone, beside))
end

-- At the end of the stream, a numeral was taken for complete although more bytes had come together with that end. And
-- white space before a numeral was kept and scanned again from its start, so a guest could keep the host busy for
-- ever.
do
  local wrong = 0
  for _ = 1, 5 do
    local p <close> = assert(sb:spawn { "sh", "-c", "head -c 8000000 /dev/zero | tr '\\0' ' '; echo 42",
      stdout = "pipe" })
    if p.stdout:read "n" ~= 42 then wrong = wrong + 1 end
  end
  tap.is(wrong, 0, "a numeral behind 8 MB of white space, at the end of the stream")
end

sb:close()
collectgarbage()
tap.done()
