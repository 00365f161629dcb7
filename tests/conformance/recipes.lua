-- Cases that need sandboxes of their own. A case gets (tap, kind).
local helpers = require "helpers"
local host = require "host"

local start, scratch = helpers.start, helpers.scratch

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

case("mounts: ram, bind read-only and writable, single file, missing mount points", function(t, kind)
  scratch(function(dir)
    os.execute(([[
      cd %s && mkdir ro rw one && chmod 0777 rw
      echo data > ro/file; echo two > one/file; echo no > one/secret]]):format(dir))
    local sb <close> = start(kind, {
      mounts = {
        { type = "ram", target = "/lsb-scratch", size = "8M" },
        { type = "bind", target = "/lsb-data", source = dir .. "/ro" },
        { type = "bind", target = "/lsb-out", source = dir .. "/rw", readonly = false },
        { type = "bind", target = "/lsb-files/one", source = dir .. "/one/file" },
        { type = "guest-bind", target = "/mnt", source = "/usr/share" },
      },
    })
    t.is(assert(sb:run { "cat", "/lsb-data/file" }).stdout, "data\n", "a read-only bind shows the host's file")
    t.ok(assert(sb:run { "sh", "-c", "echo x > /lsb-data/file" }).status ~= 0, "and cannot be written")
    t.ok(assert(sb:run { "sh", "-c", "mount -o remount,rw /lsb-data; echo x > /lsb-data/file", user = "root",
      privileged = true }).status ~= 0, "not by privileged root either")
    t.is(host.read(dir .. "/ro/file"), "data\n", "the host's file is as it was")
    t.is(assert(sb:run { "sh", "-c", "echo hello > /lsb-out/new && cat /lsb-out/new" }).stdout, "hello\n",
      "a writable bind")
    t.is(host.read(dir .. "/rw/new"), "hello\n", "is written on the host")
    t.is(assert(sb:run { "cat", "/lsb-files/one" }).stdout, "two\n", "a single file")
    t.is(assert(sb:run { "ls", "-A", "/lsb-files" }).stdout, "one\n", "without those beside it")
    t.is(assert(sb:run { "sh", "-c", "echo x > /lsb-scratch/y && cat /lsb-scratch/y" }).stdout, "x\n",
      "ram is writable")
    local full = assert(sb:run { "sh", "-c", "head -c 20000000 /dev/zero > /lsb-scratch/big" })
    t.ok(full.status ~= 0, "and as large as it says")
    t.ok(assert(sb:run { "ls", "/mnt" }).stdout:find("doc"), "guest-bind shows a tree of the root elsewhere")
    t.ok(assert(sb:run { "touch", "/lsb-new" }).status ~= 0, "the root is still read-only")
    t.ok(not host.read("/lsb-data/file") and host.line("ls -d /lsb-* 2>/dev/null") == "",
      "no mount point was made on the host")
  end)
end)

case("root_mode overlay: writes vanish", function(t, kind)
  local sb <close> = start(kind, { root_mode = "overlay", user = "root", privileged = true })
  t.is(assert(sb:run { "sh", "-c", "echo x > /lsb-overlay && cat /lsb-overlay" }).stdout, "x\n",
    "the root can be written")
  t.ok(not host.read("/lsb-overlay"), "the host has nothing of it")
end)

case("what is hidden stays hidden from root inside", function(t, kind)
  -- Root with all capabilities binds the root without the mounts that cover parts of it. On a machine it then sees the
  -- export itself, as a hostile guest kernel would.
  scratch(function(dir)
    host.write(dir .. "/secret", "the secret")
    os.execute("chmod 0644 " .. dir .. "/secret")
    local sb <close> = start(kind, { user = "root", privileged = true })
    local r = assert(sb:run { "sh", "-c", [[
      mount --bind / /mnt && echo uncovered
      cat /mnt]] .. dir .. [[/secret
      cat /mnt/root/.bashrc /mnt/root/.profile
      cat /mnt/proc/self/cmdline /mnt/proc/1/environ
      touch /mnt/x /mnt]] .. dir .. [[/x /mnt/usr/x
      mount -o remount,rw /mnt
      touch /mnt/x /mnt/usr/x
    ]] })
    if kind.machine then t.like(r.stdout, "^uncovered", "the cover is off") end
    t.is((r.stdout:gsub("^uncovered\n", "")), "", "and nothing can be read")
    t.ok(not host.read(dir .. "/x") and not host.read("/x") and not host.read("/usr/x"), "nor written")
  end)
end)

