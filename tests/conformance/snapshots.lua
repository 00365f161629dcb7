-- Machines that are saved, restored and forked. A case gets (tap, kind), as in recipes.lua. A container is refused,
-- with the reason.
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local start, shown = helpers.start, helpers.shown

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

-- What the case has put into memory, in every way there is.
local made = [[
  echo ram >/scratch/a; echo tmp >/tmp/b; echo shm >/dev/shm/c; echo home >$HOME/d; echo root >/etc/lsandbox-e
  echo over >/over/f; rm /over/gone; echo more >>/included; echo run >/run/g]]
local seen = [[cat /scratch/a /tmp/b /dev/shm/c $HOME/d /etc/lsandbox-e /over/f /included /run/g; ls /over;
  cat /bound/file]]
local shows = "ram\ntmp\nshm\nhome\nroot\nover\nkept\nmore\nrun\nf\nstays\nbound\n"

-- What must differ in each machine: ids, random numbers, and the addresses of the first program.
local identity = [[cat /etc/machine-id /proc/sys/kernel/random/boot_id; head -c 16 /dev/urandom | od -An -tx1;
  cat /proc/sys/kernel/random/uuid; grep -m 1 stack /proc/self/maps]]

local function output(sb, script) return assert(sb:run(helpers.sh(script))).stdout end

-- A name counts once, so that two lists have no line in common.
local function add_lines(set, text)
  local new = 0
  for line in text:gmatch "[^\n]+" do
    if not set[line] then new = new + 1 end
    set[line] = true
  end
  return new
end

local function check_clock(t, sb, what)
  local before, inside, after = helpers.now(), tonumber(output(sb, "date +%s.%N")), helpers.now()
  t.ok(before - 0.02 <= inside and inside <= after + 0.02, what .. ": the host's time", before, inside, after)
end

local function start_full(kind, dir)
  host.write(dir .. "/bound/file", "bound\n")
  host.write(dir .. "/lower/gone", "")
  host.write(dir .. "/lower/stays", "")
  host.write(dir .. "/included", "kept\n")
  return start(kind, { user = "root", root_mode = "overlay", hostname = "first", mounts = {
    { type = "ram", target = "/scratch", size = "8M" },
    { type = "overlay", source = dir .. "/lower", target = "/over" },
    { type = "bind", source = dir .. "/bound", target = "/bound", readonly = true },
  }, include = { { source = dir .. "/included", target = "/included" } } })
end

local function damage(path, at, byte)
  local file <close> = assert(io.open(path, "r+"))
  file:seek("set", at)
  file:write(byte)
end

local function check_damaged(t, path)
  assert(os.execute(("cp %s/memory %s/memory.kept && truncate -s 1M %s/memory"):format(path, path, path)))
  t.like(select(2, lsandbox.restore(path)), "memory is damaged", "memory that was cut short is named")
  assert(os.execute(("mv %s/memory.kept %s/memory"):format(path, path)))
  assert(os.execute(("sed -i.kept s/^libvirt=.*/libvirt=1.2.3/ %s/info"):format(path)))
  local _, message, code = lsandbox.restore(path)
  t.is(code, "stale-snapshot", "another libvirt's is too old")
  t.like(message, "libvirt was 1.2.3 and is", "and it is named")
  damage(path .. "/state", 100, "x")
  t.like(select(2, lsandbox.restore(path)), "state is damaged", "a state with another byte is, too")
  t.is(select(3, lsandbox.restore(path .. "/state")), "failed", "and so is what is no directory")
  assert(os.execute(("chmod 0770 %s"):format(path)))
  t.is(select(3, lsandbox.restore(path)), "no-permission", "a directory that others may write is refused")
  os.remove(path .. "/info")
  assert(os.execute(("chmod 0700 %s"):format(path)))
  t.is(select(3, lsandbox.restore(path)), "ENOENT", "and one without its list")
end

local function check_refused(t, sb, path)
  output(sb, "setsid sleep 1000 >/dev/null 2>&1 </dev/null & until pgrep -x sleep >/dev/null; do sleep 0; done")
  local _, message, code = sb:save(path)
  t.like(message, "sleep %(pid %d+%)", "a daemon that is left is named")
  t.is(code, "state", "and nothing is saved")
  output(sb, "pkill -x sleep; while pgrep -x sleep >/dev/null; do :; done")
  local p <close> = assert(sb:spawn { "cat", stdin = "pipe" })
  t.like(select(2, sb:save(path)), "has 1 program", "nor while a program is open")
  p.stdin:close()
  p:wait()
  p:close()
  local watcher <close> = assert(sb:watch "/tmp")
  t.like(select(2, sb:save(path)), "a watcher is open", "nor while something is watched")
  watcher:close()
  assert(sb:pause())
  t.like(select(2, sb:fork(1)), "is paused", "nor while it is paused")
  assert(sb:resume())
  t.ok(not pcall(sb.fork, sb, 0) and not pcall(sb.fork, sb, 65), "0 and 65 are no numbers to fork")
  t.like(select(2, pcall(sb.fork, sb, 1, { memory = "1G" })), "memory: expected nothing", "a machine keeps its memory")
