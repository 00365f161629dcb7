-- Each part of a template is damaged, and the making of one is interrupted at each moment. The program's answer must
-- still be right, the start must be cold or from a template as expected and say why, and nothing half-done may be left.
-- templates.lua [PART OF A CASE'S NAME]
local tap = require "tap"
local host = require "host"

local command = os.getenv("LSANDBOX_BUILD") .. "/lsandbox"
local cache = os.getenv("LSANDBOX_CACHE")
local store = cache .. "/templates"
local kept = cache .. "/kept" -- a copy of the first template
local probe = os.getenv("LSANDBOX_TOP") .. "/tests/templates/probe.lua"
local all = os.getenv("LSANDBOX_CHECK") == "all"
local root = host.line("id -u") == "0"
local only = arg[1]
local key

local function sh(format, ...)
  local script = format:format(...)
  assert(os.execute(script), script)
end

local function names(pattern) return host.line(("cd %s && ls -d %s 2>/dev/null"):format(store, pattern)) end

-- Start a machine in a process of its own, with RECIPE's fields. Returns how it started, whether the answer is right,
-- and the reason of a cold start.
local function start(env, recipe, lua)
  local out = host.capture(("cd / && env %s timeout -k 5 100 %s %s %s 2>&1 </dev/null")
    :format(env or "", lua or command, probe, host.quote(recipe or "")))
  local how, answer, why = out:match("^([^\t\n]+)\t([^\t]+)\t([^\n]*)\n$")
  return how or "?", answer or out, why or out
end

local function answers(name, how, why, env, recipe)
  local got, answer, reason = start(env, recipe)
  tap.is(got .. " " .. answer, how .. " right", name .. ": " .. how .. ", and the right answer")
  if why then tap.like(reason, why, name .. ": says why") end
  return reason
end

local function restore() sh("rm -rf %s/* && cp -a --sparse=always %s %s/%s", store, kept, store, key) end

-- The store holds one template, or NONE, whose every byte is what was made, and nothing half-done.
local function check_whole(none)
  tap.is(host.capture(command .. " template check 2>&1"), none and "" or key .. " ok\n",
    none and "the template is gone" or "one whole template is left")
  tap.is(names(".tmp-*"), "", "nothing half-done is left")
end

-- The checksums in a template's info file, as lsandbox/domain/template/memoryfile.h describes them.
local checksum = {}

function checksum.of(path)
  local f = assert(io.open(path, "rb"))
  local size, at, out = f:seek("end"), 0, os.tmpname()
  local sum = assert(io.open(out, "wb"))
  f:seek("set")
  sum:write(string.pack("<I8", size))
  for page in f:lines(4096) do
    if page:find("[^\0]") then sum:write(string.pack("<I8", at), page) end
    at = at + #page
  end
  f:close()
  sum:close()
  local hex = host.sha256(out)
  os.remove(out)
  return hex
end

-- Write the present checksums and sizes of DIR's files into its info, so that only QEMU can find that they are wrong.
function checksum.forge(dir)
  local info = host.read(dir .. "/info")
  for _, part in ipairs { "memory", "state" } do
    local path = dir .. "/" .. part
    info = info:gsub("\n" .. part .. "=" .. ("%x"):rep(64), "\n" .. part .. "=" .. checksum.of(path))
    info = info:gsub("(%[files%].*\n" .. part .. "=)%d+", "%1" .. host.line("stat -c %s " .. path))
  end
  host.write(dir .. "/info", info)
end

-- Change one bit of the byte at PLACE, counted from the beginning of the file.
local function flip(path, place)
  local f = assert(io.open(path, "r+b"))
  f:seek("set", place)
  local byte = f:read(1):byte()
  f:seek("set", place)
  f:write(string.char(byte ~ 0x10))
  f:close()
end

-- The place of a file's first byte that is not zero.
local function first_byte(path)
  local f, at = assert(io.open(path, "rb")), 0
  for page in f:lines(4096) do
    local place = page:find("[^\0]")
    if place then return f:close() and at + place - 1 end
    at = at + #page
  end
end

local cases = {}
local function case(name, fn, wanted)
  if wanted ~= false and (not only or name:find(only, 1, true)) then cases[#cases + 1] = { name, fn } end
end

-- DAMAGE(its directory) damages the template; the next start must be cold and right, and makes a new template. LATE:
-- the damage is found only after a start from the template, and then no new one is made.
local function damaged(name, why, damage, wanted, late)
  case(name, function()
    restore()
    damage(store .. "/" .. key)
    answers("the start", "cold", why)
    check_whole(late)
  end, wanted)
end

local other = "checksum is another"

damaged("memory that is cut short", "damaged, and is removed", function(dir)
  sh("truncate -s 100M %s/memory", dir)
end)
damaged("a byte of the memory, with its time set back", "memory is not what was made: its " .. other, function(dir)
  sh("touch -r %s/memory %s/time", dir, dir)
  flip(dir .. "/memory", first_byte(dir .. "/memory"))
  sh("touch -r %s/time %s/memory; rm %s/time", dir, dir, dir)
end)
damaged("a byte of the state", "state is not what was made: its " .. other,
  function(dir) flip(dir .. "/state", 100000) end)
damaged("no info", "damaged, and is removed", function(dir) host.write(dir .. "/info", "no such thing\n\0\xff") end)
damaged("a directory in place of the state", "damaged, and is removed", function(dir)
  sh("rm %s/state; mkdir %s/state", dir, dir)
end, all)
damaged("missing memory", "damaged, and is removed", function(dir) sh("rm %s/memory", dir) end, all)
damaged("another user's memory", "belong to another user", function(dir) sh("chown 12345 %s/memory", dir) end, root)
damaged("a template that others may write", "others may write", function(dir) sh("chmod g+w %s", dir) end, all)

-- No checksum finds what follows, so QEMU itself has to refuse it.
damaged("a state that QEMU refuses", "QEMU", function(dir)
  sh("truncate -s 60000 %s/state", dir)
  checksum.forge(dir)
end, true, true)
damaged("a machine that does not wake up", ".", function(dir)
  -- all of the kernel's text and data
  sh("dd if=/dev/zero of=%s/memory bs=1M count=48 seek=1 conv=notrunc status=none", dir)
  checksum.forge(dir)
end, all, true)

case("the state of another shape", function()
  restore()
  sh("%s template make --memory 192M >/dev/null", command)
  for name in names("*"):gmatch("%x+") do
    if #name == 24 and name ~= key then
      sh("cp %s/%s/state %s/%s/state && rm -r %s/%s", store, name, store, key, store, name)
    end
  end
  checksum.forge(store .. "/" .. key)
  answers("the start", "cold", ".")
  check_whole(true)
end, all)

case("a template that moved", function()
  restore()
  answers("the first start", "template")
  answers("the second start", "template")
  check_whole()
end)

-- A template may be removed while a machine runs from it, because QEMU still has the memory file open.
case("removal while a machine runs", function()
  restore()
  local lsandbox = require "lsandbox"
  local sb <close> = assert(lsandbox.start { connect = "qemu:///embed" })
  host.mark_own()
  tap.is(sb:info().start, "template", "a machine from a template")
  sh("%s template remove %s", command, key:sub(1, 20))
  tap.is(names("*/memory"), "", "which is removed under it")
  local count = "find /usr/lib -maxdepth 2 | sort | cksum"
  tap.is(sb:run({ "sh", "-c", count }).stdout, host.capture(count), "goes on, with right answers")
end)

-- --- the store

case("a store that others can write", function()
  restore()
  sh("chmod g+w %s", store)
  answers("the start", "cold", "other users can write in the cache directory")
  sh("chmod g-w %s", store)
end)

case("a budget smaller than a template", function()
  sh("rm -rf %s/*", store)
  answers("the start", "cold", "none was made: it takes .* LSANDBOX_TEMPLATES_SIZE",
    "LSANDBOX_TEMPLATES_SIZE=1M")
  tap.is(names("* .tmp-*"), "lock", "and nothing is made")
  local how, answer, why = start("LSANDBOX_TEMPLATES_SIZE=much")
  tap.is(how .. " " .. answer, "none failed", "a budget that is no size is an error")
  tap.like(why, 'LSANDBOX_TEMPLATES_SIZE: expected a size such as 2G or 500M, got "much"', "that says so")
end)

-- Run the shell script SETUP and then the probe in a mount namespace of its own, with a cache at $C that links to parts
-- of the user's cache.
local function mounted(setup)
  local dir = host.line("mktemp -d")
  local script = ([[
    set -e; mount --make-rprivate /; C=%s
    %s
    for part in boot emulator libvirt; do [ -e $C/$part ] || ln -s $(readlink -f %s/$part) $C/$part; done
    export LSANDBOX_CACHE=$C; eval "$BEFORE"
    cd /; timeout -k 5 100 %s %s; eval "$AFTER"]]):format(dir, setup, cache, command, probe)
  return function(before, after)
    local out = host.capture(("env BEFORE=%s AFTER=%s unshare -m sh -c %s 2>&1 </dev/null")
      :format(host.quote(before or ""), host.quote(after or ""), host.quote(script)))
    os.remove(dir)
    return out
  end
end

if root then
  case("a full disk", function()
    local out = mounted "mount -t tmpfs -o size=20M,mode=755 none $C" ("", "ls -A $C/templates")
    tap.like(out, "^cold\tright\t.*none was made: it takes .* has less left\nlock\n$",
      "the start is cold, right, and says why")
  end)
  -- Nine inodes are enough for the links, the store, its lock, the work directory, memory and state.
  case("a disk that is full when the template is published", function()
    local out = mounted "mount -t tmpfs -o size=900M,nr_inodes=9,mode=755 none $C" ("", "ls -A $C/templates")
    tap.like(out, "^cold\tright\t[^\n]*\nlock\n$", "the start is cold and right, and nothing is left")
  end, all)
  case("a file system that is read-only", function()
    restore()
    local again = ("mount --bind %s $C && mount -o remount,ro,bind $C"):format(cache)
    local out = mounted(again)(("LSANDBOX_CACHE=%s; mount --bind %s %s; mount -o remount,ro,bind %s")
      :format(cache, cache, cache, cache))
    tap.like(out, "^template\tright\t\n$", "the template is used")
  end)
  -- A clone in root's home is such a place. The helpers are other files then, and what the cache knows of QEMU is not
  -- valid for them.
  case("helpers where QEMU's user may not go", function()
    local helpers, other_cache = host.line("mktemp -d"), host.line("mktemp -d")
    sh("cp %s/lsandbox-* %s && chmod 755 %s && ln -s $(readlink -f %s/boot) %s", os.getenv("LSANDBOX_BUILD"), helpers,
      other_cache, cache, other_cache)
    local env = ("LSANDBOX_LIBEXEC=%s LSANDBOX_CACHE=%s"):format(helpers, other_cache)
    answers("helpers that root alone may reach", "cold", "no template", env)
    answers("the next start with such helpers", "template", nil, env)
    sh("rm -rf %s %s", helpers, other_cache)
  end)
end

-- --- making it

-- Kill the process that makes a template at a MOMENT, which is a condition for the shell in the work directory.
local function killed(name, moment, wanted)
  case("killed " .. name, function()
    sh("rm -rf %s/*", store)
    local script = ([[
      cd /; %s %s </dev/null >/dev/null 2>&1 & pid=$!
      n=0; while ! { cd %s/.tmp-* 2>/dev/null && %s; } && kill -0 $pid; do n=$((n+1)); done 2>/dev/null
      kill -9 $pid; wait $pid; cd %s; ls -d .tmp-* 2>/dev/null | wc -l]]):format(command, probe, store, moment, store)
    local left = host.line("timeout 100 sh -c " .. host.quote(script) .. " 2>/dev/null")
    local nothing = host.wait_clean(3)
    tap.ok(#nothing == 0, "no machine is left", table.unpack(nothing))
    tap.like(left, "^[01]$", "at most a work directory is left: " .. left)
    if wanted == "list" then
      tap.is(host.capture(command .. " template list"):match("\n(.*)"), "", "there is no template")
      tap.is(names(".tmp-*"), "", "the list has removed the work directory")
      return
    end
    local how, answer = start()
    tap.like(how .. " " .. answer, "^%l+ right$", "the next start is right")
    check_whole()
  end, wanted)
end

killed("when it begins", "true", "list")
killed("while it saves the state", "[ -s state ]", all)
killed("while it copies the memory", "[ $(stat -c %b memory) -gt 1000 ]", all)
killed("while it publishes", "[ -e info ]", all)

case("eight makers at once", function()
  sh("rm -rf %s/*", store)
  local script = ([[cd /; for i in 1 2 3 4 5 6 7 8; do timeout -k 5 250 %s %s </dev/null 2>&1 & done; wait]])
    :format(command, probe)
  local out = host.capture(script)
  local _, right = out:gsub("\tright\t", "")
  tap.ok(right == 8, "all eight answers are right", out)
  check_whole()
end, all)

-- As after an upgrade of QEMU, another file is the emulator. QEMU looks for its modules beside its own file. The case
-- has a cache of its own, because lsandbox caches what it learns of a QEMU.
case("another QEMU", function()
  local dir = host.line("mktemp -d")
  sh("chmod 755 %s; mkdir %s/bin; cp $(readlink -f $(command -v qemu-system-x86_64)) %s/bin/qemu-system-x86_64", dir,
    dir, dir)
  sh("ln -s /usr/lib /usr/lib64 /usr/share %s; ln -s $(readlink -f %s/boot) %s/boot", dir, cache, dir)
  local mine = "LSANDBOX_CACHE=" .. dir
  answers("QEMU", "cold", "no template", mine)
  answers("another QEMU", "cold", "no template", mine .. " PATH=" .. dir .. "/bin:$PATH")
  answers("QEMU again", "template", nil, mine)
  answers("another QEMU again", "template", nil, mine .. " PATH=" .. dir .. "/bin:$PATH")
  tap.is(select(2, host.capture("ls -d " .. dir .. "/templates/*/memory"):gsub("\n", "")), 2,
    "each has a template of its own")
  sh("rm -rf %s", dir)
end, all)

-- --- all cases, from one template that a plain Lua with os.exit() at its end has left

do
  local how, answer, why = start(nil, nil, arg[-1])
  tap.is(how .. " " .. answer, "cold right", "the first start is cold, and right")
  tap.like(why, "^there is no template for this machine yet$", "because there is no template")
  key = names("*"):match("%f[%x]" .. ("%x"):rep(24) .. "%f[%X]")
  if tap.ok(key, "the process has left one, though it ended at once", names("* .tmp-*")) then
    sh("cp -a --sparse=always %s/%s %s", store, key, kept)
    answers("the second start", "template")
    tap.like(host.capture(command .. " template list"),
      "^KEY +SIZE +MADE +LAST USED +OF\n" .. key
        .. " +[%d.]+ MiB  [%d-]+ [%d:]+  [%d-]+ [%d:]+  256M, 1 processor, %l+, kernel [^\n]+\n$",
      "the list has it")
    for _, c in ipairs(cases) do tap.case(c[1], c[2]) end
  end
end

-- The verb's errors.
do
  local function refused(arguments, pattern)
    local out, _, _, code = host.capture(command .. " template " .. arguments .. " 2>&1")
    tap.like(out .. code, "^lsandbox: [^\n]*" .. pattern .. "[^\n]*\n125$", "template " .. arguments)
  end
  refused("", "expected make, list, check or remove")
  refused("no-such-verb", "expected make, list, check or remove")
  refused("check 0123zz", "none with the key 0123zz %[not%-found%]")
  refused("remove", "keys, or %-%-all")
  refused("make -c lxc:///", "container")
  refused("make --graphics vnc", 'it has graphics %[no%-template%]')
  refused("make --memory 12Q", "memory: expected a size")
  refused("make -- true", "no program")
  if key and not only then
    restore()
    tap.is(host.capture(command .. " template remove --all 2>&1") .. names("*"), "", "template remove --all")
  end
end

local left = host.wait_clean(3)
tap.ok(#left == 0, "nothing is left behind", table.unpack(left))
tap.done()
