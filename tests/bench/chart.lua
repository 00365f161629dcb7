-- Draw the chart of the README from the JSON that `make bench` has written: chart.lua JSON > SVG. Each row that names
-- a panel gets a bar; a line across the bar is its floor, a triangle above it its goal. Every panel has its own scale;
-- a bar far longer than the goal leaves the scale through a break. The SVG loads nothing from elsewhere, and has its
-- own background, so it can be read on light and dark pages.
local json = require "json"
local svg = require "svg"

local WIDTH, PAD = 860, 20
local LABEL, BAR_END = 190, 700          -- where bars begin, and where the longest ends
local ROW, BAR = 25, 13
local HEAD, PANEL_HEAD, PANEL_GAP = 76, 26, 16

local panels = {
  { name = "machine", title = "Machine, without KVM: from the command to the end of /bin/true", unit = "s" },
  { name = "container", title = "Container: from the command to the end of /bin/true", unit = "s" },
  { name = "memory", title = "An idle machine of 256 MiB: PSS of all its processes", unit = "MB" },
  { name = "inside", title = "Programs inside a machine that runs", unit = "s" },
}

local function rows_of(data, name)
  local rows = {}
  for _, row in ipairs(data.rows) do
    if row.panel == name and row.median then rows[#rows + 1] = row end
  end
  return rows
end

-- The figure whose bar reaches BAR_END: the largest, except for figures of peers that dwarf lsandbox's.
local function scale_of(rows)
  local ours, all = 0, 0
  for _, row in ipairs(rows) do
    local longest = math.max(row.median, row.goal or 0, row.beside and row.beside.median or 0)
    all = math.max(all, longest)
    if not row.published then ours = math.max(ours, longest) end
  end
  return ours > 0 and math.min(all, ours * 1.6) or all
end

local function number(value)
  local text = ("%.3g"):format(value)
  return value >= 100 and ("%.0f"):format(value) or text
end

-- The strictest of a row's goals, in its unit.
local function goal_of(row)
  local by_floor = row.times and row.beside and row.times * row.beside.median
  if row.goal and by_floor then return math.min(row.goal, by_floor) end
  return row.goal or by_floor
end

local function class_of(row)
  if row.published then return "published" end
  return row.name:find(": peer ") and "peer" or "ours"
end

-- The text behind a bar.
local function remark(row, unit)
  local text = number(row.median) .. " " .. unit
  if row.beside then text = ("%s, %.2f x floor"):format(text, row.median / row.beside.median) end
  if row.missed then text = text .. ", goal missed" end
  return row.published and text .. " (published)" or text
end

local function draw_row(out, row, panel, y)
  local function x(value) return LABEL + math.min(1, value / panel.scale) * (BAR_END - LABEL) end
  local middle = y + ROW / 2
  local top, long = middle - BAR / 2, row.median > panel.scale
  out:text(LABEL - 8, middle + 4, row.label or row.name, "label")
  out:rect(LABEL, top, math.max(1, x(row.median) - LABEL), BAR, class_of(row))
  if long then out:path(("M%g %gh6l-7 %gh-6z"):format(BAR_END - 24, top - 1, BAR + 2), "card") end
  local last = x(row.median)
  if row.beside then
    local at = x(row.beside.median)
    out:path(("M%.1f %gv%g"):format(at, top - 3, BAR + 6), "floor")
    last = math.max(last, at)
  end
  local goal = goal_of(row)
  if goal then
    local at = x(goal)
    out:path(("M%.1f %gl-4.5 -7h9z"):format(at, top + 1), row.missed and "goal missed" or "goal")
    last = math.max(last, at)
  end
  out:text(last + 8, middle + 4, remark(row, panel.unit), row.missed and "figure missed" or "figure")
end

local function legend(out, y)
  local x = PAD
  local function entry(draw, text, width)
    draw(x)
    out:text(x + 18, y + 4, text, "note")
    x = x + width
  end
  local function box(class) return function(at) out:rect(at, y - 5, 12, 10, class) end end
  entry(box "ours", "lsandbox", 92)
  entry(box "peer", "other sandboxes", 132)
  entry(box "published", "virt-sandbox, as published", 190)
  entry(function(at) out:path(("M%g %gv16"):format(at + 6, y - 8), "floor") end, "floor: plain QEMU, bare libvirt", 214)
  entry(function(at) out:path(("M%g %gl-4.5 -7h9z"):format(at + 6, y + 4), "goal") end, "goal, at most", 100)
end

local function draw(data)
  local about, height = data.about, HEAD
  local drawn = {}
  for _, panel in ipairs(panels) do
    panel.rows = rows_of(data, panel.name)
    panel.scale = scale_of(panel.rows)
    if #panel.rows > 0 then
      drawn[#drawn + 1] = panel
      height = height + PANEL_HEAD + #panel.rows * ROW + PANEL_GAP
    end
  end
  local out = svg.new(WIDTH, height, "lsandbox: start-up, memory and programs inside, beside their floors")
  out:text(PAD, 30, "What a sandbox costs", "title")
  out:text(WIDTH - PAD, 30,
    ("medians of %d, of dear ones %d; %s, %d cores, QEMU %s emulating, %s"):format(about.N, about.RUNS,
    about.processor, about.cores, about.qemu, about.date), "note right")
  legend(out, 54)
  local y = HEAD
  for _, panel in ipairs(drawn) do
    out:text(PAD, y + 16, panel.title .. ", " .. panel.unit, "panel")
    y = y + PANEL_HEAD
    for i, row in ipairs(panel.rows) do draw_row(out, row, panel, y + (i - 1) * ROW) end
    y = y + #panel.rows * ROW + PANEL_GAP
  end
  return out:finish()
end

local f <close> = assert(io.open(arg[1]))
io.write(draw(json(f:read("a"))))
