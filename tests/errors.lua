-- Each code of lsandbox/base/error.h is provoked by a real fault. A row has a code, a part of the message, and a
-- snippet that returns nil, message, code.
local tap = require "tap"
local host = require "host"
local lsandbox = require "lsandbox"

local top = os.getenv("LSANDBOX_TOP")
local root = host.line("id -u") == "0"
local container = os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") or os.execute("test -w /run/libvirt/libvirt-sock")
local dir = host.line("mktemp -d /tmp/lsb-err.XXXXXX")
os.execute("chmod 0755 " .. dir)

local rows, have = {}, {}

-- Fields of WAYS, all optional: `needs` is "container" or "root"; `unless` is why the code cannot be provoked here;
-- `prepare` is a function to call first; `environment` has assignments for env(1), and `hidden` is a list of files to
-- hide. With either of these two the snippet runs in a process of its own.
local function row(code, message, ways, snippet)
  rows[#rows + 1] = { code = code, message = message, ways = ways, snippet = snippet }
  have[code] = true
end

-- --- the rows --------------------------------------------------------------------------------------------

row("invalid", "memory: expected a size", {}, [[
  local _, message = pcall(lsandbox.new, { memory = "12Q" })
  return nil, message, "invalid"]]) -- raised, so Lua sees no code

row("unsupported", "another host", {}, [[
  return lsandbox.start { connect = "lxc://example.invalid/" }]])

row("no-kernel", "/boot/no%-such%-kernel", {}, [[
  return lsandbox.start { connect = "qemu:///embed", kernel = { path = "/boot/no-such-kernel" } }]])

local release = host.line("cd /lib/modules && for d in */; do test -d $d/kernel/fs/9p && echo ${d%/}; done | tail -n 1")
row("no-module", "has no 9p", {
  unless = (release == "" or not os.execute("command -v depmod >/dev/null")) and
    "no kernel whose modules could be copied",
  prepare = function() -- a kernel's modules without 9p
    assert(os.execute(([[
      from=/lib/modules/%s to=%s/lib/modules/%s
      mkdir -p $to/kernel/drivers && cp -r $from/kernel/drivers/virtio $to/kernel/drivers &&
      cp $from/modules.builtin* $from/modules.order $to && depmod -b %s %s 2>/dev/null]]):format(release, dir, release,
      dir, release)))
  end,
}, ([[
  return lsandbox.start { connect = "qemu:///embed", kernel = { version = "%s", modules = "%s/lib/modules/%s" } }]])
  :format(release, dir, release))

local kvm = os.execute("test -e /dev/kvm")
row("no-kvm", 'accel = "kvm"', { needs = kvm and "root", hidden = { "/dev/kvm" } }, [[
  return lsandbox.start { connect = "qemu:///embed", accel = "kvm" }]])

row("no-template", "it has graphics", {}, [[
  return lsandbox.start { connect = "qemu:///embed", template = "require", graphics = { type = "vnc" } }]])

row("no-qemu", "was not found", {
  needs = "root",
  hidden = { "/usr/bin/qemu-system-x86_64", "/usr/libexec/qemu-kvm" },
  environment = "PATH=/nonexistent",
}, [[
  return lsandbox.start { connect = "qemu:///embed" }]])

row("no-driver", "is libvirtd running", {}, [[
  return lsandbox.start { connect = "lxc+unix:///?socket=/no/such/socket" }]])

row("no-permission", "other users can write", {
  environment = "LSANDBOX_CACHE=" .. dir .. "/cache",
  prepare = function() os.execute("mkdir -p " .. dir .. "/cache/boot; chmod -R 0777 " .. dir .. "/cache") end,
}, [[
  return lsandbox.start { connect = "qemu:///embed" }]])

row("connect-failed", "cannot connect", { needs = "container" }, [[
  return lsandbox.start { connect = "lxc:///no-such-path" }]])

row("libvirt", "no%-such%-option", {}, [[
  return lsandbox.start { connect = "qemu:///embed", qemu = { args = { "-no-such-option" } } }]])

row("boot-failed", "[Kk]ernel panic", {}, [[
  return lsandbox.start { connect = "qemu:///embed", kernel = { cmdline = "rdinit=/no" } }]])

-- A bad header of a frame, and a frame that a container must not send.
for message, header in pairs { ["bad frame header"] = "255, 255, 255, 255", ["TIME out of turn"] = "WIRE_TIME" } do
  row("protocol", "broke the relay's protocol: " .. message, {
    needs = "container",
    environment = "LSANDBOX_LIBEXEC=" .. dir,
    prepare = function()
      assert(os.execute(("${CC:-cc} -O1 -static -iquote . -DHEADER='%s' -o %s/lsandbox-init tests/errors/hostile.c")
        :format(header, dir)))
    end,
  }, [[
    local sb <close> = assert(lsandbox.start { connect = "lxc:///" })
    return sb:run { "true" }]])
end

row("timeout", "timeout of 0.3", { needs = "container" }, [[
  return lsandbox.run { "sleep", "1000", connect = "lxc:///", timeout = 0.3 }]])

row("idle-timeout", "idle for 0.3", { needs = "container" }, [[
  return lsandbox.run { "sleep", "1000", connect = "lxc:///", idle_timeout = 0.3 }]])

row("output-limit", "more than 10 bytes", { needs = "container" }, [[
  local sb <close> = assert(lsandbox.start { connect = "lxc:///" })
  return sb:read("/etc/passwd", { max = 10 })]])

row("cancelled", "was cancelled", {}, [[
  local task = lsandbox.task(lsandbox.sleep, 1000)
  task:cancel()
  return task:await()]])

row("stopped", "", { needs = "container" }, [[
  local sb <close> = assert(lsandbox.start { connect = "lxc:///" })
  local p = assert(sb:spawn { "sleep", "1000" })
  sb:destroy()
  return p:wait()]])

-- The module stands alone, without the helpers beside it. Where lsandbox is installed, the module finds those helpers.
row("not-found", "lsandbox%-keeper: not found beside the module", {
  unless = host.read("/usr/local/libexec/lsandbox/lsandbox-keeper") and "lsandbox is installed in /usr/local",
  environment = ("LSANDBOX_LIBEXEC=/nonexistent LUA_CPATH='%s/alone/?.so'"):format(dir),
  prepare = function()
    assert(os.execute(("mkdir %s/alone && cp %s/lsandbox.so %s/alone"):format(dir, os.getenv("LSANDBOX_BUILD"), dir)))
  end,
}, [[
  return lsandbox.start { connect = "qemu:///embed" }]])

-- A saved machine is made by hand, empty but whole. A checksum covers the size, and the place and bytes of each page
-- that is not zero (lsandbox/domain/template/memoryfile.h).
row("stale-snapshot", "libvirt was 0%.0%.1 and is", {
  prepare = function()
    local function checksum(text)
      host.write(dir .. "/summed", string.pack("<I8", #text) .. (text == "" and "" or string.pack("<I8", 0) .. text))
      return host.sha256(dir .. "/summed")
    end
    local recipe = 'return { connect = "qemu:///embed", version = 1 }\n'
    assert(os.execute(("umask 077; mkdir %s/saved && touch %s/saved/memory %s/saved/state"):format(dir, dir, dir)))
    host.write(dir .. "/saved/recipe", recipe)
    host.write(dir .. "/saved/info",
      ("[machine]\nformat=1\nlibvirt=0.0.1\n[checksums]\nmemory=%s\nstate=%s\nrecipe=%s\n")
      :format(checksum "", checksum "", checksum(recipe)))
  end,
}, ([[
  return lsandbox.restore "%s/saved"]]):format(dir))

row("state", "not running", {}, [[
  return lsandbox.new({}):exec { "true" }]])

row("failed", "lsandbox%-keeper did not start", {
  environment = "LSANDBOX_LIBEXEC=" .. dir .. "/broken",
  prepare = function()
    assert(os.execute(("mkdir %s/broken && ln -s /bin/true %s/broken/lsandbox-keeper"):format(dir, dir)))
  end,
}, [[
  return lsandbox.start { connect = "qemu:///embed" }]])

-- --- running them ----------------------------------------------------------------------------------------

local function run_here(snippet)
  local value, message, code = assert(load(snippet, "=snippet", "t",
    setmetatable({ lsandbox = lsandbox }, { __index = _G })))()
  return tostring(value), message, code
end

-- Run the snippet of row R in a process of its own, with the row's environment and hidden files.
local function run_apart(r)
  local script = dir .. "/snippet.lua"
  host.write(script, ("local lsandbox = require 'lsandbox'\nlocal function snippet()\n%s\nend\n"):format(r.snippet)
    .. "local value, message, code = snippet()\nprint(value)\nprint(code)\nprint(message)\n")
  local lua = "$(command -v " .. (os.getenv("LUA") or "lua5.4") .. ")"
  local command = ("lua=%s; exec env %s $lua %s 2>&1"):format(lua, r.ways.environment or "", script)
  if r.ways.hidden and root then
    local mounts = ""
    for _, file in ipairs(r.ways.hidden) do
      mounts = mounts .. ("test -e %s && mount --bind /dev/null %s; "):format(file, file)
    end
    command = "unshare -m sh -c " .. host.quote(mounts .. command)
  end
  local value, code, message = host.capture("cd " .. host.quote(top) .. "; timeout 60 sh -c " .. host.quote(command))
    :match("^([^\n]*)\n([^\n]*)\n(.*)\n$")
  return value, message, code
end

local possible = { root = root, container = container }

local function provoke(r)
  local name = "can be provoked"
  if r.ways.needs and not tap.need(possible[r.ways.needs], "needs " .. r.ways.needs, name) then return end
  if r.ways.unless and not tap.need(false, r.ways.unless, name) then return end
  if r.ways.prepare then r.ways.prepare() end
  local apart = r.ways.environment or r.ways.hidden
  local value, message, code = (apart and run_apart or run_here)(apart and r or r.snippet)
  tap.is(tostring(value) .. " " .. tostring(code), "nil " .. r.code, name)
  tap.like(message, r.message, "the message names the cause")
end

local codes = {}
for code in host.read("lsandbox/base/error.h"):gmatch('X%([%u_]+,%s*"([%l-]+)"%)') do codes[code] = true end
for code in pairs(codes) do tap.ok(have[code], "there is a row for " .. code) end

for _, r in ipairs(rows) do
  if tap.ok(codes[r.code], r.code .. " is a code of error.h") then
    tap.case(r.code, provoke, r)
    collectgarbage()
  end
end

host.mark_own()
os.execute("rm -rf " .. dir)
local left = host.wait_clean(5)
tap.ok(#left == 0, "nothing is left behind", table.unpack(left))
tap.done()
