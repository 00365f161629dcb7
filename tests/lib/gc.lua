-- For LUA_INIT: make the collector as eager as possible, to find objects that are used although nothing holds them.
-- There is a full collection every LSANDBOX_GC_STEP instructions of Lua, also in coroutines and tasks, and the
-- incremental collector never rests.
local step = tonumber(os.getenv "LSANDBOX_GC_STEP") or 97 -- a prime: it meets a loop at each of its places
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

-- The module does not make its own coroutines by coroutine.create.
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
