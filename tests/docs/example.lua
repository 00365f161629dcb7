-- Run an example of the documentation and compare its output with its `-->` comments. A comment behind a print(...) is
-- what that line prints; several lines, or those of a loop, have a space between. A comment on a line of its own is
-- the output of the recipe that the example returns. All kinds of white space count as one space.
local lsandbox = require "lsandbox"

local example = {}

local function plain(text) return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")) end

-- The expected output: by line number, and that of the recipe's program.
local function expectations(fence)
  local by_line, of_recipe = {}, nil
  for i, line in ipairs(fence.lines) do
    local before, text = line:match("^(.-)%-%->%s*(.*)$")
    if before and before:find("%S") then
      by_line[fence.line + i - 1] = text
    elseif before then
      of_recipe = (of_recipe or "") .. text .. " "
    end
  end
  return by_line, of_recipe
end

-- The environment of an example, with a print that notes the output of each line.
local function environment(printed)
  local env = { lsandbox = lsandbox, arg = { [0] = "example.lua", "/etc/passwd" } }
  function env.print(...)
    local line, values = debug.getinfo(2, "l").currentline, table.pack(...)
    for i = 1, values.n do values[i] = tostring(values[i]) end
    printed[line] = (printed[line] or "") .. table.concat(values, "\t") .. "\n"
  end
  return setmetatable(env, { __index = _G })
end

local function compare(expected, got, where)
  if plain(got or "") ~= plain(expected) then
    error(("%s: expected %q, got %q"):format(where, plain(expected), plain(got or "")), 0)
  end
end

local function run_recipe(recipe, expected, where)
  local result = assert(lsandbox.run(recipe))
  assert(result.ok, ("%s: status %s, signal %s, %s"):format(where, result.status, result.signal,
    result.error or result.stderr))
  if expected then compare(expected, result.stdout, where) end
end

-- Run the example of FENCE; raises when something is not as it says.
function example.run(fence)
  local by_line, of_recipe = expectations(fence)
  local printed = {}
  local source = ("\n"):rep(fence.line - 1) .. fence.text -- so that messages name the file's own lines
  local chunk = assert(load(source, "@" .. fence.file, "t", environment(printed)))
  local returned = chunk()
  for line, expected in pairs(by_line) do compare(expected, printed[line], fence.file .. ":" .. line) end
  if type(returned) == "table" then run_recipe(returned, of_recipe, fence.file .. ":" .. fence.line) end
  assert(of_recipe == nil or type(returned) == "table", "an output is expected, but no recipe is returned")
end

return example
