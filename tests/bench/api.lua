-- The Lua API beside its floors, on one kind of sandbox: api.lua URI KIND JSON [CASE...]. Prints the table's rows,
-- and adds them as JSON objects, one a line, to the file JSON. CASE: a pattern; only cases that match one are run.
-- Wants the host module (host.c) and lsandbox in LUA_CPATH. Runs of a case and of its floor are interleaved.
local lsandbox = require "lsandbox"
local host = require "host"
local uri, kind, json = arg[1], arg[2], arg[3]
local machine = kind == "machine"
local accel = machine and "tcg" or nil -- the goals are for a host without KVM
local RUNS = tonumber(os.getenv("RUNS") or 5)
local MiB = 64                       -- of the large file
local FILES, FILE = 1000, 4096       -- of the tree
local TOGETHER = machine and 8 or 100

local function median(values)
  local sorted = table.move(values, 1, #values, 1, {})
  table.sort(sorted)
  return sorted[(#sorted + 1) // 2]
end

local function wanted(name)
  for i = 4, #arg do
    if name:find(arg[i]) then return true end
  end
  return #arg < 4
end

local out = json and assert(io.open(json, "a"))

local function list(values)
  local texts = {}
  for i, value in ipairs(values) do texts[i] = ("%.6g"):format(value) end
  return "[" .. table.concat(texts, ", ") .. "]"
end

local function report(case, values, floors)
  local value, floor = median(values), #floors > 0 and median(floors)
  local beside = floor and ("%s %.4g"):format(case.beside, floor) or "-"
  local goal = case.goal and ("goal: at %s %g %s%s"):format(case.rate and "least" or "most", case.goal, case.unit,
    (case.rate and value < case.goal or not case.rate and value > case.goal) and " - MISSED" or "") or ""
  print(("%-48s %9.4g %-5s x%-2d  %-34s %s"):format(kind .. ": " .. case[1], value, case.unit, #values, beside, goal))
  io.stdout:flush()
  if not out then return end
  out:write(('{"kind": "%s", "case": "%s", "unit": "%s", "median": %.6g, "runs": %s'):format(
    kind, case[1], case.unit, value, list(values)))
  if floor then out:write((', "beside": "%s", "floor": %.6g, "floor_runs": %s'):format(case.beside, floor, list(floors))) end
  if case.goal then out:write((', "goal": %g'):format(case.goal)) end
  out:write("}\n")
  out:flush()
end

-- case: name, unit, goal, rate = whether more is better, run, beside and floor (functions of the run's number, which return
-- the figure), runs
local function measure(case)
  if not wanted(case[1]) then return end
  local values, floors = {}, {}
  for i = 1, case.runs or RUNS do
    if case.floor then floors[i] = case.floor(i) end
    values[i] = case.run(i)
  end
  report(case, values, floors)
end

local function timed(fn, ...)
  local begun = host.now()
  assert(fn(...))
  return host.now() - begun
end

local function rate(fn, ...) return MiB * 1.048576 / timed(fn, ...) end
local function files_rate(fn, ...) return FILES / timed(fn, ...) end

local function shell(command) return assert(os.execute(command)) end

local function line_of(command)
  local p <close> = assert(io.popen(command))
  return assert(p:read("l"))
end

-- --- without a sandbox ---------------------------------------------------------------------------------

local function validating()
  local N = 1000
  measure { "lsandbox.new", unit = "us", goal = 100, run = function()
    return timed(function()
      for _ = 1, N do
        lsandbox.new { "true", connect = uri, memory = "256M", env = { A = "1" },
          mounts = { { type = "ram", target = "/scratch", size = "64M" } } }
      end
      return true
    end) / N * 1e6
  end }
end

local function switching()
  local N = 20000
  local function two(body)
    return timed(lsandbox.gather, { body, body }) / (2 * N) * 1e6
  end
  measure { "switch of two tasks by sleep(0)", unit = "us", beside = "coroutine.resume", run = function()
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

-- --- in one that runs ----------------------------------------------------------------------------------

local function executing(sb)
  local N = machine and 10 or 50
  local path = "/bin/true"
  assert(sb:exec { path })
  measure { "exec of true", unit = "ms", goal = machine and 80 or 3, beside = "fork+exec on the host",
    run = function()
    return timed(function()
      for _ = 1, N do assert(sb:exec { path, stdin = "null" }) end
      return true
    end) / N * 1e3
  end, floor = function() return host.exec(path, N) / N * 1e3 end }
  local loop = ("i=0; while [ $i -lt %d ]; do %s; i=$((i + 1)); done"):format(N, path)
  measure { "true, by exec of a shell's loop inside", unit = "ms", run = function()
    return timed(sb.exec, sb, { "sh", "-c", loop, stdin = "null" }) / N * 1e3
  end }
end

local function echo(p, n)
  return timed(function()
    for _ = 1, n do
      assert(p.stdin:write("x"))
      assert(p.stdout:read(1) == "x")
    end
    return true
  end) / n * 1e3
end

local function echoing(sb)
  local N = machine and 300 or 2000
  local path = "/bin/cat"
  local p <close> = assert(sb:spawn { path, stdin = "pipe", stdout = "pipe" })
  echo(p, 10)
  measure { "echo of 1 byte through cat", unit = "ms", goal = machine and 1 or 0.2, beside = "cat on a socketpair",
    run = function() return echo(p, N) end,
    floor = function() return host.echo(path, N) / N * 1e3 end }
  local tasks = {}
  measure { "echo, 1,000 tasks waiting", unit = "ms", beside = "none waiting",
    floor = function() return echo(p, N) end,
    run = function()
      for i = 1, 1000 do tasks[i] = lsandbox.task(lsandbox.sleep, 3600) end
      lsandbox.sleep(0)
      local seconds = echo(p, N)
      for _, task in ipairs(tasks) do task:cancel() end
      return seconds
    end }
end

-- A program on the host whose stdin or stdout is one of the sandbox's program.
local function through(sb, command, mode, program)
  local p <close> = assert(io.popen(command, mode))
  program[mode == "r" and "stdin" or "stdout"] = p
  program.stderr = "inherit"
  local running <close> = assert(sb:spawn(program))
  return running:wait()
end

local function copying(sb, dir)
  local big, back, tree = dir .. "/big", dir .. "/back", dir .. "/tree"
  local goal = machine and 50 or 150
  local function copy() return rate(shell, "cp " .. big .. " " .. dir .. "/copy") end
  measure { "push, 64 MiB", unit = "MB/s", goal = goal, rate = true, beside = "cp", floor = copy,
    run = function() return rate(sb.push, sb, big, "/scratch/big") end }
  assert(sb:push(big, "/scratch/big"))
  local function pull() return rate(sb.pull, sb, "/scratch/big", back) end
  measure { "pull, 64 MiB", unit = "MB/s", goal = goal, rate = true, beside = "cp", floor = copy, run = pull }
  local data = ("x"):rep(MiB << 20)
  measure { "write, 64 MiB", unit = "MB/s", rate = true, beside = "push",
    run = function() return rate(sb.write, sb, "/scratch/written", data) end,
    floor = function() return rate(sb.push, sb, big, "/scratch/pushed") end }
  measure { "read, 64 MiB", unit = "MB/s", rate = true, beside = "pull", floor = pull, run = function()
    collectgarbage()
    return rate(sb.read, sb, "/scratch/big")
  end }
  measure { "a copy of a 64 MiB string in Lua", unit = "MB/s", rate = true, run = function()
    collectgarbage()
    return rate(function() return data .. "y" end)
  end }
  if wanted("pull, 64 MiB") then shell("cmp " .. big .. " " .. back) end
  assert(sb:remove("/scratch/big"))
  measure { "push, 1,000 files", unit = "/s", rate = true, beside = "tar c | tar x",
    run = function(i) return files_rate(sb.push, sb, tree, "/scratch/pushed-" .. i) end,
    floor = function(i)
      assert(sb:mkdir("/scratch/tar-" .. i))
      return files_rate(through, sb, "tar c -C " .. tree .. " .", "r", { "tar", "x", "-C", "/scratch/tar-" .. i })
    end }
  assert(sb:push(tree, "/scratch/tree"))
  measure { "pull, 1,000 files", unit = "/s", rate = true, beside = "tar c | tar x",
    run = function(i) return files_rate(sb.pull, sb, "/scratch/tree", dir .. "/pulled-" .. i) end,
    floor = function(i)
      local target = dir .. "/tar-" .. i
      shell("mkdir " .. target)
      return files_rate(through, sb, "tar x -C " .. target, "w", { "tar", "c", "-C", "/scratch/tree", "." })
    end }
end

-- --- many ----------------------------------------------------------------------------------------------

local function one()
  local sb <close> = assert(lsandbox.start { connect = uri, accel = accel, boot_timeout = 300 })
  assert(sb:exec { "true", stdin = "null" })
end

local function together()
  local jobs = {}
  for i = 1, TOGETHER do jobs[i] = one end
  measure { ("%d at once"):format(TOGETHER), unit = "s", beside = "one after the other", runs = 1,
    run = function() return timed(lsandbox.gather, jobs) end,
    floor = function()
      return timed(function()
        for _ = 1, TOGETHER do one() end
        return true
      end)
    end }
end

validating()
switching()
do
  local dir = line_of("mktemp -d")
  local passed, why = pcall(function()
    shell(([[cd %s && head -c %d /dev/urandom > big && mkdir tree && cd tree && i=0
      while [ $i -lt %d ]; do head -c %d ../big > $i; i=$((i + 1)); done]]):format(dir, MiB << 20, FILES, FILE))
    local sb <close> = assert(lsandbox.start { connect = uri, accel = accel, memory = "768M",
      mounts = { { type = "ram", target = "/scratch", size = "400M" } } })
    executing(sb)
    echoing(sb)
    copying(sb, dir)
  end)
  os.execute("rm -rf " .. dir)
  assert(passed, why)
end
together()
if out then out:close() end
