-- Every waiting operation in a task, with the task's stack filled in every way. What an operation gives in the main
-- script, where nothing yields, is what it has to give in a task.
--
-- Root cause: a wait in a task leaves a to-be-closed userdata on the coroutine's stack, and its continuation popped it
-- by lua_pop(). lua_settop() of Lua 5.4.3 and 5.4.4 keeps a pointer into the stack while such a value is closed
-- (lua.org/bugs.html, 5.4.4, bug 5). The call of __close moves the stack when the stack has to grow, which depends on
-- how full the stack is; the operation then worked on freed memory.
local tap = require "tap"
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

-- Lua's stack starts with 40 slots, doubles when it is full, and every C function wants 20 to be free.
local MOST_FILLED <const> = tonumber(os.getenv "LSANDBOX_FILLED") or 140

local uri = "lxc:///"
local sb <close> = assert(lsandbox.start { connect = uri })
local shown = helpers.shown
local dir = host.run_dir()

local function cat(input)
  local p = assert(sb:spawn { "cat", stdin = "pipe", stdout = "pipe" })
  if input then p.stdin:write(input) p.stdin:close() end
  return p
end

-- Input that comes a moment later, so that the read has to wait.
local function late(script) return assert(sb:spawn { "sh", "-c", "sleep 0.001; " .. script, stdout = "pipe" }) end

local function reads(output, ...)
  local p <close> = late(output)
  return p.stdout:read(...)
end

