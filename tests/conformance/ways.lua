-- The ways to start a machine. LSANDBOX_START=cold|template|pool makes a suite start its machines in that way:
--     cold      with template = "off", unless the recipe says otherwise
--     template  most machines that can start from a template must do so; one for the usual shape is made before
--     pool      a sandbox whose recipe has no field but `connect` is taken from a pool
-- Without it, templates are used and made as for a user. In no way may a template be found damaged.
local host = require "host"
local lsandbox = require "lsandbox"
local ways = { way = os.getenv("LSANDBOX_START") or "auto", started = {}, asked = 0, missing = 0, wrong = {} }

local start, new, run = lsandbox.start, lsandbox.new, lsandbox.run

local function plain(recipe)
  for field in pairs(recipe) do
    if field ~= "connect" then return false end
  end
  return true
end

-- The recipe with those of FIELDS that it does not set itself. A value that is no plain table is returned as it is.
local function with(recipe, fields)
  if type(recipe) ~= "table" or getmetatable(recipe) then return recipe end
  local copy = {}
  for k, v in pairs(recipe) do copy[k] = v end
  for k, v in pairs(fields) do
    if copy[k] == nil then copy[k] = v end
  end
  return copy
end

local function count(sb, recipe)
  if not sb then return end
  local info = sb:info()
  local how, why = info.start or "?", info.start_reason or ""
  ways.started[how] = (ways.started[how] or 0) + 1
  if how == "template" and type(recipe) == "table" and recipe.template then ways.asked = ways.asked + 1 end
  if why:find("^there is no template for this machine yet") then ways.missing = ways.missing + 1 end
  if why:find("damaged") or why:find("QEMU") or why:find("in time") or why:find("ended before") then
    ways.wrong[#ways.wrong + 1] = why
  end
end

function lsandbox.start(recipe, ...)
  local results
  if ways.pool and type(recipe) == "table" and plain(recipe) and recipe.connect == ways.uri then
    results = table.pack(ways.pool:take())
  else
    results = table.pack(start(ways.way == "cold" and with(recipe, { template = "off" }) or recipe, ...))
  end
  count(results[1], recipe)
  return table.unpack(results, 1, results.n)
end

if ways.way == "cold" then
  -- FN is called protected, because an error in a direct call would name a line of this file.
  local function cold(fn)
    return function(recipe, ...)
      local results = table.pack(pcall(fn, with(recipe, { template = "off" }), ...))
      if not results[1] then error(results[2], 0) end
      return table.unpack(results, 2, results.n)
    end
  end
  lsandbox.new, lsandbox.run = cold(new), cold(run)
end

-- Call this before the first start.
function ways.prepare(tap, kind)
  ways.uri = kind.uri
  if ways.way == "template" then
    local out, ok = host.capture(("timeout 120 %s/lsandbox template make -c %s 2>&1")
      :format(os.getenv("LSANDBOX_BUILD"), kind.uri))
    tap.ok(ok, "there is a template", out)
  elseif ways.way == "pool" then
    if not lsandbox.pool then tap.skip_all("there are no pools") end
    ways.pool = assert(lsandbox.pool { connect = kind.uri, size = 1 })
  end
end

-- The result of FN while no machine waits in a pool, so that it can count what is left.
function ways.without_pool(fn)
  if not ways.pool then return fn() end
  ways.pool:close()
  local result = fn()
  ways.pool = assert(lsandbox.pool { connect = ways.uri, size = 1 })
  return result
end

-- Call this after the last case.
function ways.finish(tap)
  if ways.pool then ways.pool:close() end
  local text, from, cold = {}, ways.started.template or 0, ways.started.cold or 0
  for how, n in pairs(ways.started) do text[#text + 1] = n .. " " .. how end
  table.sort(text)
  tap.note(("started: %s; %d of them cold because there was no template yet")
    :format(table.concat(text, ", "), ways.missing))
  tap.ok(#ways.wrong == 0, "no template was given up", table.unpack(ways.wrong))
  if ways.way == "cold" then tap.is(from - ways.asked, 0, "all were cold, but for those whose recipe says template") end
  if ways.way == "template" then
    tap.ok(from >= 3 * ways.missing and from > 0, "most that could start from a template did", from, ways.missing, cold)
  end
end

return ways
