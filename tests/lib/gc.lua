-- For LUA_INIT: the collector as eager as can be, to find what is used and held by nobody. A full collection every
-- LSANDBOX_GC_STEP instructions of Lua, in coroutines and tasks too, and an incremental collector that never rests.
local step = tonumber(os.getenv "LSANDBOX_GC_STEP") or 97 -- a prime, so that loops meet it at each of their places
local collectgarbage, sethook = collectgarbage, debug.sethook

collectgarbage "incremental"
collectgarbage("setpause", 0)
collectgarbage("setstepmul", 1000)

local function collect() collectgarbage() end
local function eager(fn)
  return type(fn) ~= "function" and fn or function(...)
    sethook(collect, "", step)
    return fn(...)
  end
end
sethook(collect, "", step)

-- A hook belongs to one coroutine.
local create, wrap = coroutine.create, coroutine.wrap
function coroutine.create(fn) return create(eager(fn)) end
function coroutine.wrap(fn) return wrap(eager(fn)) end

-- The module's own coroutines are not made by coroutine.create.
local require_module = require
function require(name)
  local first = not package.loaded[name]
  local module, from = require_module(name)
  if first and name == "lsandbox" and module.task then
    local task = module.task
    function module.task(fn, ...) return task(eager(fn), ...) end
  end
  return module, from
end
