-- Every function that takes a table of options, with every kind of mistake in it: each raises one message of one shape,
-- `wait.timeot: unknown key; did you mean "timeout"?` or `wait.timeout: expected a number of seconds from 0, got nan`.
-- The functions and their options are read from the type stub, docs/lsandbox.lua, which tests/docs.t compares with what
-- is registered: a new function needs no line here. Run it by options.t, on the sandboxes of tests/embed/fake_domain.h.
local tap = require "tap"
local host = require "host"
local lsandbox = require "lsandbox"

local stub = assert(host.read(os.getenv "LSANDBOX_TOP" .. "/docs/lsandbox.lua"))

-- --- what takes options -------------------------------------------------------------------------------------

-- The options of each class, with those of the class that it extends: name -> type.
local classes = {}

local function read_classes()
  local class
  for line in stub:gmatch "[^\n]+" do
    local name, parent = line:match "^%-%-%-@class lsandbox%.(%w+):? ?l?s?a?n?d?b?o?x?%.?(%w*)"
    if name then
      class = {}
      classes[name] = class
      for field, type in pairs(classes[parent] or {}) do class[field] = type end
    end
    local field, type = line:match "^%-%-%-@field ([%a_]+)%?? (%S+)"
    if field and class then class[field] = type end
  end
end

-- { name, object = "Sandbox" or "lsandbox", options = name -> type, position of the table }
local function read_functions()
  local found, options, position, params = {}, nil, nil, 0
  for line in stub:gmatch "[^\n]+" do
    local type = line:match "^%-%-%-@param %w+%?? (.+)"
    if type then
      params = params + 1
      local class = type:match "^lsandbox%.(%w+Options)"
      local own = class and classes[class] or type:find "^{ timeout%?: number }" and { timeout = "number" }
      if own then options, position = own, params end
    end
    local object, name = line:match "^function (%w+)[.:]([%w_]+)"
    if object then
      if options then found[#found + 1] = { name = name, object = object, options = options, position = position } end
      options, params = nil, 0
    end
  end
  return found
end

read_classes()
local functions = read_functions()
tap.ok(#functions >= 18, ("the stub names %d functions with options"):format(#functions))

-- --- calling them -------------------------------------------------------------------------------------------

local sb <close> = assert(lsandbox.start {})
local program <close> = assert(sb:spawn { "sleep", "1" })
local watcher <close> = assert(sb:watch "/tmp")
local pool <close> = lsandbox.pool { size = 1 }
local task <close> = lsandbox.task(function() lsandbox.sleep(60) end)
local objects = { Sandbox = sb, Program = program, Watcher = watcher, Pool = pool, Task = task }

-- What stands before the options: right, so that only they are wrong.
local before = { qemu_monitor = { '{"execute": "query-status"}' }, write = { "/tmp/a", "text" } }
local paths = { "/tmp/a", "/tmp/b" }

local function message_of(f, options)
  local arguments = { table.unpack(before[f.name] or paths, 1, f.position - 1) }
  arguments[f.position] = options
  local object = objects[f.object]
  local fn = object and object[f.name] or lsandbox[f.name]
  if object then table.insert(arguments, 1, object) end
  local ok, message = pcall(fn, table.unpack(arguments))
  return ok and "nothing raised" or (tostring(message):gsub("^[^\n]-:%d+: ", ""))
end

local function is(f, what, options, expected)
  tap.is(message_of(f, options), expected, ("%s:%s, %s"):format(f.object, f.name, what))
end

local function like(f, what, options, pattern)
  tap.like(message_of(f, options), pattern, ("%s:%s, %s"):format(f.object, f.name, what))
end

-- --- the mistakes -------------------------------------------------------------------------------------------

local function sorted(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- FIELD with a value of each kind that it does not take.
local function check_field(f, field, type)
  local expected = "^" .. f.name .. "%." .. field .. ": expected [^,]+.*, got "
  local near = field:gsub("..$", "%0%0"):sub(1, #field + 1) -- one letter too many
  local at = f.name .. "." .. near .. ": unknown key; did you mean \""
  is(f, "nearly " .. field, { [near] = 1 }, at .. field .. "\"?")
  like(f, field .. " is a table", { [field] = {} }, expected .. "a table$")
  like(f, field .. " is a coroutine", { [field] = coroutine.create(print) }, expected .. "a thread$")
  like(f, field .. " is a string with NUL", { [field] = "a\0b" }, expected .. '"a\\0b"$')
  if type == "number" then
    like(f, field .. " is negative", { [field] = -1 }, expected .. "%-1$")
    like(f, field .. " is not a number", { [field] = 0 / 0 }, expected .. "%-?nan$")
  end
  if not type:find "boolean" then like(f, field .. " is a boolean", { [field] = true }, expected .. "true$") end
end

for _, f in ipairs(functions) do
  is(f, "an unknown key", { no_such_key = 1 }, f.name .. ".no_such_key: unknown key")
  is(f, "a key that is no word", { ["a b"] = 1 }, f.name .. '["a b"]: unknown key')
  is(f, "a key with NUL", { ["a\0b"] = 1 }, f.name .. ': expected keys without NUL bytes, got "a\\0..."')
  is(f, "a key that is a table", { [{}] = 1 },
    f.name .. ": expected names or a list 1, 2, 3 ... as keys, got a key of type table")
  if f.name ~= "gather" then is(f, "a list", { 1 }, f.name .. ": expected a table of named fields, got a table") end
  if f.name ~= "gather" then is(f, "a number", 5, f.name .. ": expected a table of named fields, got 5") end
  for _, field in ipairs(sorted(f.options)) do check_field(f, field, f.options[field]) end
end
-- What a function pushes for itself must not be taken for an argument that is missing.
is({ object = "lsandbox", name = "attach", position = 1 }, "nothing", nil,
  "attach.name: expected a string, got nothing")
for _, name in ipairs { "sleep", "step" } do
  local f = { object = "lsandbox", name = name, position = 1 }
  is(f, "negative seconds", -1, name .. ": expected a number of seconds from 0, got -1")
  is(f, "a string", "1", name .. ': expected a number of seconds from 0, got "1"')
end
tap.done()
