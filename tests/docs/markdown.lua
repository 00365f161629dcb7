-- The parts of Markdown that the tests of the documentation need: fences, table rows, links.
local host = require "host"

local markdown = {}

-- Every fence of a file: { file, line, language, word, text }. LINE is the number of the first line inside.
function markdown.fences(file)
  local fences, open, number = {}, nil, 0
  for line in (assert(host.read(file), file) .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    if line:find("^```") and not open then
      local language, word = line:match("^```(%w*)%s*(%w*)")
      open = { file = file, line = number + 1, language = language, word = word, lines = {} }
    elseif line:find("^```") then
      open.text = table.concat(open.lines, "\n") .. "\n"
      fences[#fences + 1] = open
      open = nil
    elseif open then
      open.lines[#open.lines + 1] = line
    end
  end
  assert(not open, file .. ": a fence is not closed")
  return fences
end

-- The words in `code` of the first column of every table.
function markdown.first_column(file)
  local words = {}
  for cell in ("\n" .. host.read(file)):gmatch("\n| ?(`[^|]*)|") do
    for word in cell:gmatch("`([^`]+)`") do words[word] = true end
  end
  return words
end

-- The local targets of links.
function markdown.links(file)
  local targets = {}
  for target in host.read(file):gmatch("%]%(([^%)#:]+)[^%):]*%)") do targets[#targets + 1] = target end
  return targets
end

return markdown