end

local function check_restored(t, path, identities)
  local _, message, code = lsandbox.restore(path .. "-not-there")
  t.is(code, "ENOENT", "what is not there: " .. tostring(message))
  t.like(select(2, pcall(lsandbox.restore, path, { user = "root" })), "user: expected nothing", "and its user")
  local again <close> = assert(lsandbox.restore(path, { hostname = "second", env = { SAID = "later" } }))
  t.is(shown(again:info().start, output(again, "hostname; echo $SAID")), "saved second\nlater\n", "it is named anew")
  t.is(output(again, seen), shows, "what was in memory is there")
  t.is(add_lines(identities, output(again, identity)), 5, "and it is somebody else")
  local command = ("%s/lsandbox run --restore %s "):format(os.getenv "LSANDBOX_BUILD", path)
  t.is(host.capture(command .. "-e SAID=here -- sh -c 'cat /scratch/a; echo $SAID; exit 3' 2>&1; echo $?"),
    "ram\nhere\n3\n", "from the command line, too")
  t.like(host.capture(command .. "--memory 1G -- true 2>&1"), "^lsandbox: memory: expected nothing",
    "where it keeps its memory")
  t.like(host.capture(command .. "--xml -- true 2>&1"), "^lsandbox: %-%-restore: ", "and is no XML to look at")
  check_clock(t, again, "restored")
end

local function check_forks(t, sb, identities)
  local forks = assert(sb:fork(2))
  for i, fork in ipairs(forks) do
    t.is(shown(fork:info().start, fork:name() ~= sb:name(), output(fork, "hostname")), "fork true first\n",
      "fork " .. i)
    t.is(output(fork, seen), shows, "has what was in memory")
    t.is(add_lines(identities, output(fork, identity)), 5, "and is somebody else")
    check_clock(t, fork, "forked")
    assert(fork:write("/scratch/a", "another"))
    fork:close()
  end
  t.is(#forks, 2, "two of them")
end

case("save, restore, fork", function(t, kind)
  if not kind.machine then
    local sb <close> = start(kind, {})
    local _, message, code = sb:save("/tmp/never-made")
    t.is(shown(code, sb:exec { "true" }), "unsupported true exit 0",
      "a container cannot be saved, and runs on: " .. message)
    t.is(select(3, sb:fork(2)), "unsupported", "nor forked")
    return
  end
  if kind.uri ~= "qemu:///embed" then return end -- one test of "unsupported" is enough
  helpers.scratch(function(dir)
    assert(os.execute(("mkdir -m 0755 %s/bound %s/lower"):format(dir, dir)))
    local path, identities = dir .. "/saved", {}
    local sb <close> = start_full(kind, dir)
    output(sb, made)
    add_lines(identities, output(sb, identity))
    check_refused(t, sb, path)
    t.is(shown(sb:save(path)), "true", "saved")
    t.is(select(3, sb:save(path)), "EEXIST", "but not over it")
    t.is(output(sb, seen), shows, "it runs on, with what was in memory")
    t.is(add_lines(identities, output(sb, identity)), 5, "as somebody else")
    t.is(host.line(("stat -c %%a %s"):format(path)), "700", "what is saved is its owner's")
    check_restored(t, path, identities)
    check_forks(t, sb, identities)
    t.is(output(sb, seen), shows, "the forks' memory is their own")
    check_damaged(t, path)
  end)
end)

case("save, restore, fork: the network", function(t, kind)
  if not kind.machine or kind.uri ~= "qemu:///embed" then return end
  helpers.scratch(function(dir)
    local port, stop = helpers.serve_hello()
    local reach = { "bash", "-c", "cat < /dev/tcp/10.0.2.2/" .. port .. "; grep -c eth0 /proc/net/route" }
    local addresses = {}
    local function check(sb, what)
      t.is(assert(sb:run(reach)).stdout, "hello\n2\n", what .. ": it reaches the host, by two routes")
      addresses[output(sb, "cat /sys/class/net/eth0/address")] = true
    end
    local sb <close> = start(kind, { network = { type = "user" } })
    check(sb, "before")
    t.is(shown(sb:save(dir .. "/saved")), "true", "saved")
    check(sb, "after")
    local restored <close> = assert(lsandbox.restore(dir .. "/saved"))
    check(restored, "restored")
    local forks = assert(sb:fork(2))
    for _, fork in ipairs(forks) do
      check(fork, "forked")
      fork:close()
    end
    local count = 0
    for _ in pairs(addresses) do count = count + 1 end
    t.is(count, 4, "each has a MAC address of its own")
    stop()
  end)
end)

case("what cannot be saved", function(t, kind)
  if not kind.machine or kind.uri ~= "qemu:///embed" then return end
  local sb <close> = start(kind, { network = { { type = "user", dhcp = true } } })
  local _, message, code = sb:save("/dev/null/never-made")
  t.is(code, "unsupported", "a network that others know")
  t.like(message, "network", "and the reason names it")
end)

return cases
