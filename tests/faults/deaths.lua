-- Owners that die at the worst moments: while a sandbox ends, while QEMU is asked for the first time what it can do,
-- and together with their keeper. Nothing is left; what a dead keeper could not remove, the next start sweeps.
-- deaths.lua machine|container
local tap = require "tap"
local host = require "host"

local command = os.getenv("LSANDBOX_BUILD") .. "/lsandbox"
local uri = ({ machine = "qemu:///embed", container = "lxc:///" })[arg[1]]
local machine = arg[1] == "machine"
local run_dir = host.run_dir()
local root = host.line("id -u") == "0"

-- Process ids, as a list of words, of those whose command line has all of the words given.
local function processes(...)
  local greps = {}
  for _, word in ipairs { ... } do greps[#greps + 1] = "grep -aF -- " .. host.quote(word) end
  return host.line([[for p in /proc/[0-9]*; do
      echo "${p#/proc/} $(tr '\0' ' ' 2>/dev/null < $p/cmdline)"
    done 2>/dev/null | ]] .. table.concat(greps, " | ") .. " | grep -av 'grep -aF' | cut -d' ' -f1 | tr '\\n' ' '")
end

local function wait_for(seconds, fn)
  local deadline = os.time() + seconds
  local result = fn()
  while not result and os.time() < deadline do
    host.capture("sleep 0.01") -- a poll with a bound: what is waited for sends no event to us
    result = fn()
  end
  return result
end

-- The command line would not tell, because a process has none for a moment of its execve(2), either.
local function is_gone(pid)
  local status = host.read("/proc/" .. pid .. "/status")
  return not status or status:find("\nState:%s*[ZX]") ~= nil
end

-- A Lua script run by the command, in the background, with ENV; its process id, and what it has written so far.
local function owner(script, env)
  local file, out, pid = run_dir .. ".lua", run_dir .. ".out", run_dir .. ".pid"
  host.write(file, script:gsub("URI", uri))
  os.execute(("env %s %s %s </dev/null >%s 2>&1 & echo $! >%s"):format(env or "", command, file, out, pid))
  return host.read(pid):match("%d+"), function() return host.read(out) or "" end
end

local function forget_owner()
  for _, suffix in ipairs { ".lua", ".out", ".pid" } do os.remove(run_dir .. suffix) end
end

local function is_clean(seconds, name)
  local left = host.wait_clean(seconds)
  tap.ok(#left == 0, name, table.unpack(left))
end

local lives = [[
  local lsandbox = require "lsandbox"
  local sb = assert(lsandbox.start { connect = "URI" })
  local p = assert(sb:spawn { "sleep", "1000" })
  assert(p:pid())
  io.stdout:write "up\n" io.stdout:flush()
  p:wait()]]

-- --- while it ends a container -----------------------------------------------------------------------

-- The end stops libvirt_lxc, takes it out of its control groups, waits for the guest init, and kills it. A guest init
-- that stands still makes that take 0.3 s, in which the owner is killed. On a busy host the end may be faster.
if not machine and root then
  for _, after in ipairs { "0", "0.1", "0.2" } do
    local script = ([[
      local lsandbox = require "lsandbox"
      local sb = assert(lsandbox.start { connect = "URI", name = "NAME" })
      local found = io.popen("for p in /proc/[0-9]*; do grep -qs libvirt_lxc $p/comm && grep -qs NAME $p/cmdline && "
        .. "echo ${p#/proc/} $(cat $p/task/*/children); done"):read("a")
      local controller, init = found:match("(%d+) (%d+)")
      assert(init, "no guest init")
      os.execute("kill -STOP " .. init)
      local me = io.open("/proc/self/stat"):read "n"
      io.stdout:write "ending\n" io.stdout:flush()
      os.execute("(until grep -qs '^State:.T' /proc/" .. controller .. "/status; do sleep 0.01; done; sleep AFTER; "
        .. "kill -9 " .. me .. ") >/dev/null 2>&1 &")
      sb:destroy()
      io.stdout:write "ended\n"]]):gsub("AFTER", after):gsub("NAME", "lsandbox-dies" .. after:gsub("%.", "-"))
    local pid, out = owner(script)
    wait_for(60, function() return is_gone(pid) end)
    tap.like(out(), "^ending\n", ("the owner is killed %s s after libvirt_lxc was stopped"):format(after))
    is_clean(8, "libvirt_lxc does not stay, stopped, nor anything else")
    forget_owner()
  end
end

-- --- during a fork bomb ------------------------------------------------------------------------------

-- libvirtd kills 2,048 processes and removes their control group before all of them have left it. The keeper stays
-- until they have.
if not machine then
  local pid, out = owner([[
    local lsandbox = require "lsandbox"
    local sb = assert(lsandbox.start { connect = "URI" })
    assert(sb:spawn { "sh", "-c", "b() { b | b & b; }; b & exec sleep 1000", stderr = "null", stdout = "null" })
    while (sb:stats().pids or 0) < 1500 do lsandbox.sleep(0.05) end
    io.stdout:write "full\n" io.stdout:flush()
    lsandbox.sleep(1000)]])
  tap.ok(wait_for(120, function() return out() == "full\n" end), "an owner of a fork bomb", out())
  os.execute("kill -9 " .. pid)
  is_clean(90, "its control group does not stay")
  forget_owner()
end

-- --- while QEMU is asked what it can do ---------------------------------------------------------------

-- The first use of a QEMU, with a cache that is empty; libvirt asks it over a socket in "qmp-XXXXXX".
if machine then
  for _, after in ipairs { "0", "0.1", "0.4" } do
    local cache = host.line("mktemp -d /var/tmp/lsb-deaths.XXXXXX")
    os.execute("chmod 0755 " .. cache)
    local pid = owner(lives, "LSANDBOX_CACHE=" .. cache)
    local asked = wait_for(60, function()
      local found = processes(run_dir, "/qmp-")
      return found ~= "" and found
    end)
    tap.ok(asked, "QEMU is asked what it can do")
    os.execute(("sleep %s; kill -9 %s"):format(after, pid))
    local gone = wait_for(3, function() return processes(run_dir, "/qmp-") == "" end)
    local stray = processes(run_dir, "/qmp-")
    tap.ok(gone, ("a QEMU that is asked does not outlive an owner killed %s s later"):format(after), stray)
    if stray ~= "" then os.execute("kill -9 " .. stray) end
    is_clean(3, "and nothing else is left")
    os.execute("rm -rf " .. cache)
    forget_owner()
  end
end

-- --- together with its keeper ------------------------------------------------------------------------

local function start_one()
  return host.capture(("timeout 60 %s run -c %s -- echo fine 2>&1 </dev/null"):format(command, uri))
end

do
  local pid, out = owner(lives)
  tap.ok(wait_for(60, function() return out() == "up\n" end), "an owner with a keeper", out())
  local keeper = processes("lsandbox-keeper", run_dir)
  tap.like(keeper, "^%d+ $", "which is one process")

  -- What lives is not swept: this start finds its run directory.
  tap.is(start_one(), "fine\n", "another start")
  tap.ok(host.read("/proc/" .. pid .. "/stat") and #host.leftovers() > 0, "sweeps nothing of an owner that lives")

  os.execute(("kill -9 %s %s"):format(pid, keeper))
  wait_for(5, function() return processes("lsandbox-keeper", run_dir) == "" end)
  tap.is(start_one(), "fine\n", "a start after both were killed")
  is_clean(8, "sweeps what they left: processes, run directories, libvirt's files")
  local stray = machine and processes("qemu-system", run_dir) or ""
  if stray ~= "" then os.execute("kill -9 " .. stray) end
  os.execute("rm -rf " .. run_dir .. "/*")
  forget_owner()
end

-- An owner whose keeper alone is killed still lives: its sandbox goes on, also when others start.
do
  local pid, out = owner(lives)
  tap.ok(wait_for(60, function() return out() == "up\n" end), "an owner again", out())
  os.execute("kill -9 " .. processes("lsandbox-keeper", run_dir))
  tap.is(start_one(), "fine\n", "a start beside an owner without a keeper")
  tap.ok(host.capture("ls " .. run_dir) ~= "" and #host.leftovers() > 0, "takes nothing from it")
  os.execute("kill -9 " .. pid)
  wait_for(5, function() return is_gone(pid) end)
  tap.is(start_one(), "fine\n", "but a start after its death")
  is_clean(8, "sweeps what it left")
  local stray = machine and processes("qemu-system", run_dir) or ""
  if stray ~= "" then os.execute("kill -9 " .. stray) end
  os.execute("rm -rf " .. run_dir .. "/*")
  forget_owner()
end

-- The end of a PID namespace kills everybody in it at once; the files stay.
if root then
  local file = run_dir .. ".lua"
  host.write(file, (lives:gsub("URI", uri)))
  local out = run_dir .. ".out"
  os.execute(("unshare --pid --fork --kill-child --mount-proc %s %s </dev/null >%s 2>&1 & echo $! >%s.pid"):format(
    command, file, out, run_dir))
  local pid = host.read(run_dir .. ".pid"):match("%d+")
  tap.ok(wait_for(60, function() return host.read(out) == "up\n" end), "an owner in a PID namespace of its own")
  os.execute("kill -9 " .. pid)
  wait_for(20, function() return processes(command, file) .. processes("lsandbox-keeper", run_dir) == "" end)
  tap.is(start_one(), "fine\n", "a start after the end of that namespace")
  is_clean(8, "sweeps what is left of it")
  os.execute("rm -rf " .. run_dir .. "/*")
  forget_owner()
end

tap.done()
