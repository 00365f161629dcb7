-- Programs in a running machine, beside plain QEMU with the same 9p root. Each round has a fresh machine of either
-- kind, both from a template where there is one. "first" is a program's first run in the machine: the guest's caches
-- are empty, and the emulator's have only what ran before. "again" is the next run. build/lsandbox runs this file.
local lsandbox = require "lsandbox"
local host = require "native"
local measure = require "measure"
local qemu = require "qemu"
local templates = require "templates"
local files = os.getenv "BENCH_FILES"
local FILES, MiB = 7000, 64

local all = {
  { "perl -e 1", "/usr/bin/perl", "-e", "1" },
  { "python3 -c pass", "/usr/bin/python3", "-c", "pass" },
  { "walk of 7,000 files", "/usr/bin/find", files .. "/tree", "-type", "f", "-size", "+1M" },
  { "read of 64 MiB", "/bin/dd", "if=" .. files .. "/big", "of=/dev/null", "bs=1M" },
}

local commands = {}
for _, command in ipairs(all) do
  if io.open(command[2]) then commands[#commands + 1] = command end
end

-- The files that the programs read: world-readable, because nobody reads them in a machine.
local function make_files()
  assert(os.execute(([[
    umask 022
    mkdir -p %s/tree && cd %s && head -c %d /dev/urandom > big && cd tree &&
    seq %d | awk '{
      d = int($1 / 100)
      if (!(d in made)) { made[d]; system("mkdir " d) }
      f = d "/" $1
      print $1 > f
      close(f)
    }']]):format(files, files, MiB << 20, FILES)))
end

local function timed(fn)
  local begun = host.now()
  fn()
  return host.now() - begun
end

-- Run each command twice in one machine, by RUN: two figures for each command.
local function round(run)
  local figures = {}
  for _, time in ipairs { "first", "again" } do
    for _, command in ipairs(commands) do
      figures[command[1] .. ", " .. time] = timed(function() run(table.unpack(command, 2)) end)
    end
  end
  return figures
end

local function cold_floor()
  local it = qemu.cold()
  assert(it:read() == "ready")
  return it
end

local function resumed_floor()
  qemu.prepare()
  local it = qemu.resume()
  it:continue()
  return it
end

local function floor_round()
  local it <close> = templates.missing() and cold_floor() or resumed_floor()
  it:mount()
  return round(function(...) it:run(...) end)
end

local function our_round()
  local recipe = { accel = "tcg", boot_timeout = 300 }
  if not templates.missing() then
    templates.make()
    recipe.template = "require"
  end
  local sb <close> = assert(lsandbox.start(recipe))
  return round(function(...)
    local program = { stdin = "null", stdout = "null", stderr = "null", ... }
    local passed, how, status = sb:exec(program)
    assert(passed, ("%s: %s %s"):format(program[1], how, status))
  end)
end

-- A round is measured when its first row asks for a figure, and the other rows take theirs from it.
local function once(make)
  local rounds = {}
  return function(name)
    return function(i)
      rounds[i] = rounds[i] or make()
      return rounds[i][name]
    end
  end
end

local rows, floor, ours = {}, once(floor_round), once(our_round)
for _, command in ipairs(commands) do
  for _, time in ipairs { "first", "again" } do
    local name = command[1] .. ", " .. time
    rows[#rows + 1] = { name = "machine: 9p of plain QEMU: " .. name, unit = "s", run = floor(name) }
    rows[#rows + 1] = { name = "machine: " .. name, unit = "s", floor = "machine: 9p of plain QEMU: " .. name,
      panel = "inside", label = name, run = ours(name) }
  end
end
if measure.any(rows) then make_files() end
measure.group(measure.RUNS, rows)
return 0
