-- Recipes that inherit. The fields of a recipe were read raw, so those of a base that a metatable's __index names were
-- lost without a word, seccomp, user and memory among them.
local tap = require "tap"
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local shown = helpers.shown
local function inherits(own, base) return setmetatable(own, { __index = base }) end
local function recipe(r) return lsandbox.new(r):recipe() end

local base = {
  connect = "lxc:///", memory = "128M", user = "root", seccomp = "strict", cwd = "/tmp",
  env = { A = "base", B = "base" },
  mounts = { { type = "ram", target = "/scratch" } }, rlimits = { nofile = 64 }, timeout = 7,
}

-- The whole of a base, by a table, by a function, over two steps, and as a class that is its own __index.
tap.case("bases", function()
  local Class = setmetatable({ new = function() end, __name = "Recipe" }, { __index = base })
  Class.__index = Class
  for name, r in pairs {
    ["a table"] = inherits({ "true" }, base),
    ["a function"] = inherits({ "true" }, function(_, key) return base[key] end),
    ["a table that inherits itself"] = inherits({ "true" }, inherits({}, base)),
    ["a function behind a table"] = inherits({ "true" }, inherits({}, function(_, key) return base[key] end)),
    ["a class"] = setmetatable({ "true" }, Class),
  } do
    local passed, got = pcall(recipe, r)
    if tap.ok(passed, "inherited by " .. name .. ": is accepted", got) then
      for _, key in ipairs { "memory", "user", "seccomp", "cwd", "timeout" } do
        tap.is(tostring(got[key]), tostring(base[key]), ("inherited by %s: %s"):format(name, key))
      end
      tap.is(shown(got.env and got.env.A, got.mounts and got.mounts[1].target, got.rlimits and got.rlimits.nofile),
        "base /scratch 64", ("inherited by %s: what is a table"):format(name))
    end
  end
end)

-- What a recipe says itself goes before; false is said; a table is its own, and may inherit.
tap.case("what goes before", function()
  local own = { "true", memory = "192M", env = { A = "own" }, privileged = false }
  local got = recipe(inherits(own, inherits({ privileged = true }, base)))
  tap.is(shown(got.memory, got.env.A, got.env.B, got.privileged), "192M own nil false",
    "what is said goes before what is inherited")
  got = recipe(inherits({ "true", env = inherits({ A = "own" }, base.env) }, base))
  tap.is(shown(got.env.A, got.env.B), "own base", "a map inherits its keys")
  got = recipe { "true", connect = "lxc:///", mounts = { inherits({ target = "/m" }, { type = "ram", size = "1M" }) } }
  tap.is(shown(got.mounts[1].type, got.mounts[1].size), "ram 1M", "a table within inherits, too")
  got = recipe(inherits({}, { "echo", "inherited", connect = "lxc:///" }))
  tap.is(table.concat(got.command or got, " "), "echo inherited", "a list is inherited whole")
end)

-- A misspelt field is refused wherever it is said; what raises in __index raises; a circle ends.
tap.case("what is refused", function()
  local function said(r) return select(2, pcall(lsandbox.new, r)) end
  tap.like(said(inherits({ "true", memmory = "1G" }, base)), "memmory: unknown key", "an unknown key beside a base")
  tap.like(said(inherits({ "true" }, { memmory = "1G" })), "memmory: unknown key", "an unknown key of a base")
  tap.like(said(inherits({ "true" }, function() error("on purpose", 0) end)), "on purpose", "an __index that raises")
  local circle = {}
  setmetatable(circle, { __index = circle })
  tap.is(pcall(lsandbox.new, inherits({ "true" }, circle)), true, "a base that is its own")
  tap.like(said { env = inherits({}, function() return "x" end) }, "expected a table as __index of a table inside",
    "a function for a table inside")
  tap.like(said(inherits({ "true" }, 7)), "__index", "an __index that is neither table nor function")
end)

