-- Call every function of the module and every method of every object with every wrong type in every position. Nothing
-- may crash, hang or be left, and an error must say which argument or field is wrong. The functions are found in the
-- module and in the metatables, so a new function needs no line here. types.t runs this file, on the fake sandboxes of
-- tests/embed/fake_domain.h and in an empty working directory.
local tap = require "tap"
local host = require "host"
local lsandbox = require "lsandbox"

local CALL_SECONDS = 0.1 -- a call that waits longer is legitimate, and its task is cancelled

-- --- the wrong values ---------------------------------------------------------------------------------------

local loop = {}
loop.loop, loop[1] = loop, loop
local closed_file = io.tmpfile()
closed_file:close()
local closed_sandbox = lsandbox.new {}
closed_sandbox:close()
local some = 1

local values = {
  { "nil" }, { "true", true }, { "false", false },
  { "0", 0 }, { "-1", -1 }, { "0.001", 0.001 }, { "NaN", 0 / 0 }, { "-inf", -1 / 0 }, { "1e308", 1e308 },
  { "maxinteger", math.maxinteger }, { "mininteger", math.mininteger },
  { '""', "" }, { '"text"', "text" }, { "a string with NUL", "a\0b" }, { "a long string", ("x"):rep(70000) },
  { "{}", {} }, { "a list", { 1, 2 } }, { "a nested list", { { {} } } }, { "an unknown key", { no_such_key = 1 } },
  { "an odd key", { [{}] = 1 } }, { "a table in itself", loop }, { "a table with holes", { nil, 2, nil, 4 } },
  { "a table that raises", setmetatable({}, { __index = function() error "from __index" end }) },
  { "a function", function() end }, { "a coroutine", coroutine.create(function() end) },
  { "a file", io.stdout }, { "a closed file", closed_file }, { "a closed sandbox", closed_sandbox },
  { "light userdata", debug.upvalueid(function() return some end, 1) },
}

-- Values for the other positions, so that the later ones are reached, too.
local fillers = { { "nil" }, { "a string", "text" }, { "a program", { "true" } }, { "a function", function() end } }
local POSITIONS = 3

-- --- what there is to call ----------------------------------------------------------------------------------

local metatables = {}
for name, mt in pairs(debug.getregistry()) do
  if type(name) == "string" and name:find "^lsandbox%." and type(mt) == "table" and mt.__name == name then
    metatables[name] = mt
  end
end

