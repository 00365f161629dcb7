-- Tasks, the loop and streams in a shared sandbox. A case gets (tap, sb, kind), as in cases.lua.
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local shown = helpers.shown

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

-- --- tasks -------------------------------------------------------------------------------------------

case("a task's results, again and again", function(t)
  local task = lsandbox.task(function(...) return select("#", ...), nil, ... end, "a", nil)
  t.is(task:status(), "waiting", "it starts with the next turn of the loop")
  t.is(shown(task:await()), "2 nil a nil", "arguments and results, nils too")
  t.is(shown(task:await()), "2 nil a nil", "to everybody who awaits it")
  t.is(task:status(), "done", "it is done")
  t.like(tostring(task), "^lsandbox%.task %(done%)", "tostring says so")
end)

case("programs in tasks run at once", function(t, sb)
  local order, tasks = {}, {}
  for i = 1, 3 do
    tasks[i] = lsandbox.task(function()
      local p <close> = assert(sb:spawn { "sh", "-c", "echo $0; read x; echo $x", tostring(i), stdin = "pipe",
        stdout = "pipe" })
      local number = p.stdout:read("n")
      order[#order + 1] = number
      for _ = 1, 3000 do -- all three run before the first goes on
        if #order == 3 then break end
        lsandbox.sleep(0.01)
      end
      p.stdin:write("bye", i, "\n")
      p.stdout:read("l")
      return p.stdout:read("l"), p:wait()
    end)
  end
  local results = lsandbox.gather(tasks)
  t.is(#order, 3, "each waited for the others to have started")
  for i = 1, 3 do t.is(shown(table.unpack(results[i], 1, results[i].n)), "bye" .. i .. " true exit 0", "task " .. i) end
end)

case("an error in a task reaches whoever awaits it, with its traceback", function(t)
  local function deep() error("from the deep") end
  local ok, message = pcall(function() lsandbox.task(function() deep() end):await() end)
  t.ok(not ok, "await raises")
  t.like(message, "tasks%.lua:%d+: from the deep\nstack traceback:.*deep", "message and the task's own traceback")
  local object = { code = 7 }
  local _, same = pcall(function() lsandbox.task(function() error(object) end):await() end)
  t.ok(same == object, "an error that is no string is itself")
  ok, message = pcall(lsandbox.gather,
    { function() lsandbox.sleep(0.01) return 1 end, function() error("one of two") end })
  t.ok(not ok and message:find("one of two"), "gather raises the first error", message)
end)

case("an error nobody awaits is reported", function(t)
  local script = host.run_dir() .. ".lua"
  local function report(body)
    host.write(script, 'local lsandbox = require "lsandbox"\n' .. body)
    local lua = os.getenv "LSANDBOX_LUA" or os.getenv "LUA" or "lua5.4"
    return host.capture(lua .. " " .. script .. " 2>&1")
  end
  local throw = "lsandbox.task(function() error('lost?') end) lsandbox.sleep(0)"
  t.like(report(throw), "nobody awaited: .*lost%?\nstack traceback", "at the end of the script")
  t.like(report(throw .. " collectgarbage() print('after')"), "lost%?.*after", "when it is collected")
  t.like(report(throw .. " os.exit(0)"), "lost%?", "at os.exit without closing the state")
  t.is(report("pcall(function() lsandbox.task(function() error('seen') end):await() end) print('quiet')"), "quiet\n",
    "and not when somebody did")
  os.remove(script)
end)

case("misuse of tasks", function(t)
  local function raises(pattern, fn, ...)
    local ok, message = pcall(fn, ...)
    t.ok(not ok and tostring(message):find(pattern), "raises: " .. pattern, message)
  end
  raises("function expected", lsandbox.task, 1)
  raises("gather%[2%]: expected a function or a task, got number", lsandbox.gather, { function() end, 2 })
  raises("gather.many: unknown key", lsandbox.gather, { many = 1 })
  raises("gather.limit: expected a number of tasks from 1", lsandbox.gather, { limit = 0 })
  raises("sleep: expected a number of seconds from 0, got %-1", lsandbox.sleep, -1)
  raises("sleep: expected a number of seconds from 0, got \"1\"", lsandbox.sleep, "1")
  raises("a task cannot await itself", function()
    local me
    me = lsandbox.task(function() return me:await() end)
    me:await()
  end)
  raises("circle", function()
    local a, b
    a = lsandbox.task(function() return b:await() end)
    b = lsandbox.task(function() return a:await() end)
    a:await()
  end)
  raises("await.timeot: unknown key; did you mean \"timeout\"%?",
    function() lsandbox.task(function() end):await { timeot = 1 } end)
  raises('await.timeout: expected a number of seconds from 0, got "1"',
    function() lsandbox.task(function() end):await { timeout = "1" } end)
  collectgarbage()
end)

case("await with a timeout, and cancel", function(t, sb)
  local closed = false
  local task = lsandbox.task(function()
    local _ <close> = setmetatable({}, { __close = function() closed = true end })
    return sb:exec { "sleep", "1000" }
  end)
  t.is(shown(task:await { timeout = 0.2 }), "nil the task still runs timeout", "it still runs")
  t.is(task:cancel(), true, "cancelled")
  t.ok(closed, "its to-be-closed variables are closed")
  t.is(task:cancel(), false, "once")
  t.is(shown(task:await()), "nil the task was cancelled cancelled", "and awaiting it says so")
  local r = assert(sb:run { "sh", "-c",
    "n=0; while pgrep -x sleep >/dev/null && [ $n -lt 200 ]; do n=$((n + 1)); sleep 0.05; done; echo $n" })
  t.ok((tonumber(r.stdout) or 200) < 200, "the program it was running is killed", r.stdout .. r.stderr)
  do
    local scoped <close> = lsandbox.task(function() lsandbox.sleep(1000) end)
    task = scoped
  end
  t.is(task:status(), "cancelled", "a task does not outlive its <close> block")
end)

case("inside a user's own coroutines", function(t, sb)
  local lines = coroutine.wrap(function()
    for i = 1, 3 do coroutine.yield(sb:run { "echo", tostring(i) }.stdout) end
  end)
  t.is(lines() .. lines() .. lines(), "1\n2\n3\n", "outside tasks")
  local results = lsandbox.gather {
    function()
      local inner = coroutine.wrap(function()
        for i = 1, 3 do coroutine.yield(sb:run { "echo", "a" .. i }.stdout) end
      end)
      return inner() .. inner() .. inner()
    end,
    function()
      local inner = coroutine.wrap(function() coroutine.yield(sb:run { "echo", "b" }.stdout) end)
      return inner()
    end,
  }
  t.is(results[1][1] .. results[2][1], "a1\na2\na3\nb\n", "inside two tasks")
  local task = lsandbox.task(function()
    coroutine.yield("to the loop")
    return "went on"
  end)
  t.is(task:await(), "went on", "a task's own yield lets others run")
  local thread
  task = lsandbox.task(function()
    thread = coroutine.running()
    lsandbox.sleep(1000)
  end)
  lsandbox.sleep(0)
  local _, _, message = coroutine.resume(thread)
  t.ok(tostring(message):find("only the loop") and task:status() == "waiting", "nobody else resumes a task that waits",
    message)
  task:cancel()
end)

case("waits where no coroutine can yield", function(t, sb)
  local task = lsandbox.task(function()
    local out
    local _ = (("x"):gsub("x", function() out = sb:run { "echo", "in gsub" }.stdout end))
    local list = { 2, 1 }
    table.sort(list, function(a, b) sb:exec { "true" } return a < b end)
    return out, list[1]
  end)
  t.is(shown(task:await()), "in gsub\n 1", "block, and do not break")
  t.ok(lsandbox.task(function() return pcall(sb.exec, sb, { "true" }) end):await(), "through pcall")
end)

case("gather's limit", function(t)
  local running, most, list = 0, 0, { limit = 2 }
  for i = 1, 6 do
    list[i] = function()
      running = running + 1
      most = math.max(most, running)
      lsandbox.sleep(0.01)
      running = running - 1
      return i
    end
  end
  local results = lsandbox.gather(list)
  t.is(most, 2, "no more than two at once")
  t.is(results[6][1], 6, "and all of them")
  t.is(#lsandbox.gather {}, 0, "nothing to gather")
end)

case("step and fds drive the loop from outside", function(t, sb)
  local p = assert(sb:spawn { "echo", "stepped", stdout = "pipe" })
  local got
  local task = lsandbox.task(function() got = p.stdout:read("a") end)
  local fds, due = lsandbox.fds()
  t.ok(#fds > 0 and math.type(fds[1].fd) == "integer" and fds[1].events:find("^[rw]"), "descriptors to watch")
  t.ok(due == nil or due >= 0, "and for how long")
  for _ = 1, 1000 do
    if task:status() == "done" then break end
    lsandbox.step(1)
  end
  t.is(got, "stepped\n", "steps are enough to run everything")
  p:close()
  local happened = true
  for _ = 1, 100 do happened = happened and lsandbox.step(0.01) end -- until all that the close has caused is over
  t.is(happened, false, "a step in which nothing happens says so")
  local ok, message = pcall(function() lsandbox.task(function() lsandbox.step() end):await() end)
  t.ok(not ok and message:find("a task waits by sleep"), "not inside a task", message)
end)

-- --- streams -----------------------------------------------------------------------------------------

case("every format of file:read", function(t, sb)
  local p <close> = assert(sb:spawn { "printf", "  12 0x1p4 -3.5e1 .5.5 nine\\nline\\n\\nlast", stdout = "pipe" })
  local out = p.stdout
  t.is(shown(out:read("n", "n", "n", "n")), "12 16.0 -35.0 0.5", "numerals")
  t.is(shown(out:read("n", "n")), "0.5 nil", "and what is none")
  t.is(shown(out:read("L", "l", 0, "l")), "nine\n line  ", "several at once")
  t.is(shown(out:read(100)), "last", "fewer bytes than asked for")
  t.is(shown(out:read(0)), "nil", "the end, by 0")
  t.is(shown(out:read("a", "l")), " nil", "all of nothing, and nothing")
  t.like(select(2, pcall(out.read, out, "x")), "invalid format", "a format that is none raises")
  t.like(select(2, pcall(out.read, out, -1)), "number of bytes from 0", "as does a negative count")
end)

-- The reader checked whether a numeral was complete before it took over what the program had sent. When the stream's
-- end had arrived as well, a numeral of no bytes counted as complete, and the first read returned nil.
case("a numeral of a program that has ended", function(t, sb)
  local p <close> = assert(sb:spawn { "printf", "12 13", stdout = "pipe" })
  p:wait()
  t.is(shown(p.stdout:read("n", "n", "n")), "12 13 nil", "its numbers are read")
end)

case("lines with formats", function(t, sb)
  local p <close> = assert(sb:spawn { "printf", "1 2\\n3 4\\n", stdout = "pipe" })
  local sum = 0
  for a, b in p.stdout:lines("n", "n") do sum = sum + a * b end
  t.is(sum, 14, "pairs of numbers")
  local q <close> = assert(sb:spawn { "printf", "a\\nb", stdout = "pipe" })
  local all = {}
  for line in q.stdout:lines("L") do all[#all + 1] = line end
  t.is(table.concat(all, "|"), "a\n|b", "lines with their ends")
end)

case("a read that was given up loses nothing", function(t, sb)
  local p <close> = assert(sb:spawn { "cat", stdin = "pipe", stdout = "pipe" })
  p.stdin:write("half")
  local reader = lsandbox.task(function() return p.stdout:read("l") end)
  t.is(select(3, reader:await { timeout = 0.3 }), "timeout", "no line yet")
  reader:cancel()
  p.stdin:write(" and half\n")
  t.is(p.stdout:read("l"), "half and half", "the next read gets it all")
end)

case("setvbuf and flush", function(t, sb)
  local p <close> = assert(sb:spawn { "cat", stdin = "pipe", stdout = "pipe" })
  t.is(p.stdin:setvbuf("full", 8), true, "full")
  p.stdin:write("1234")
  local early = lsandbox.task(function() return p.stdout:read(1) end)
  t.is(select(3, early:await { timeout = 0.3 }), "timeout", "held back")
  t.ok(p.stdin:flush() == p.stdin, "flush returns the stream")
  t.is(early:await() .. p.stdout:read(3), "1234", "and sends")
  p.stdin:write("12345678")
  t.is(p.stdout:read(8), "12345678", "a full buffer is sent")
  p.stdin:setvbuf("line")
  p.stdin:write("a", 1, 2.5, "\n")
  t.is(p.stdout:read(), "a12.5", "a line is sent; numbers are written as io does")
  p.stdin:setvbuf("full")
  p.stdin:write("rest")
  p.stdin:close()
  t.is(p.stdout:read("a"), "rest", "close sends the rest")
  t.like(select(2, pcall(p.stdout.setvbuf, p.stdout, "no")), "stdout is for reading", "not for what is read")
end)

case("streams that are no pipes are nil", function(t, sb)
  local p <close> = assert(sb:spawn { "true", stdout = "pipe", stdin = "null" })
  t.is(shown(p.stdin, p.stderr), "nil nil", "nothing to write, nothing to read")
  t.like(tostring(p.stdout), "^lsandbox%.stream %(stdout%)", "a stream says what it is")
  p.stdout:close()
  t.like(tostring(p.stdout), "closed", "or was")
  t.ok(p.stdout:close(), "closing it twice is harmless")
  t.like(select(2, pcall(p.stdout.read, p.stdout)), "closed", "reading it raises")
end)

case("objects closed while a task waits on them", function(t, sb)
  local p = assert(sb:spawn { "sleep", "1000", stdin = "pipe", stdout = "pipe" })
  local reads = lsandbox.task(function() return pcall(p.stdout.read, p.stdout) end)
  local waits = lsandbox.task(function() return pcall(p.wait, p) end)
  local writes = lsandbox.task(function() return pcall(p.stdin.write, p.stdin, ("x"):rep(4 * 1024 * 1024)) end)
  lsandbox.sleep(0.1)
  p.stdin:close()
  p.stdout:close()
  p:close()
  t.like(shown(reads:await()), "false .*closed", "a reader is told")
  t.like(shown(waits:await()), "false .*closed", "a waiter is told")
  t.like(shown(writes:await()), "closed", "a writer is told")
end)

case("kill by every name", function(t, sb)
  for _, name in ipairs { "USR2", "SIGRTMIN", "SIGALRM", "HUP" } do
    local p <close> = assert(sb:spawn { "sleep", "1000" })
    if p:pid() and pcall(p.kill, p, name) then
      local _, how, number = p:wait()
      t.is(how .. " " .. tostring(number > 0), "signal true", name)
    else
      t.is(name, "SIGRTMIN", "only the real-time ones have no fixed name")
      p:kill(34)
    end
  end
  local p <close> = assert(sb:spawn { "true" })
  t.like(select(2, pcall(p.kill, p, "NOSUCH")), 'unknown signal "NOSUCH"', "no such signal")
  t.like(select(2, pcall(p.kill, p, 0)), "from 1 to 64", "no such number")
end)

return cases