case("hostname, env, cwd of the recipe", function(t, kind)
  local sb <close> = start(kind, { hostname = "elsewhere", env = { COLOUR = "blue" }, cwd = "/usr/share" })
  t.is(assert(sb:run { "sh", "-c", "hostname; echo $COLOUR; pwd" }).stdout, "elsewhere\nblue\n/usr/share\n",
    "all three")
end)

case("the sandbox's timeout", function(t, kind)
  local lsandbox = require "lsandbox"
  local r, message, code = lsandbox.run { "sleep", "1000", connect = kind.uri, timeout = 0.5 }
  t.is(tostring(r) .. " " .. tostring(code), "nil timeout", "ends it, and says so")
  t.like(message, "timeout of 0.5", "in words")
end)

case("max_output", function(t, kind)
  local lsandbox = require "lsandbox"
  local r = assert(lsandbox.run { "cat", "/dev/zero", connect = kind.uri, max_output = "1M" })
  t.is(#r.stdout, 1024 * 1024, "no more is kept")
  t.is(r.limit, "max_output", "and the result says what ended it")
end)

case("several sandboxes at once on one connection", function(t, kind)
  local lsandbox = require "lsandbox"
  local boxes, programs = {}, {}
  for i = 1, 3 do boxes[i] = start(kind, { hostname = "box" .. i }) end
  for i = 1, 3 do programs[i] = assert(boxes[i]:spawn { "hostname", stdout = "pipe" }) end
  for i = 1, 3 do t.is(programs[i].stdout:read("a"), "box" .. i .. "\n", "sandbox " .. i .. " is itself") end
  for i = 1, 3 do boxes[i]:close() end
  t.is(lsandbox.new({}):state(), "new", "and the module works on")
end)

case("life cycle", function(t, kind)
  local lsandbox = require "lsandbox"
  local sb = lsandbox.new { connect = kind.uri }
  t.is(sb:state(), "new", "new")
  t.is(#sb:timeline(), 0, "nothing has happened yet")
  t.like(tostring(sb), "new", "tostring says so")
  local _, message, code = sb:exec { "true" }
  t.is(code, "state", "exec needs a running sandbox")
  t.like(message, "not running", "in words")
  assert(sb:start())
  t.is(sb:state(), "running", "running")
  t.like(assert(sb:xml()), "<domain", "xml() shows what libvirt was given")
  local _, _, again = sb:start()
  t.is(again, "state", "a second start is refused")
  local p = assert(sb:spawn { "sleep", "1000" })
  t.is(sb:stop { timeout = 20 }, true, "stop ends even what runs")
  t.is(sb:state(), "stopped", "stopped")
  local spans = sb:timeline()
  t.ok(spans[#spans].lane == "end" and spans[#spans].ended, "its timeline ends with the end")
  local ok, _, lost = p:wait()
  t.is(tostring(ok) .. " " .. tostring(lost), "nil stopped", "the program knows")
  t.ok(sb:destroy(), "destroy after stop is harmless")
  sb:close()
  sb:close()
  t.is(sb:state(), "closed", "closed, twice")
  t.ok(not pcall(sb.exec, sb, { "true" }), "a method on a closed sandbox raises")
end)

case("a guest that panics", function(t, kind)
  if not kind.machine then return end -- a container has no kernel of its own to panic
  local sb <close> = start(kind, { user = "root", privileged = true })
  local p = assert(sb:spawn { "sleep", "1000" })
  sb:run { "sh", "-c", "mount -t proc none /mnt; echo c > /mnt/sysrq-trigger" }
  local ok, _, code = p:wait { timeout = 30 }
  t.is(tostring(ok) .. " " .. tostring(code), "nil stopped", "is an end, not a hang")
end)

return cases
