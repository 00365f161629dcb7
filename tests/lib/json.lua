-- JSON (RFC 8259) for tests and the bench: json(text), strict, gives the value, null as json.null, or raises;
-- json.encode(value) writes texts, numbers, booleans, arrays and objects. An empty table is an array.
local json = { null = {} }
local value

local escapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function skip(s, i) return s:match("^[ \t\r\n]*()", i) end

local function want(s, i, pattern)
  local a, b = s:find("^" .. pattern, i)
  if not a then error(("expected %s at %d: %q"):format(pattern, i, s:sub(i, i + 20)), 0) end
  return b + 1
end

local function text(s, i)
  local parts = {}
  i = want(s, i, '"')
  while s:sub(i, i) ~= '"' do
    local plain = s:match('^[^"\\%c]+', i)
    local code = s:match("^\\u(%x%x%x%x)", i)
    local letter = s:match('^\\([bfnrt"\\/])', i)
    parts[#parts + 1] = plain or code and utf8.char(tonumber(code, 16)) or escapes[letter] or want(s, i, "string")
    i = i + (plain and #plain or code and 6 or 2)
  end
  assert(utf8.len(table.concat(parts)), "not UTF-8")
  return table.concat(parts), i + 1
end

-- Read the entries between OPEN and CLOSE. ENTRY(list, i) reads one into LIST and returns where it ended.
local function entries(s, i, close, entry)
  local list = {}
  i = skip(s, i + 1)
  if s:sub(i, i) == close then return list, i + 1 end
  while true do
    i = skip(s, entry(list, i))
    if s:sub(i, i) == close then return list, i + 1 end
    i = skip(s, want(s, i, ","))
  end
end

local readers = {
  ['"'] = text,
  ["["] = function(s, i)
    return entries(s, i, "]", function(list, at)
      local v, after = value(s, at)
      list[#list + 1] = v
      return after
    end)
  end,
  ["{"] = function(s, i)
    return entries(s, i, "}", function(list, at)
      local key, after = text(s, at)
      assert(list[key] == nil, "a key twice: " .. key)
      list[key], after = value(s, want(s, skip(s, after), ":"))
      return after
    end)
  end,
}

function value(s, i)
  i = skip(s, i)
  local reader = readers[s:sub(i, i)]
  if reader then return reader(s, i) end
  for word, v in pairs { ["true"] = true, ["false"] = false, null = json.null } do
    if s:sub(i, i + #word - 1) == word then return v, i + #word end
  end
  local number = s:match("^%-?%d+%.?%d*[eE]?[+-]?%d*", i)
  return tonumber(number) or want(s, i, "value"), i + #number
end

local written = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\t"] = "\\t" }

local function quoted(s)
  return '"' .. s:gsub('[%c"\\]', function(c) return written[c] or ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

--- @return string value on one line; the keys of objects in alphabetical order
function json.encode(what)
  local kind, parts = type(what), {}
  if kind == "string" then return quoted(what) end
  if kind == "number" then return ("%.6g"):format(what) end
  if kind ~= "table" then return tostring(what) end
  if #what > 0 or not next(what) then
    for i, item in ipairs(what) do parts[i] = json.encode(item) end
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  for i, key in ipairs(sorted_keys(what)) do parts[i] = quoted(key) .. ": " .. json.encode(what[key]) end
  return "{" .. table.concat(parts, ", ") .. "}"
end

return setmetatable(json, { __call = function(_, s)
  local v, i = value(s, 1)
  assert(skip(s, i) > #s, "something follows")
  return v
end })
