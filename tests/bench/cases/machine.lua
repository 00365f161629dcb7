-- A machine, from the start of the command to its end, with /bin/true inside: cold, from a template, from a pool, and
-- eight at once. Beside each stands the same machine by plain QEMU (qemu.lua), and virt-sandbox.
local host = require "native"
local measure = require "measure"
local qemu = require "qemu"
local run = require "run"
local templates = require "templates"
local TOGETHER = 8

local function timed(fn)
  local begun = host.now()
  fn()
  return host.now() - begun
end

local function floor_cold()
  return timed(function()
    local it <close> = qemu.cold()
    it:send "/bin/true"
    assert(it:read() == "ready")
    assert(it:read() == "0")
  end)
end

local function resumed()
  local it = qemu.resume()
  it:continue()
  return it
end

local function floor_template()
  qemu.prepare()
  return timed(function()
    local it <close> = resumed()
    it:run "/bin/true"
  end)
end

-- A machine that waits in a pool has mounted its root and has never run a program.
local function floor_pool()
  qemu.prepare()
  local it <close> = resumed()
  it:mount()
  return timed(function() it:run "/bin/true" end)
end

local function floor_together()
  qemu.prepare()
  local all = {}
  return timed(function()
    for i = 1, TOGETHER do all[i] = qemu.resume() end
    for _, it in ipairs(all) do
      it:continue()
      it:send "/bin/true"
    end
    for _, it in ipairs(all) do
      assert(it:read() == "0")
      it:close()
    end
  end)
end

local function template()
  templates.make()
  return run.seconds(templates.command("--", "/bin/true"))
end

local function together()
  templates.make()
  return run.together(TOGETHER, templates.command("--", "/bin/true"))
end

local function pool() return run.figure("build/lsandbox", "tests/bench/pool.lua", "qemu:///embed") end

measure.published { name = "machine: /bin/false, virt-sandbox 0.8.0", unit = "s", median = 15, panel = "machine",
  label = "virt-sandbox 0.8.0", published = "earlier, on the same hardware" }
measure.group(measure.N, {
  { name = "machine: plain QEMU, cold", unit = "s", run = floor_cold },
  { name = "machine: /bin/true, cold", unit = "s", floor = "machine: plain QEMU, cold", times = 1.15, panel = "machine",
    label = "cold", run = function() return run.seconds(templates.cold("--", "/bin/true")) end },
})
measure.group(measure.N, {
  { name = "machine: plain QEMU, resumed", unit = "s", run = floor_template },
  { name = "machine: /bin/true, template", unit = "s", floor = "machine: plain QEMU, resumed", goal = 0.55, times = 1.3,
    panel = "machine", label = "from a template", missing = templates.missing, run = template },
  { name = "machine: plain QEMU, waiting", unit = "s", run = floor_pool },
  { name = "machine: /bin/true, pool", unit = "s", floor = "machine: plain QEMU, waiting", goal = 0.25,
    panel = "machine", label = "from a pool", missing = run.no_pool, run = pool },
})
measure.group(measure.RUNS, {
  { name = "machine: plain QEMU, 8 resumed at once", unit = "s", run = floor_together },
  { name = "machine: 8 at once, template", unit = "s", floor = "machine: plain QEMU, 8 resumed at once", goal = 2.2,
    panel = "machine", label = "8 at once, all", missing = templates.missing, run = together },
})
