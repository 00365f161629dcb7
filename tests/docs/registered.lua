-- The functions that the module registers and those that the stub describes: sets of "lsandbox.start", "Sandbox:exec".
local host = require "host"
local lsandbox = require "lsandbox"

local registered = {}

-- The methods of a metatable: __index, or the table that its function looks into.
local function methods_of(metatable)
  local index = metatable.__index
  if type(index) ~= "function" then return index or {} end
  for i = 1, math.huge do
    local name, value = debug.getupvalue(index, i)
    if not name then return {} end
    if type(value) == "table" then return value end
  end
end

function registered.by_module()
  local names = {}
  for name, value in pairs(lsandbox) do
    if type(value) == "function" then names["lsandbox." .. name] = true end
  end
  for key, metatable in pairs(debug.getregistry()) do
    local class = type(key) == "string" and type(metatable) == "table" and key:match("^lsandbox%.(%l+)$")
    if class then
      for name, value in pairs(methods_of(metatable)) do
        if type(value) == "function" then names[class:gsub("^%l", string.upper) .. ":" .. name] = true end
      end
    end
  end
  return names
end

function registered.by_stub(path)
  local names = {}
  for name in host.read(path):gmatch("\nfunction ([%w_.:]+)%(") do names[name] = true end
  return names
end

-- The named fields of a class of the stub, without those of its parents.
function registered.stub_fields(path, class)
  local fields = {}
  local block = host.read(path):match("%-%-%-@class lsandbox%." .. class .. "\n(.-)\n\n")
  for name in (block .. "\n"):gmatch("@field ([%l_]+)") do fields[name] = true end
  return fields
end

-- The names in a table of fields in the C source, NAME[] = { {"name", ...}, ... }.
function registered.source_fields(table_name)
  local fields = {}
  local top = host.quote(os.getenv("LSANDBOX_TOP"))
  local source = host.capture("find " .. top .. "/lsandbox -name '*.c' -exec cat {} +")
  local body = source:match("%f[%w_]" .. table_name .. "%[%] = {\n(.-)\n};")
  for name in (body or ""):gmatch('{%s*"([%l_]+)"') do fields[name] = true end
  return fields
end

return registered
