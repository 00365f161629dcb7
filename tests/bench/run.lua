-- Measure commands: a process from its start to its end, with stdin at /dev/null.
local host = require "native"
local process = require "process"
local run = {}
local LIMIT = 300 -- seconds after which a command has failed
local work = os.getenv "BENCH_WORK"

local function start(argv, standard)
  standard.stderr = assert(process.open(work .. "/log", "w"))
  local pid = process.spawn(argv, standard)
  process.close(standard.stderr)
  return pid
end

local function check(argv, pid)
  local status, why = process.wait(pid, LIMIT)
  if status == 0 then return end
  local log = io.open(work .. "/log"):read("a"):match("([^\n]*)\n*$")
  error(("%s: %s: %s"):format(table.concat(argv, " "), status and "status " .. status or why, log), 0)
end

--- Seconds that the command takes; raises when it fails.
function run.seconds(...)
  local argv = { ... }
  local begun = host.now()
  check(argv, start(argv, {}))
  return host.now() - begun
end

--- Seconds until N instances of the command, started one after the other, have all ended.
function run.together(n, ...)
  local argv, pids = { ... }, {}
  local begun = host.now()
  for i = 1, n do pids[i] = start(argv, {}) end
  for i = 1, n do check(argv, pids[i]) end
  return host.now() - begun
end

--- The first number that the command prints.
function run.figure(...)
  local argv = { ... }
  local reading, writing = process.pair()
  local pid = start(argv, { stdout = writing })
  process.close(writing)
  local line, why = process.line(reading, LIMIT)
  process.close(reading)
  check(argv, pid)
  return assert(tonumber(line), why or line)
end

--- Whether the host has a command of this name.
function run.has(name) return os.execute("command -v " .. name .. " > /dev/null 2>&1") == true end

local function output(command)
  local p = assert(io.popen(command))
  local text = p:read("a")
  p:close()
  return text
end

--- Whether `lsandbox run` knows the option.
function run.knows(option) return output("build/lsandbox run --help"):find(option, 1, true) ~= nil end

--- Why there is no pool to measure; nil where there is.
function run.no_pool() return output("build/lsandbox tests/bench/pool.lua") ~= "pool\n" and "not built" or nil end

return run
