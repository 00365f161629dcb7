-- JSON, as much as the bench needs: texts, numbers, booleans, arrays and objects. An empty table is an array.
local json = {}

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t" }

local function text(s)
  return '"' .. s:gsub('[%c"\\]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- @return string value on one line; the keys of objects in alphabetical order
function json.encode(value)
  local kind, parts = type(value), {}
  if kind == "string" then return text(value) end
  if kind == "number" then return ("%.6g"):format(value) end
  if kind ~= "table" then return tostring(value) end
  if #value > 0 or not next(value) then
    for i, item in ipairs(value) do parts[i] = json.encode(item) end
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  for i, key in ipairs(sorted_keys(value)) do parts[i] = text(key) .. ": " .. json.encode(value[key]) end
  return "{" .. table.concat(parts, ", ") .. "}"
end

local value_at

local named = { n = "\n", t = "\t", r = "\r", b = "\b", f = "\f" }

local function string_at(s, at)
  local parts = {}
  while true do
    local stop = assert(s:find('["\\]', at), "a text without an end")
    parts[#parts + 1] = s:sub(at, stop - 1)
    if s:sub(stop, stop) == '"' then return table.concat(parts), stop + 1 end
    local code = s:match("^u(%x%x%x%x)", stop + 1)
    local c = s:sub(stop + 1, stop + 1)
    parts[#parts + 1] = code and utf8.char(tonumber(code, 16)) or named[c] or c
    at = stop + (code and 6 or 2)
  end
end

-- The items between brackets: one(at) reads one and returns where it ends.
local function items_at(s, at, close, one)
  at = s:match("^%s*()", at)
  if s:sub(at, at) == close then return at + 1 end
  while true do
    at = s:match("^%s*()", one(at))
    local c = s:sub(at, at)
    at = at + 1
    if c == close then return at end
    assert(c == ",", "expected , or " .. close)
  end
end

local function array_at(s, at)
  local array = {}
  return array, items_at(s, at, "]", function(from)
    local value, after = value_at(s, from)
    array[#array + 1] = value
    return after
  end)
end

local function object_at(s, at)
  local object = {}
  return object, items_at(s, at, "}", function(from)
    local key, after = value_at(s, from)
    object[key], after = value_at(s, assert(s:match("^%s*:()", after), "expected :"))
    return after
  end)
end

local words = { ["true"] = true, ["false"] = false }

function value_at(s, at)
  at = s:match("^%s*()", at)
  local c = s:sub(at, at)
  if c == '"' then return string_at(s, at + 1) end
  if c == "[" then return array_at(s, at + 1) end
  if c == "{" then return object_at(s, at + 1) end
  local word, after = s:match("^([%w.+-]+)()", at)
  assert(word, "expected a value")
  if words[word] ~= nil then return words[word], after end
  return assert(tonumber(word), "expected a value"), after
end

--- @return any # the value that the text s is; raises where it is not JSON
function json.decode(s) return (value_at(s, 1)) end

return json
