-- How the bench measures: the runs of a group's rows are interleaved, because hosts are noisy, and a figure is the
-- median. Each row is printed as a line of the table, and appended as JSON to the file BENCH_ROWS, from which
-- report.lua makes one.
--
-- A row: name; unit; run, a function of the run's number that returns the figure, or nil and why it cannot be measured
-- here; and as far as they apply:
--   floor   the name of the row of the same group that is this row's floor
--   goal    the largest figure allowed, or the smallest where rate (more is better) is set
--   times   the largest multiple of the floor allowed
--   quiet   a floor that has no line of its own in the table
--   missing why the row cannot be measured here, or a function that returns that or nil
--   panel, label   the panel of the chart that shows the row, and its name there
local json = require "json"
local measure = {}

--- The numbers of runs of quick and of slow cases: the environment variables N and RUNS.
measure.N = tonumber(os.getenv "N" or 15)
measure.RUNS = tonumber(os.getenv "RUNS" or 5)

local patterns = {}
for pattern in (os.getenv "CASES" or ""):gmatch("%S+") do patterns[#patterns + 1] = pattern end

--- Whether CASES, Lua patterns with blanks between them, chooses the row of this name. An empty CASES chooses all.
function measure.wanted(name)
  for _, pattern in ipairs(patterns) do
    if name:find(pattern) then return true end
  end
  return #patterns == 0
end

--- Whether one of the rows is wanted.
function measure.any(rows)
  for _, row in ipairs(rows) do
    if measure.wanted(row.name) then return true end
  end
  return false
end

--- The median; of an even number of values, the lower one in the middle.
function measure.median(values)
  local sorted = table.move(values, 1, #values, 1, {})
  table.sort(sorted)
  return sorted[(#sorted + 1) // 2]
end

-- The wanted rows and their floors.
local function chosen(rows)
  local names, kept = {}, {}
  for _, row in ipairs(rows) do
    if not row.quiet and measure.wanted(row.name) then
      names[row.name] = true
      if row.floor then names[row.floor] = true end
    end
  end
  for _, row in ipairs(rows) do
    if names[row.name] then kept[#kept + 1] = row end
  end
  return kept
end

local function run_once(row, i)
  if row.missing then return end
  local passed, value, why = pcall(row.run, i)
  if passed and value then
    row.runs[i] = value
    return
  end
  row.missing = tostring(passed and why or value)
  row.failed = not passed
end

local function goal_of(row)
  local texts, missed = {}, false
  if row.goal then
    texts[1] = ("at %s %g %s"):format(row.rate and "least" or "most", row.goal, row.unit)
    missed = row.rate and row.median < row.goal or not row.rate and row.median > row.goal
  end
  if row.times then
    texts[#texts + 1] = ("at most %g x floor"):format(row.times)
    missed = missed or row.beside and row.median > row.times * row.beside.median
  end
  return #texts > 0 and table.concat(texts, ", ") or nil, missed or false
end

local function print_row(row, goal)
  local beside = row.beside and ("%.2f x %s (%.4g)"):format(row.median / row.beside.median,
    row.beside.name:gsub("^.-: ", ""), row.beside.median) or ""
  print((("%-52s %9.4g %-5s x%-2d  %-48s %s"):format(row.name, row.median, row.unit, #row.runs, beside,
    goal and "goal: " .. goal .. (row.missed and " - MISSED" or "") or ""):gsub("%s+$", "")))
end

local function append(row)
  local out = assert(io.open(assert(os.getenv "BENCH_ROWS"), "a"))
  local kept = {}
  for _, key in ipairs { "name", "unit", "rate", "median", "runs", "goal", "times", "missed", "beside", "missing",
    "failed", "published", "panel", "label", "note" } do
    kept[key] = row[key]
  end
  out:write(json.encode(kept), "\n")
  out:close()
end

local function report(row, medians)
  if row.missing then
    print(("%-52s not measured: %s"):format(row.name, row.missing))
    row.runs = nil
  else
    row.median = measure.median(row.runs)
    medians[row.name] = row
    local floor = medians[row.floor]
    row.beside = floor and { name = floor.name, median = floor.median, runs = floor.runs }
    local goal
    goal, row.missed = goal_of(row)
    if not row.quiet then print_row(row, goal) end
  end
  io.stdout:flush()
  if not row.quiet then append(row) end
end

--- Measure the wanted rows of a group n times: each run measures all rows in order. A floor comes before its rows.
function measure.group(n, rows)
  local kept, medians = chosen(rows), {}
  for _, row in ipairs(kept) do
    row.runs = {}
    if type(row.missing) == "function" then row.missing = row.missing() end
  end
  for i = 1, n do
    for _, row in ipairs(kept) do run_once(row, i) end
  end
  for _, row in ipairs(kept) do report(row, medians) end
end

--- A row whose figure was measured elsewhere.
function measure.published(row)
  if not measure.wanted(row.name) then return end
  print(("%-52s %9.4g %-5s      published: %s"):format(row.name, row.median, row.unit, row.published))
  append(row)
end

return measure
