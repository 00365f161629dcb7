-- The Lua API beside its floors: checking a recipe, switching tasks, programs, an echo, many at once. api.lua URI
local lsandbox = require "lsandbox"
local host = require "native"
local kind = require "kind"
local machine, measure, timed = kind.machine, kind.measure, kind.timed
local TOGETHER = machine and 8 or 100
local TASKS = 1000

local function validate()
  local N = 1000
  measure { name = "lsandbox.new", unit = "us", goal = 100, run = function()
    return timed(function()
      for _ = 1, N do
        lsandbox.new { "true", connect = kind.uri, memory = "256M", env = { A = "1" },
          mounts = { { type = "ram", target = "/scratch", size = "64M" } } }
      end
      return true
    end) / N * 1e6
  end }
end

local function switch()
  local N = 20000
  local function two(body) return timed(lsandbox.gather, { body, body }) / (2 * N) * 1e6 end
  measure { name = "switch of two tasks by sleep(0)", unit = "us", beside = "coroutine.resume", run = function()
    return two(function()
      for _ = 1, N do lsandbox.sleep(0) end
    end)
  end, floor = function()
    local co = coroutine.wrap(function()
      while true do coroutine.yield() end
    end)
    return timed(function()
      for _ = 1, N do co() end
      return true
    end) / N * 1e6
  end }
end

local function exec(sandbox)
  local N = machine and 10 or 50
  local path = "/bin/true"
  measure { name = "exec of true", unit = "ms", goal = machine and 80 or 3, beside = "fork+exec on the host",
    run = function()
      local sb = sandbox()
      return timed(function()
        for _ = 1, N do assert(sb:exec { path, stdin = "null" }) end
        return true
      end) / N * 1e3
    end, floor = function() return host.exec(path, N) / N * 1e3 end }
  local loop = ("i=0; while [ $i -lt %d ]; do %s; i=$((i + 1)); done"):format(N, path)
  measure { name = "true, by exec of a shell's loop inside", unit = "ms", run = function()
    local sb = sandbox()
    return timed(sb.exec, sb, { "sh", "-c", loop, stdin = "null" }) / N * 1e3
  end }
end

-- Milliseconds for one byte to P and back, the mean of N.
local function echo_through(p, n)
  return timed(function()
    for _ = 1, n do
      assert(p.stdin:write("x"))
      assert(p.stdout:read(1) == "x")
    end
    return true
  end) / n * 1e3
end

local function with_waiting_tasks(fn)
  local tasks = {}
  for i = 1, TASKS do tasks[i] = lsandbox.task(lsandbox.sleep, 3600) end
  lsandbox.sleep(0)
  local result = fn()
  for _, task in ipairs(tasks) do task:cancel() end
  return result
end

local function echo(sandbox)
  local N = machine and 300 or 2000
  local path = "/bin/cat"
  local cat <close> = kind.lazily(function()
    local p = assert(sandbox():spawn { path, stdin = "pipe", stdout = "pipe" })
    echo_through(p, 10)
    return p
  end)
  local function once() return echo_through(cat(), N) end
  measure { name = "echo of 1 byte through cat", unit = "ms", goal = machine and 1 or 0.2,
    beside = "cat on a socketpair", run = once, floor = function() return host.echo(path, N) / N * 1e3 end }
  measure { name = "echo, 1,000 tasks waiting", unit = "ms", beside = "none waiting", floor = once,
    run = function() return with_waiting_tasks(once) end }
end

local function one()
  local sb <close> = assert(lsandbox.start { connect = kind.uri, accel = kind.accel, boot_timeout = 300 })
  assert(sb:exec { "true", stdin = "null" })
end

local function many()
  local jobs = {}
  for i = 1, TOGETHER do jobs[i] = one end
  measure { name = ("%d at once, of one process"):format(TOGETHER), unit = "s", beside = "one after the other",
    once = true, run = function() return timed(lsandbox.gather, jobs) end,
    floor = function()
      return timed(function()
        for _ = 1, TOGETHER do one() end
        return true
      end)
    end }
end

validate()
switch()
do
  local sandbox <close> = kind.lazily(function()
    local sb = assert(lsandbox.start { connect = kind.uri, accel = kind.accel })
    assert(sb:exec { "/bin/true" })
    return sb
  end)
  exec(sandbox)
  echo(sandbox)
end
many()
return 0
