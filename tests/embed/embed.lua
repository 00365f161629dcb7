-- Build the example hosts against an installed tree, and run them and other short-lived processes: embed.lua KIND ...
local tap = require "tap"
local host = require "host"

local top = os.getenv "LSANDBOX_TOP"
local tree = assert(os.getenv "LSANDBOX_EMBED", "run this by tests/embed.t") .. "/usr/local"
local uris = { machine = "qemu:///embed", container = "lxc:///" }
local lua = os.getenv "LUA" or host.line "command -v lua5.4 || command -v lua"

-- The output of COMMAND with its exit status in front, and what COMMAND has left.
local function run(command)
  local out, ok, how, code = host.capture("timeout -k 5 120 " .. command .. " 2>&1 </dev/null")
  local left = host.wait_clean(8) -- the keeper waits 4 s for a start that libvirtd may go on with
  return (ok and 0 or how == "exit" and code or 128 + code) .. "\n" .. out, left
end

local function runs(name, command, expected)
  local out, left = run(command)
  tap.is(out, expected, name)
  tap.ok(#left == 0, name .. ": leaves nothing", table.unpack(left))
end

-- --- building -----------------------------------------------------------------------------------------------

local lua_pc = host.line [[
  for p in lua5.4 lua-5.4 lua54 lua; do
    pkg-config --exists "$p >= 5.4" && { echo $p; break; }
  done]]
local pc = ("PKG_CONFIG_PATH=%s/lib/pkgconfig pkg-config --define-prefix"):format(host.quote(tree))

local function build(name, how, flags)
  local out = ("%s/%s-%s"):format(tree, name, how)
  local said, ok = host.capture(([[
    %s -Wall -Wextra -Werror -o %s %s/tests/embed/%s.c %s \
      $(pkg-config --cflags --libs %s glib-2.0) 2>&1]]):format(os.getenv "CC" or "cc", out, top, name, flags, lua_pc))
  tap.ok(ok and said == "", ("%s builds with the %s library"):format(name, how), said)
  return out
end

-- Only liblsandbox itself is linked statically; lsandbox.pc lists the libraries that it needs.
local shared_flags = ("$(%s --cflags --libs lsandbox)"):format(pc)
local static_flags = ("$(%s --cflags lsandbox) %s/lib/liblsandbox.a "):format(pc, tree)
  .. ("$(pkg-config --libs $(%s --print-requires-private lsandbox)) -lm"):format(pc)

local programs = {}
for _, name in ipairs { "plain", "gapp" } do
  programs[#programs + 1] = { name = name, how = "shared", path = build(name, "shared", shared_flags) }
  programs[#programs + 1] = { name = name, how = "static", path = build(name, "static", static_flags) }
end
tap.like(host.capture("readelf -d " .. tree .. "/plain-shared"), "NEEDED[^\n]*liblsandbox%.so%.0",
  "the shared one needs the library by its name")
tap.ok(not host.capture("readelf -d " .. tree .. "/plain-static"):find "liblsandbox", "the static one does not")

-- --- running ------------------------------------------------------------------------------------------------

local rounds = [[
0
first	hello from first

first	first later	running
second	hello from second

second	second later	running
a	hello from a

b	hello from b

a	a later	running
b	b later	running
]]

local with_libraries = "env LD_LIBRARY_PATH=" .. tree .. "/lib "

-- Processes that end in every way while a sandbox runs a program. The interpreter is a plain Lua with the module from
-- the tree, and in one case the lsandbox command.
local script = host.run_dir() .. ".lua"
local prelude = ([[
  local lsandbox = require "lsandbox"
  local sb = assert(lsandbox.start { connect = %q })
  local p = assert(sb:spawn { "sleep", "1000" })
  assert(p:pid())
  io.stdout:write "up\n" io.stdout:flush()
]])
local module = ("env LUA_CPATH='%s/lib/lua/5.4/?.so' %s "):format(tree, lua)
local ends = {
  { "os.exit(3, true)", "os.exit(3, true)", "3\nup\n" },
  { "os.exit(3)", "os.exit(3)", "3\nup\n" },
  { "an error at top level", "error('on purpose', 0)", "1\nup\n.*on purpose" },
  { "an error in a coroutine", "coroutine.wrap(function() local a <close> = sb; error('on purpose', 0) end)()",
    "1\nup\n.*on purpose" },
  { "the end of the script", "", "0\nup\n" },
  { "SIGKILL of itself", "os.execute('kill -9 ' .. io.open('/proc/self/stat'):read('n'))", "137\nup\n" },
}

local function ends_well(kind)
  for _, case in ipairs(ends) do
    host.write(script, prelude:format(uris[kind]) .. case[2])
    local out, left = run(module .. script)
    tap.like(out, "^" .. case[3], case[1])
    tap.ok(#left == 0, case[1] .. ": leaves nothing", table.unpack(left))
  end
  host.write(script, prelude:format(uris[kind]) .. "error('on purpose', 0)")
  local out, left = run(tree .. "/bin/lsandbox " .. script)
  tap.like(out, "^125\nup\n.*on purpose", "an error in a recipe")
  tap.ok(#left == 0, "an error in a recipe: leaves nothing", table.unpack(left))
end

-- The kind of a sandbox makes no difference to the linker, so the static hosts run on one kind only.
for _, kind in ipairs(arg) do
  for _, p in ipairs(programs) do
    if p.how == "static" and kind ~= arg[#arg] then goto continue end
    local name = ("%s, %s, %s"):format(kind, p.name, p.how)
    local command = with_libraries .. p.path .. " " .. top .. "/tests/embed/" .. p.name .. ".lua " .. uris[kind]
    if p.name == "plain" then
      runs(name, command, rounds)
    else
      local out, left = run(command)
      tap.like(out, "^7\n%a+\nworked\nticked\n$", name)
      tap.ok(#left == 0, name .. ": leaves nothing", table.unpack(left))
    end
    ::continue::
  end
  tap.case(kind .. ": a process that ends by", ends_well, kind)
end

-- --- forked children ----------------------------------------------------------------------------------------

-- What each child does, and what it says; nil: nothing.
local function whose(what)
  return "this " .. what .. " belongs to process N, which made it; this process was forked from that one, and has to "
    .. "make its own"
end
local forks = {
  { "os.exit" }, { "os.exit that closes the state" }, { "a full collection, all references gone" },
  { "close of everything" }, { "destroy", whose "sandbox" }, { "exec", whose "sandbox" }, { "wait", whose "program" },
  { "read", whose "stream" }, { "a watcher's read", whose "watcher" }, { "take", whose "pool" },
  { "list", whose "connection" }, { "await", whose "task" }, { "cancel of a task", "false" },
  { "a turn of the loop" }, { "an end by a signal" },
}
local own_sandbox = {
  machine = "unsupported: qemu:///embed: process N opened libvirt's embedded driver before it forked this one, which "
    .. "cannot open it again; execute a new program, or fork before the first machine",
  container = "a child's",
}

local function expected_of_forks(kind)
  local lines = { "0", "first\tworks" }
  for _, fork in ipairs(forks) do
    lines[#lines + 1] = fork[2] and "\t" .. fork[2]
    lines[#lines + 1] = fork[1] .. "\tas it should\tworks"
  end
  table.move({ "\t" .. own_sandbox[kind], "a sandbox of its own\tas it should\tworks", "\t" .. whose "wait",
    "a fork in a task\tas it should\ttrue\tworks", "the pool\trunning\tfailed" }, 1, 5, #lines + 1, lines)
  return table.concat(lines, "\n") .. "\n"
end

local forked = with_libraries .. "env LUA_CPATH='" .. tree .. "/lib/lua/5.4/?.so' "
  .. build("forked", "shared", "-rdynamic") .. " " .. top .. "/tests/embed/forked.lua "

local function forked_children(kind)
  local said, left = run(forked .. uris[kind])
  local reports
  said, reports = said:gsub("lsandbox: error in a task that nobody awaited: said once\n.-:21>\n", "")
  tap.is(said, expected_of_forks(kind), "what they can do, and what the parent has goes on")
  tap.is(reports, 1, "an error that nobody awaited is said by the parent only")
  tap.ok(#left == 0, "leave nothing", table.unpack(left))
  local file = host.run_dir() .. ".pid"
  said, left = run(("sh -c '%s %s >/dev/null 2>&1'"):format(forked:gsub("'", "") .. uris[kind], file))
  tap.is(said, "137\n", "the parent is killed while a child lives")
  tap.ok(#left == 0, "which keeps nothing of the parent's", table.unpack(left))
  tap.is(host.line(("kill -9 $(cat %s) 2>&1 && echo lived; rm -f %s"):format(file, file)), "lived", "to the end")
end

for _, kind in ipairs(arg) do tap.case(kind .. ": forked children", forked_children, kind) end

-- --- loading it again ---------------------------------------------------------------------------------------

-- The module is unloaded and loaded again in one process. Lua unloads libraries only when it closes a state.
local reload = build("reload", "shared", "-ldl")
for _, kind in ipairs(arg) do
  runs(kind .. ": loaded, unloaded, loaded again",
    ("%s %s/lib/lua/5.4/lsandbox.so %s"):format(reload, tree, uris[kind]), "0\nround 1\nround 2\nround 3\n")
end

host.write(script, ([[
  local lsandbox = require "lsandbox"
  local ok, message = pcall(assert(package.loadlib(%q, "luaopen_lsandbox")))
  print(ok, message)
  print(lsandbox.new({}):state())]]):format(tree .. "/lib/lua/5.4/lsandbox.so"))
tap.like(run(tree .. "/bin/lsandbox " .. script), "^0\nfalse\tlsandbox: another copy[^\n]*\nnew\n$",
  "two copies in one state: refused, and the first goes on")
os.remove(script)
tap.done()