-- The other tables of fields: a program's, a pool's, options, events.
tap.case("other tables of fields", function()
  local sb <close> = assert(lsandbox.start { connect = "lxc:///" })
  local r = assert(sb:run(inherits({ "sh", "-c", "pwd; echo $A; cat" },
    { cwd = "/tmp", env = { A = "inherited" }, input = "input\n" })))
  tap.is(r.stdout, "/tmp\ninherited\ninput\n", "a program's table")
  local labelled = { connect = "lxc:///", labels = { from = "base" } }
  local pool <close> = assert(lsandbox.pool(inherits({ size = 1 }, labelled)))
  local one <close> = assert(pool:take())
  tap.is(one:recipe().labels and one:recipe().labels.from, "base", "a pool's table")
  local heard
  local listening = { connect = "lxc:///", on = { started = function() heard = true end } }
  local listened <close> = assert(lsandbox.start(inherits({}, listening)))
  lsandbox.sleep(0.01)
  tap.is(listened:state(), "running", "a sandbox with event functions of a base")
  tap.is(heard, true, "event functions of a base")
  local p <close> = assert(sb:spawn { "sleep", "1000" })
  tap.is(select(3, p:wait(inherits({}, { timeout = 0 }))), "timeout", "options")
  tap.is(pcall(p.wait, p, inherits({}, { timeout = {} })), false, "inherited options have their type")
  tap.is(pcall(p.wait, p, inherits({ timeout = 0 }, { timeuot = 1 })), false, "and no unknown ones")
end)

-- lsandbox.extend(base, changes): for libraries of recipes, without metatables.
if tap.ok(lsandbox.extend, "lsandbox.extend is there") then
  local changes = { memory = "64M", env = { A = "own" }, mounts = { { type = "ram", target = "/more" } } }
  local got = lsandbox.extend(base, changes)
  tap.is(shown(got.memory, got.user, got.env.A, got.env.B, #got.mounts), "64M root own base 1",
    "extend: maps are joined, lists replaced")
  tap.is(shown(base.memory, base.env.A, #base.mounts), "128M base 1", "extend: the base stays what it was")
  tap.is(getmetatable(got), nil, "extend: a plain table")
  got = lsandbox.extend(inherits({ "true" }, inherits({ memory = "1G" }, base)), { command = "false" })
  tap.is(shown(got[1], got.command, got.memory, got.timeout), "nil false 1G 7", "extend: what a base inherits")
  got = lsandbox.extend({ command = "false", on = { started = print } }, { "echo", "more" })
  tap.is(shown(got[2], got.command, got.on.started), shown("more", nil, print), "extend: a command of either form")
  local circle = { 1 }
  circle.circle = circle
  tap.like(select(2, pcall(lsandbox.extend, circle, {})), "contains itself", "extend: a table that contains itself")
  tap.like(select(2, pcall(lsandbox.extend, {}, 1)), "table expected", "extend: no table")
end

-- A recipe that the command runs finds its library beside it, from every directory.
tap.case("a library of recipes", function()
  local dir = os.tmpname()
  os.remove(dir)
  host.capture("mkdir -p " .. dir .. "/library")
  host.write(dir .. "/library/init.lua", 'return { connect = "lxc:///", env = { FROM = "the library" } }')
  host.write(dir .. "/greetings.lua", 'return { hello = "hello from" }')
  host.write(dir .. "/recipe.lua", [[
    local lsandbox, text = require "lsandbox", require "greetings".hello
    return lsandbox.extend(require "library", { "sh", "-c", "echo " .. text .. " $FROM" })]])
  local command = os.getenv "LSANDBOX_BUILD" .. "/tests/fake-lsandbox "
  tap.is(host.line(command .. dir .. "/recipe.lua 2>&1"), "hello from the library", "is found beside the recipe")
  tap.is(host.line("cd " .. dir .. " && " .. command .. "recipe.lua 2>&1"), "hello from the library",
    "by a relative path, too")
  host.capture("rm -r " .. dir)
end)

collectgarbage()
tap.done()
