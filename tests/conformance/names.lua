-- Names: a start whose name is taken touches nothing of the one that has it, whoever made that. (tap, kind), as in
-- life.lua.
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local start = helpers.start

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

-- What libvirt keeps on the host of the domain NAME while it runs, as a list of lines, in our private libvirtd or
-- below our run directory. Its xml and pid files are libvirtd's own, and never ours to remove.
local function files_of(name, kind)
  if kind.machine then
    return host.line(("find %s -name '*%s*' ! -name '*.tmp' 2>/dev/null | sort"):format(host.run_dir(), name))
  end
  return host.line(("ls -d /run/libvirt/lxc/%s.* /var/log/libvirt/lxc/%s.log 2>/dev/null | sort"):format(name, name))
end

local function new_name(what) return ("lsandbox-%s-%s"):format(what, host.line("echo $PPID")) end

-- Whether it is seen at all: another user's libvirtd keeps its files where only root looks.
local function is_seen(kind) return kind.machine or os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") end

local function refused(t, kind, name, what)
  local sb, why, code = lsandbox.start { connect = kind.uri, name = name }
  t.is(tostring(sb), "nil", what .. ": a second one of that name does not start")
  t.ok(why:find(name, 1, true), what .. ": and the message names it", why)
  t.is(code, "state", what .. ": with a code")
end

case("names: of a sandbox of the same process", function(t, kind)
  local name = new_name "taken"
  local sb <close> = start(kind, { name = name })
  local before = files_of(name, kind)
  t.ok(before ~= "" or not is_seen(kind), "libvirt keeps files of it")
  for _ = 1, 2 do refused(t, kind, name, "taken here") end
  t.is(files_of(name, kind), before, "taken here: all its files are still there")
  t.is(assert(sb:run { "cat", "/proc/meminfo" }).status, 0, "taken here: it goes on")
  t.ok(sb:stop { timeout = 10 } or sb:destroy() or true, "and can be ended")
  t.is(files_of(name, kind), "", "then its files are gone")
  local again <close> = start(kind, { name = name })
  t.is(assert(again:run { "true" }).status, 0, "and the name is free again")
end)

-- At the same moment: neither start finds the other's domain, and libvirt refuses the second one.
case("names: of two sandboxes that start at once", function(t, kind)
  local name = new_name "twice"
  local function begin() return lsandbox.start { connect = kind.uri, name = name } end
  local first, second = lsandbox.task(begin), lsandbox.task(begin)
  local a, why_a = first:await()
  local b, why_b = second:await()
  t.ok(not a ~= not b, "one of them starts", why_a, why_b)
  local sb <close> = a or b
  t.is(assert(sb:run { "cat", "/proc/meminfo" }).status, 0, "and goes on")
  t.ok(files_of(name, kind) ~= "" or not is_seen(kind), "with its files")
  sb:close()
  t.is(files_of(name, kind), "", "which are gone afterwards")
end)

-- Another process's: for machines every process has a libvirt of its own, and no name is taken.
case("names: of a sandbox of another process", function(t, kind)
  if kind.machine or not os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") then return end
  local name = new_name "other"
  local command = os.getenv("LSANDBOX_BUILD") .. "/lsandbox"
  local sb <close> = start(kind, { name = name })
  local before = files_of(name, kind)
  local line = "timeout 60 %s run -c %s --name %s -- true 2>&1 </dev/null"
  t.is(sb:state(), "running", "one sandbox has the name")
  local out = host.capture(line:format(command, kind.uri, name))
  t.ok(out:find(name, 1, true), "the command says that the name is taken", out)
  t.is(files_of(name, kind), before, "when it has ended all files are still there")
end)

-- A process that had that name before ends later: what its keeper then removes is not the new one's.
case("names: of an earlier sandbox of a process that ends", function(t, kind)
  if kind.machine or not os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") then return end
  local name, fifo, script = new_name "again", host.run_dir() .. ".fifo", host.run_dir() .. ".lua"
  host.write(script, ([[
    local lsandbox = require "lsandbox"
    local sb = assert(lsandbox.start { connect = %q, name = %q })
    sb:destroy()
    print "ended" io.stdout:flush()
    io.open(%q):read("a")]]):format(kind.uri, name, fifo))
  os.execute("mkfifo " .. fifo)
  local other = assert(io.popen(("timeout 60 %s/lsandbox %s 2>&1"):format(os.getenv("LSANDBOX_BUILD"), script)))
  t.is(other:read(), "ended", "another process has had a sandbox of that name")
  local sb <close> = start(kind, { name = name })
  local before = files_of(name, kind)
  io.open(fifo, "w"):close()
  other:close()
  local function keepers() return host.line("cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^lsandbox-keeper$'") end
  helpers.until_true(function() return keepers() == "1" end) -- the other's keeper ends after it
  t.is(files_of(name, kind), before, "after the end of that process all files are still there")
  t.is(assert(sb:run { "true" }).status, 0, "and the new one goes on")
  os.execute(("rm -f %s %s"):format(fifo, script))
end)

-- A domain that is not ours at all: a container of virsh's.
case("names: of a domain that is not ours", function(t, kind)
  if kind.machine or not os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") then return end
  if not t.need(host.line("command -v virsh") ~= "", "virsh", "a domain that is not ours") then return end
  local name, xml = new_name "foreign", host.run_dir() .. ".xml"
  host.write(xml, ([[<domain type='lxc'><name>%s</name><memory unit='MiB'>64</memory>
    <os><type>exe</type><init>/bin/sleep</init><initarg>1000</initarg></os>
    <devices><console type='pty'/></devices></domain>]]):format(name))
  local out, made = host.capture("virsh -q -c lxc:/// create " .. xml .. " 2>&1")
  os.remove(xml)
  if not t.ok(made, "virsh makes a container", out) then return end
  local before = files_of(name, kind)
  t.like(before, "%.sock", "libvirt keeps files of it")
  refused(t, kind, name, "foreign")
  t.is(files_of(name, kind), before, "foreign: all its files are still there")
  t.is(host.line("virsh -q -c lxc:/// domstate " .. name), "running", "foreign: it goes on")
  t.ok(os.execute("virsh -q -c lxc:/// destroy " .. name .. " >/dev/null"), "and can be ended")
  os.execute(("rm -rf /run/libvirt/lxc/%s.* /var/log/libvirt/lxc/%s.log"):format(name, name)) -- libvirt 9 leaves them
end)

return cases
