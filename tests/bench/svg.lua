-- A plain SVG picture on a card, with as much of SVG as the chart needs. The styles of classes are for light and dark
-- pages.
local svg = {}
svg.__index = svg

local style = [[
text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.title { font-size: 17px; font-weight: 600 }
.panel { font-weight: 600 }
.label, .right { text-anchor: end }
.note { font-size: 12px; fill: #59636e }
.figure { fill: #59636e }
.card { fill: #ffffff }
.edge { fill: none; stroke: #d1d9e0 }
.ours { fill: #2f74c0 }
.peer { fill: #8c959f }
.published { fill: #c9a26b }
.floor { stroke: #1f2328; stroke-width: 2.5; fill: none }
.goal { fill: #1a7f37 }
.goal.missed { fill: #c93c37 }
.figure.missed { fill: #c93c37 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.note, .figure { fill: #9198a1 }
.card { fill: #0d1117 }
.edge { stroke: #3d444d }
.ours { fill: #4c94e4 }
.peer { fill: #6e7681 }
.published { fill: #a67f45 }
.floor { stroke: #e6edf3 }
.goal { fill: #3fb950 }
.goal.missed, .figure.missed { fill: #f47067 }
}
]]

local function escape(text)
  return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

--- A picture. The title is for readers who cannot see it.
function svg.new(width, height, title)
  local it = setmetatable({}, svg)
  it:add('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">', width,
    height, width, height)
  it:add("<title>%s</title>\n<style>\n%s</style>", escape(title), style)
  it:add('<rect class="card" width="%d" height="%d" rx="8"/>', width, height)
  it:add('<rect class="edge" x="0.5" y="0.5" width="%d" height="%d" rx="7.5"/>', width - 1, height - 1)
  return it
end

function svg:add(form, ...) self[#self + 1] = form:format(...) end

function svg:text(x, y, text, class)
  self:add('<text class="%s" x="%.1f" y="%.1f">%s</text>', class, x, y, escape(text))
end

function svg:rect(x, y, width, height, class)
  self:add('<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>', class, x, y, width, height)
end

function svg:path(d, class) self:add('<path class="%s" d="%s"/>', class, d) end

function svg:finish() return table.concat(self, "\n") .. "\n</svg>\n" end

return svg
