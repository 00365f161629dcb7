-- The memory of an idle machine of 256 MiB, in MB of PSS (proc(5), smaps_rollup: a shared page is divided among the
-- processes that share it): lsandbox, QEMU and the keeper together, once a shell inside has reported and waits. Plain
-- Lua runs this file, because a driver that mapped lsandbox and libvirt itself would take over a part of their pages.
local measure = require "measure"
local process = require "process"
local qemu = require "qemu"
local templates = require "templates"
local LIMIT = 120
local TOGETHER = 8

local function pss(pid)
  local f <close> = io.open(("/proc/%d/smaps_rollup"):format(pid))
  local text = f and f:read("a") or ""
  return tonumber(text:match("\nPss:%s*(%d+) kB") or 0) * 1024 / 1e6
end

local function command_line(pid)
  local f <close> = io.open(("/proc/%s/cmdline"):format(pid))
  return f and f:read("a") or ""
end

-- Every process whose command line contains TEXT: pid -> command line.
local function processes_with(text)
  local found = {}
  local p <close> = assert(io.popen("ls /proc"))
  for name in p:lines() do
    local line = name:find("^%d+$") and command_line(name)
    if line and line:find(text, 1, true) then found[tonumber(name)] = line end
  end
  return found
end

-- QEMU's command line has the sandbox's name and a file in the directory that it shares with the keeper.
local function processes_of(name, lsandbox)
  local mine, dir = { [lsandbox] = "" }, nil
  for pid, line in pairs(processes_with(name)) do
    mine[pid] = line
    dir = dir or line:match('"file":"(/[^"]-)/e/lib/')
  end
  assert(dir, "no QEMU of the name " .. name)
  for pid, line in pairs(processes_with(dir)) do mine[pid] = line end
  return mine
end

-- The memory of the processes of a command that gets NAME after "--name" and prints "up".
local function memory_of(argv, name)
  local input, stdin = process.pair()
  local output, stdout = process.pair()
  local pid = process.spawn(argv, { stdin = stdin, stdout = stdout })
  process.close(stdin)
  process.close(stdout)
  local line, why = process.line(output, LIMIT)
  local passed, mine = pcall(processes_of, name, pid)
  local total, n = 0, 0
  for each in pairs(passed and mine or {}) do
    total, n = total + pss(each), n + 1
  end
  process.close(input)
  process.close(output)
  assert(process.wait(pid, LIMIT), "lsandbox did not end")
  assert(line == "up", why or line)
  assert(passed, mine)
  assert(n >= 3, "lsandbox, QEMU and keeper are three")
  return total
end

local function new_name() return "lsandbox-bench-" .. math.random(0, 1 << 30) end

local function wait_with(argv)
  local name = new_name()
  return memory_of(table.move({ "--name", name, "--no-tty", "--", "sh", "-c", "echo up; read line" }, 1, 7, #argv + 1,
    argv), name)
end

local function floor()
  qemu.prepare()
  local it <close> = qemu.resume()
  it:continue()
  it:run("/bin/sh", "-c", "true")
  return pss(it.pid)
end

local function floor_of_many()
  local all <close> = setmetatable({}, { __close = function(all) for _, it in ipairs(all) do it:close() end end })
  local total = 0
  qemu.prepare()
  for i = 1, TOGETHER do
    all[i] = qemu.resume()
    all[i]:continue()
    all[i]:run("/bin/sh", "-c", "true")
  end
  for _, it in ipairs(all) do total = total + pss(it.pid) end
  return total / TOGETHER
end

local function many()
  local name = new_name()
  templates.make()
  return memory_of({ "build/lsandbox", "tests/bench/idle_many.lua", name, tostring(TOGETHER) }, name) / TOGETHER
end

local function from_template()
  templates.make()
  return wait_with { templates.command() }
end

measure.group(measure.RUNS, {
  { name = "machine: plain QEMU, idle", unit = "MB", run = floor },
  { name = "machine: idle, template", unit = "MB", floor = "machine: plain QEMU, idle", goal = 50, panel = "memory",
    label = "from a template", missing = templates.missing, run = from_template },
  { name = "machine: idle, cold", unit = "MB", floor = "machine: plain QEMU, idle", panel = "memory", label = "cold",
    run = function() return wait_with { templates.cold() } end },
  { name = "machine: plain QEMU, each of 8 idle", unit = "MB", run = floor_of_many },
  { name = "machine: each of 8 idle, one process", unit = "MB", floor = "machine: plain QEMU, each of 8 idle",
    panel = "memory", label = "each of 8", missing = templates.missing, run = many },
})
measure.published { name = "machine: idle, virt-sandbox 0.8.0", unit = "MB", median = 262, panel = "memory",
  label = "virt-sandbox 0.8.0", published = "earlier: QEMU alone, resident, 512 MiB" }