-- Each operation yields, so that the loop resumes it on the stack that it left. No result differs from run to run.
local operations = {
  sleep = function() return lsandbox.sleep(0) end,
  ["sleep, results behind"] = function() return select("#", lsandbox.sleep(0)), "behind" end,
  await = function() return lsandbox.task(function() lsandbox.sleep(0) return 1, 2, 3 end):await() end,
  ["await with a time-out"] = function()
    local t <close> = lsandbox.task(function() lsandbox.sleep(1000) end)
    return t:await { timeout = 0 }
  end,
  ["await of an error"] = function()
    local t = lsandbox.task(function() lsandbox.sleep(0) error("on purpose", 0) end)
    return pcall(t.await, t)
  end,
  gather = function()
    local r = lsandbox.gather { function() lsandbox.sleep(0) return "a" end, function() return "b" end, limit = 1 }
    return #r, r[1][1], r[2][1]
  end,
  exec = function() return sb:exec { "sh", "-c", "exit 3", stdout = "null" } end,
  run = function()
    local r = assert(sb:run { "echo", "out" })
    return r.stdout, r.status
  end,
  ["run with a time-out"] = function() return assert(sb:run { "sleep", "1000", timeout = 0.001 }).limit end,
  ["spawn, pid and wait"] = function()
    local p <close> = assert(sb:spawn { "true" })
    return p:pid() > 0, p:wait()
  end,
  ["wait with a time-out"] = function()
    local p <close> = assert(sb:spawn { "sleep", "1000" })
    return p:wait { timeout = 0 }
  end,
  ["read a line"] = function() return reads("echo one", "l") end,
  ["read a line with its newline"] = function() return reads("echo one", "L") end,
  ["read a number"] = function() return reads("echo 42", "n") end,
  ["read bytes"] = function() return reads("echo twelve bytes", 6) end,
  ["read all"] = function() return reads("echo one; sleep 0.001; echo two", "a") end,
  ["read in four formats"] = function()
    return reads("echo 1 x; sleep 0.001; echo second; echo rest", "n", "l", "L", "a")
  end,
  ["read at the end"] = function() return reads("true", "l") end,
  lines = function()
    local p <close>, all = late("echo 1; sleep 0.001; echo 2; echo 3"), {}
    for line in p.stdout:lines() do all[#all + 1] = line end
    return table.concat(all, ",")
  end,
  ["write and flush"] = function()
    local p <close> = cat()
    assert(p.stdin:setvbuf "full")
    assert(p.stdin:write("in", 1))
    assert(p.stdin:flush())
    p.stdin:close()
    return p.stdout:read "a"
  end,
  ["write more than is taken"] = function()
    local p <close> = assert(sb:spawn { "wc", "-c", stdin = "pipe", stdout = "pipe" })
    assert(p.stdin:write(("x"):rep(1500000)))
    p.stdin:close()
    return p.stdout:read "n"
  end,
  ["write to nobody"] = function()
    local p <close> = assert(sb:spawn { "true", stdin = "pipe" })
    p:wait()
    return select("#", p.stdin:write "x")
  end,
  ["files: write and read"] = function() return sb:write(dir .. "-file", "content"), sb:read(dir .. "-file") end,
  ["files: stat"] = function() return assert(sb:stat("/etc/passwd")).type end,
  ["files: list"] = function() return #assert(sb:list("/etc")) > 0 end,
  ["files: none"] = function() return select(3, sb:read "/no/such/file") end,
  ["files: mkdir and remove"] = function() return sb:mkdir(dir .. "-dir"), sb:remove(dir .. "-dir") end,
  ["files: push and pull"] = function()
    local pushed = { sb:push("/etc/hostname", dir .. "-pushed") }
    local pulled = { sb:pull(dir .. "-pushed", dir .. "-pulled") }
    os.remove(dir .. "-pulled")
    return #pushed, pushed[1] and true, #pulled, pulled[1] and true, sb:remove(dir .. "-pushed")
  end,
  watch = function()
    local w <close> = assert(sb:watch(dir .. "-watched"))
    assert(sb:write(dir .. "-watched/x", "1"))
    return type(w:read { timeout = 10 })
  end,
  ["watch with a time-out"] = function()
    local w <close> = assert(sb:watch(dir .. "-watched"))
    return w:read { timeout = 0.001 }
  end,
  ["start, stop, wait"] = function()
    local one <close> = assert(lsandbox.start { connect = uri })
    return one:exec { "true" }, one:stop { timeout = 10 }, one:wait()
  end,
  ["start and destroy"] = function()
    local one <close> = assert(lsandbox.start { connect = uri })
    return one:destroy(), one:state()
  end,
  ["run in a sandbox of its own"] = function() return assert(lsandbox.run { "echo", "out", connect = uri }).stdout end,
  ["save that cannot be"] = function() return select(3, sb:save(dir .. "-saved")) end,
  ["fork that cannot be"] = function() return select(3, sb:fork(2)) end,
  ["restore of nothing"] = function() return select(3, lsandbox.restore(dir .. "-no-such")) end,
  ["take from a pool"] = function()
    local pool <close> = assert(lsandbox.pool { connect = uri, size = 1 })
    local one <close> = assert(pool:take())
    -- not `return one:exec ...`: 5.4.3 returns too many values when a __close yields behind those of a call
    local state, _, how, status = one:state(), one:exec { "true" }
    return state, how, status
  end,
}
-- The results of OPERATION in a task, in a function with N arguments, as text. A wrong stack gives another value, an
-- error or a crash.
local function filled(n, operation)
  local function body(...) return (function(_, ...) return ... end)(select("#", ...), operation()) end
  local values = {}
  for i = 1, n do values[i] = i end
  local t = lsandbox.task(body, table.unpack(values))
  return shown(pcall(t.await, t))
end

assert(sb:mkdir(dir .. "-watched"))
local names = {}
for name in pairs(operations) do names[#names + 1] = name end
table.sort(names)
local dear = { start = true, run = true, take = true } -- each starts a process, so only some of the fills
for _, name in ipairs(names) do
  local expected, wrong = shown(pcall(operations[name])), {}
  local step = dear[name:match "^%a+"] and 3 or 1
  for n = 1, MOST_FILLED, step do
    local got = filled(n, operations[name])
    if got ~= expected then wrong[#wrong + 1] = ("%d: %s"):format(n, got:sub(1, 200)) end
  end
  local title = name .. ", in a task however full its stack is"
  tap.ok(#wrong == 0, title, "expected: " .. expected, table.unpack(wrong, 1, 5))
end

sb:remove(dir .. "-watched", { recursive = true })
sb:remove(dir .. "-file")
collectgarbage()
tap.done()
