-- Shared by the cases of the Lua API, which build/lsandbox runs as FILE.lua URI.
local measure = require "measure"
local host = require "native"
local kind = {}

kind.uri = assert(arg[1], "which connection?")
kind.machine = kind.uri:find("^qemu") ~= nil
kind.name = kind.machine and "machine" or "container"
kind.accel = kind.machine and "tcg" or nil -- the goals are for a host without KVM

-- Measure a row, and put the kind in front of its name. floor: a function; beside: its name; once: a single run.
function kind.measure(row)
  row.name = kind.name .. ": " .. row.name
  local rows = { row }
  if row.floor then
    local floor = { name = kind.name .. ": " .. row.beside, unit = row.unit, run = row.floor, quiet = true }
    row.floor, row.beside = floor.name, nil
    rows = { floor, row }
  end
  measure.group(row.once and 1 or measure.RUNS, rows)
end

--- Return a function that makes an object at its first call, so that nothing is made for rows that CASES leaves out.
--- The object is closed together with the function.
function kind.lazily(make)
  return setmetatable({}, {
    __call = function(self)
      self.made = self.made or make()
      return self.made
    end,
    __close = function(self)
      if self.made then self.made:close() end
    end,
  })
end

--- Seconds that fn takes, which must return something true.
function kind.timed(fn, ...)
  local begun = host.now()
  assert(fn(...))
  return host.now() - begun
end

return kind