local function functions_of(mt)
  local found = {}
  for name, fn in pairs(mt) do
    if type(fn) == "function" then found[name] = fn end
  end
  local index = mt.__index
  local tables = { type(index) == "table" and index or nil }
  for i = 1, type(index) == "function" and 8 or 0 do -- a function that looks elsewhere first
    local _, upvalue = debug.getupvalue(index, i)
    if type(upvalue) == "table" then tables[#tables + 1] = upvalue end
  end
  for _, methods in ipairs(tables) do
    for name, fn in pairs(methods) do
      if type(fn) == "function" then found[name] = fn end
    end
  end
  return found
end

local function sorted(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys)
  return keys
end

-- Functions that make objects of each type; types found on the way are added.
local function running() return assert(lsandbox.start {}) end
local keep = setmetatable({}, { __mode = "k" }) -- objects that another one needs to stay alive

local function with(sb, object)
  keep[object] = sb
  return object
end

local function program(recipe)
  local sb = running()
  return with(sb, assert(sb:spawn(recipe)))
end

local function ended()
  local p = program { "echo", "text", stdout = "pipe" }
  p:wait()
  return p
end

local makers = {
  ["lsandbox.sandbox"] = {
    new = function() return lsandbox.new {} end,
    running = running,
    stopped = function() local sb = running() sb:destroy() return sb end,
    closed = function() local sb = running() sb:close() return sb end,
  },
  ["lsandbox.program"] = {
    running = function() return program { "sleep", "0.2", stdin = "pipe", stdout = "pipe" } end,
    ended = ended,
    closed = function() local p = ended() p:close() return p end,
  },
  ["lsandbox.stream"] = {
    stdin = function() local p = program { "cat", stdin = "pipe", stdout = "null" } return with(p, p.stdin) end,
    stdout = function() local p = ended() return with(p, p.stdout) end,
    closed = function() local p = ended() local s = p.stdout s:close() return s end,
  },
}
if lsandbox.pool then
  makers["lsandbox.pool"] = {
    open = function() return lsandbox.pool { size = 1 } end,
    closed = function() local p = lsandbox.pool { size = 1 } p:close() return p end,
  }
end
if lsandbox.task then
  makers["lsandbox.task"] = {
    waiting = function() return lsandbox.task(function() lsandbox.sleep(0.2) end) end,
    failed = function() local t = lsandbox.task(error, "on purpose") pcall(t.await, t) return t end,
    closed = function() local t = lsandbox.task(function() end) t:cancel() return t end,
  }
end

-- --- calling ------------------------------------------------------------------------------------------------

local calls, raised, found = 0, 0, {}
local problems = {}

local function problem(what, text)
  if #problems < 20 then problems[#problems + 1] = what .. ": " .. tostring(text) end
end

-- `bad argument #1 to ...`, `mounts[1].target: ...`, `this stream is closed`, `stdin is for writing`.
local function names_what_is_wrong(message)
  if type(message) ~= "string" then return false end
  local text = message:gsub("^[^\n]-:%d+: ", "")
  return text:find "bad argument #%d+ to" or text:find "^[%a_%[][%w_%.%[%]\"']*: %S" or text:find "closed"
    or text:find "is for %a+ing" or text:find "are for %a+ing" or text:find "^from __index" or text:find "on purpose"
end

-- Note a new type of object, and close the object if its type is known.
local function take(result, self)
  local mt = type(result) == "userdata" and getmetatable(result)
  if not mt or result == self or result == closed_sandbox or metatables[mt.__name] ~= mt then return end
  if not makers[mt.__name] and not found[mt.__name] then
    found[mt.__name] = result
  elseif mt.__close then
    mt.__close(result)
  end
end

-- Returns whether the call succeeded without an error; nil when it still waited.
local function call(what, self, fn, ...)
  calls = calls + 1
  local results
  if lsandbox.task then
    local arguments = table.pack(...)
    local task <close> = lsandbox.task(function()
      results = table.pack(pcall(fn, table.unpack(arguments, 1, arguments.n)))
    end)
    local ok, message = pcall(task.await, task, { timeout = CALL_SECONDS })
    if not ok then problem(what, message) end
    if not results then return end -- it still waits, and <close> cancels it
  else
    results = table.pack(pcall(fn, ...))
  end
  if not results[1] then
    raised = raised + 1
    if not names_what_is_wrong(results[2]) then problem(what, "raised " .. tostring(results[2])) end
    return false
  end
  if results[2] == nil and results.n > 2 and type(results[3]) ~= "string" then
    problem(what, "nil, and then no message but " .. tostring(results[3]))
  end
  for i = 2, results.n do take(results[i], self) end
  return true
end

-- A position that takes a table of options and nothing else must refuse an unknown key. The arguments of extend are
-- parts of a recipe, which lsandbox.new refuses when the whole is read.
local ignoring = {}
local function look_for_ignored(name, position, passed)
  if name == "lsandbox.extend" then return end
  if passed["true"] == false and passed["a function"] == false and passed["{}"] and passed["an unknown key"] then
    ignoring[#ignoring + 1] = ("%s, argument %d"):format(name, position)
  end
end

local function describe(name, position, value, filler)
  return ("%s with %s as argument %d, %s before"):format(name, value, position, filler)
end

-- Call FN with every value in every position after FIRST, which is an object or left out.
local function call_all(name, fn, ...)
  local fixed = select("#", ...)
  local self = ...
  call(name .. " without arguments", self, fn)
  for position = 1, POSITIONS do
    for f, filler in ipairs(fillers) do
      if position > 1 or f == 1 then
        local arguments = table.pack(...)
        for i = 1, position - 1 do arguments[fixed + i] = filler[2] end
        local passed = {}
        for _, value in ipairs(values) do
          arguments[fixed + position] = value[2]
          passed[value[1]] = call(describe(name, position, value[1], filler[1]), self, fn,
            table.unpack(arguments, 1, fixed + position))
        end
        look_for_ignored(name, position, passed)
      end
    end
  end
end

local function sweep_object(type_name, variant, make)
  local functions = functions_of(metatables[type_name])
  local function sweep(method)
    local object = make()
    if object == nil then return end
    call_all(("%s %s:%s"):format(variant, type_name, method), functions[method], object)
    local close = metatables[type_name].__close
    if close then close(object) end
  end
  for _, method in ipairs(sorted(functions)) do
    sweep(method)
    collectgarbage()
  end
end

local function sweep_selves(type_name)
  local functions = functions_of(metatables[type_name])
  for _, method in ipairs(sorted(functions)) do
    local name = type_name .. "." .. method
    for _, value in ipairs(values) do call(name .. " on " .. value[1], value[2], functions[method], value[2]) end
    for _, other in ipairs(sorted(metatables)) do -- an object of another type
      local maker = other ~= type_name and makers[other] and makers[other].closed
      if maker then call(name .. " on a closed " .. other, nil, functions[method], maker()) end
    end
  end
end

local function sweep_module()
  for _, name in ipairs(sorted(lsandbox)) do
    if type(lsandbox[name]) == "function" then call_all("lsandbox." .. name, lsandbox[name]) end
  end
end

local function sweep()
  sweep_module()
  for _, type_name in ipairs(sorted(metatables)) do
    sweep_selves(type_name)
    for _, variant in ipairs(sorted(makers[type_name] or {})) do
      sweep_object(type_name, variant, makers[type_name][variant])
    end
    local object = found[type_name]
    if object ~= nil then sweep_object(type_name, "found", function() return object end) end
  end
  found = {}
  for _ = 1, 3 do collectgarbage() end
end

local listed

local function descriptors()
  listed = {}
  for line in host.capture("ls -l /proc/$PPID/fd"):gmatch "[^\n]*%d+ %->[^\n]*" do listed[#listed + 1] = line end
  return #listed
end

-- Whether DONE becomes true once released objects, which end in other threads, have ended.
local function settles(done)
  for _ = 1, 100 do
    if done() then return true end
    if lsandbox.sleep then lsandbox.sleep(0.05) end
  end
  return false
end

local function children() return host.line "ps -o args= --ppid $PPID | grep -v '^ps \\|^sh -c \\|^grep '" end

sweep() -- also opens descriptors that stay open
tap.ok(calls > 1000 and raised > 500, ("%d calls, %d raised"):format(calls, raised))
tap.ok(#problems == 0, "what is raised is a string that names the argument or field", table.unpack(problems))
tap.ok(#ignoring == 0, "an option that is not known is not ignored", table.unpack(ignoring))
local before = descriptors()
sweep()
local settled = settles(function() return descriptors() <= before end)
tap.ok(settled, "no descriptor is left by the second round", ("%d before"):format(before), table.unpack(listed))
settles(function() return children() == "" end)
tap.is(children(), "", "no child process is left")
-- lsandbox.save({}, "text") is no error
tap.is(host.line "ls -A", "text", "no other file is left in the working directory")
host.mark_own()
local left = host.wait_clean(3)
tap.ok(#left == 0, "nothing is left behind", table.unpack(left))
tap.done()
