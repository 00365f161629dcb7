-- Which users programs run as and what they may do: groups, capabilities, system calls, labels, ids inside and outside.
local helpers = require "helpers"
local host = require "host"

local start, scratch, sh = helpers.start, helpers.scratch, helpers.sh

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

local EPERM, ENOSYS = "1", "38"

-- Run the program table T with more fields.
local function with(t, more)
  for k, v in pairs(more or {}) do t[k] = v end
  return t
end

-- Read a field of /proc/self/status in a program with such a table.
local function status(sb, more)
  local text = assert(sb:run(with({ "cat", "/proc/self/status" }, more))).stdout
  return function(name) return text:match("\n" .. name .. ":\t([^\n]*)\n") end
end

-- The result of each system call (tests/lib/syscalls.c) in a program with such a table.
local function calls(sb, names, more)
  local program = { "/lsb-syscalls" }
  for name in names:gmatch("%S+") do program[#program + 1] = name end
  local r = assert(sb:run(with(program, more)))
  local results = { signal = r.signal }
  for name, result in r.stdout:gmatch("(%S+) (%S+)\n") do results[name] = result end
  return results
end

local function group_number(name) return host.line("getent group " .. name .. " | cut -d: -f3") end

local function syscalls_bind()
  return { type = "bind", source = os.getenv("LSANDBOX_BUILD") .. "/tests/syscalls", target = "/lsb-syscalls" }
end

local bind_80 = { "perl", "-MSocket", "-e", [[socket(S, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
  print bind(S, sockaddr_in(80, INADDR_LOOPBACK)) ? "bound" : 0 + $!]] }

case("identity: what the recipe says of its programs", function(t, kind)
  local sb <close> = start(kind, {
    user = "nobody", group = 1234, groups = { "mail", 4242 }, umask = "027", hostname = "box",
    capabilities = { "CHOWN", "cap_net_bind_service" },
    domainname = "example.org", timezone = "Europe/Berlin",
    mounts = { syscalls_bind() },
  })
  local is = status(sb)
  t.is(is "Uid":match("^%d+"), "65534", "the user")
  t.is(is "Gid", "1234\t1234\t1234\t1234", "the group")
  t.is(is "Groups", group_number("mail") .. " 4242 ", "the groups, and no others")
  for _, set in ipairs { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" } do
    t.is(tonumber(is(set), 16), 0x401, set .. " is what was named")
  end
  t.is(is "NoNewPrivs", "1", "no new privileges")
  t.is(is "Seccomp", "2", "and a filter")

  local r = assert(sb:run(sh "touch /tmp/u && mkdir /tmp/v && stat -c %a.%g /tmp/u /tmp/v"))
  t.is(r.stdout, "640.1234\n750.1234\n", "the umask and the group of what it makes")
  t.is(assert(sb:run(bind_80)).stdout, "bound", "port 80 with net_bind_service")
  t.is(assert(sb:run(with({ table.unpack(bind_80) }, { capabilities = {} }))).stdout, "13", "EACCES without")
  t.is(assert(sb:run(sh "chown 7:7 /tmp/u && stat -c %u:%g /tmp/u")).stdout, "7:7\n", "chown with its capability")
  t.is(assert(sb:run(with(sh "touch /tmp/w; chown 7:7 /tmp/w 2>/dev/null || stat -c %u /tmp/w", { capabilities = {} })))
    .stdout, "65534\n", "and not without")

  -- The program's own table overrides the recipe.
  is = status(sb, { user = 7, groups = {}, umask = 18 })
  t.is(is "Uid":match("^%d+") .. is "Groups":gsub("%s", ""), "7", "another user, without groups")
  t.is(tonumber(is "CapEff", 16), 0x401, "with the recipe's capabilities")
  is = status(sb, { groups = { "adm" } })
  t.is(is "Uid":match("^%d+") .. " " .. is "Groups", "65534 " .. group_number("adm") .. " ",
    "other groups for the same user")
  is = status(sb, { privileged = true, user = "root" })
  t.ok(tonumber(is "CapEff", 16) > 0x401, "privileged = true is stronger than the recipe's list")
  t.is(is "NoNewPrivs" .. is "Seccomp", "00", "and brings new privileges and no filter")
  is = status(sb, { privileged = true, user = "root", no_new_privs = true, seccomp = "no-network" })
  t.is(is "NoNewPrivs" .. is "Seccomp", "12", "unless it says so")
  is = status(sb, { no_new_privs = false, capabilities = {} })
  t.is(is "NoNewPrivs" .. is "Seccomp", "02", "a filter goes with new privileges, too")
  t.is(tonumber(is "CapPrm" .. is "CapBnd" .. is "CapInh", 16), 0, "and leaves no capability behind")
  t.is(assert(sb:run(with(sh "umask", { umask = "7" }))).stdout, "0007\n", "an octal umask")

  r = assert(sb:run(sh [[cat /proc/sys/kernel/domainname; date +%Z; env -u TZ date +%Z; TZ=UTC date +%Z
    TZ=Etc/UTC date +%Z; ! test -e /etc/timezone || cat /etc/timezone]]))
  t.like(r.stdout, "^example.org\nCES?T\nCES?T\nUTC\nUTC\n",
    "domain name and time zone; other zones are what they were")
  t.is((r.stdout:match("UTC\nUTC\n(.*)") or ""):gsub("Europe/Berlin\n", ""), "", "/etc/timezone says so, too")
  t.is(assert(sb:run { "sh", "-c", "date +%Z", env = { TZ = "UTC" } }).stdout, "UTC\n",
    "a program's own TZ is stronger")

  local ids = assert(sb:run(sh "cat /proc/sys/kernel/random/boot_id; cat /etc/machine-id")).stdout
  t.like(ids, "^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+\n", "a boot id is a UUID")
  t.ok(ids:sub(1, 37) ~= host.read("/proc/sys/kernel/random/boot_id"), "and not the host's")
  if not kind.machine then -- a machine does the same, but costs seconds
    local others <close> = start(kind, {})
    local other = assert(others:run(sh "cat /proc/sys/kernel/random/boot_id; cat /etc/machine-id")).stdout
    t.ok(ids:sub(1, 37) ~= other:sub(1, 37), "another sandbox has another boot id")
    t.ok(ids:sub(38) == "" or ids:sub(38) ~= other:sub(38), "and machine id")
  end

  local info = sb:info()
  t.is(info.user .. " " .. table.concat(info.capabilities, ","), "nobody chown,net_bind_service", "info() tells who")
  t.is(tostring(info.no_new_privs) .. " " .. info.seccomp, "true default", "and what holds them")

  -- The default profile.
  local got = calls(sb,
    "getpid unshare-fs unix inet unshare-user clone-user clone3 keyctl io-uring vsock alg getpid-x32")
  for _, name in ipairs { "getpid", "unshare-fs", "unix", "inet" } do t.is(got[name], "ok", name .. " is allowed") end
  for _, name in ipairs { "unshare-user", "clone-user", "keyctl", "io-uring", "vsock", "alg" } do
    t.is(got[name], EPERM, name .. " is refused")
  end
  t.is(got.clone3, ENOSYS, "clone3 is not there, so that libraries take clone")
  t.is(got["getpid-x32"], ENOSYS, "nor are calls of the x32 kind")
  got = calls(sb, "getpid32 keyctl32 socket32")
  if got.getpid32 == "ok" then
    t.is(got.keyctl32 .. got.socket32, EPERM .. EPERM, "32-bit calls are no way around it")
  else
    t.is(got.getpid32, "trapped", "the kernel has no 32-bit calls")
  end
  got = calls(sb, "unshare-user keyctl clone3", { seccomp = false })
  t.ok(got.keyctl ~= EPERM and got.clone3 ~= ENOSYS, "seccomp = false opens it")
  got = calls(sb, "keyctl io-uring", { seccomp = { allow = { "keyctl" } } })
  t.is(tostring(got.keyctl ~= EPERM) .. got["io-uring"], "true" .. EPERM, "a call can be taken out of the profile")

  -- Profiles and lists.
  got = calls(sb, "inet unix", { seccomp = "no-network" })
  t.is(got.inet .. got.unix, EPERM .. "ok", "no-network: local sockets only")
  r = assert(sb:run(with(sh "echo computing; read x < /etc/hostname; true | true", { seccomp = "strict" })))
  t.is(r.stdout, "computing\n", "strict: a program computes")
  t.ok(r.status ~= 0, "and starts no other", r.stderr)
  t.is(assert(sb:run { "sort", input = "b\na\n", seccomp = "strict" }).stdout, "a\nb\n", "sort under strict")
  t.is(assert(sb:run { "perl", "-e", "print 6 * 7", seccomp = "strict" }).stdout, "42", "perl under strict")
  got = calls(sb, "getpid unix", { seccomp = { deny = { "getpid" }, errno = "ENOSYS" } })
  t.is(got.getpid .. got.unix, ENOSYS .. "ok", "deny, with an errno of its own")
  got = calls(sb, "keyctl getpid", { seccomp = { default = "allow", deny = { "getpid" }, errno = 4000 } })
  t.is(tostring(got.keyctl ~= EPERM) .. got.getpid, "true4000", "an own list without a profile")
  got = calls(sb, "unix getpid inet", { seccomp = { kill = { "getpid" } } })
  t.is(got.unix .. tostring(got.getpid) .. tostring(got.signal), "oknil31", "kill ends the program by SIGSYS")
  local few = { "arch_prctl", "set_tid_address", "brk", "mmap", "munmap", "write", "rt_sigaction", "rt_sigprocmask",
    "set_robust_list", "rseq", "prlimit64", "readlinkat", "readlink", "getrandom", "mprotect", "newfstatat", "uname" }
  got = calls(sb, "getpid unix", { seccomp = { default = "errno", allow = few } })
  t.is(got.getpid .. got.unix, EPERM .. EPERM, "an own list of what is allowed")
  got = calls(sb, "getpid-x32", { seccomp = { default = "kill", allow = few } })
  t.is(got.signal, 31, "where the rest is killed, x32 is no way around it")
  got = calls(sb, "getpid", { seccomp = { default = "kill", allow = { "write" } } })
  t.is(got.signal, 31, "a program that may not even begin")
  t.is(sb:state(), "running", "the sandbox goes on")
end)

case("identity: user namespaces of containers", function(t, kind)
  if kind.machine then return end
  local lsandbox = require "lsandbox"
  if host.line("id -u") ~= "0" then
    local _, why = pcall(lsandbox.new, { connect = kind.uri, security = { userns = "user" } })
    t.like(why, "only root can map ids", "only for root")
    return
  end
  local write = "touch /d/mine; stat -c %u:%g /d/mine; stat -c %u:%g /d /"
  local own = { uid = { { 0, 200000, 1000 }, { 1000, 1000, 1 } }, gid = { { 0, 300000, 900 }, { 1000, 1001, 1 } } }
  local tries = {
    { "user", "1000:1000\n1000:1000\n0:0\n", "1000:1000" },
    { false, "1000:1000\n1000:1000\n0:0\n", "1000:1000" },
    { own, "1000:1000\n1000:1000\n0:0\n", "1000:1000" },
  }
  for _, try in ipairs(tries) do
    scratch(function(dir)
      os.execute(("mkdir %s/d && chown 1000:1000 %s/d"):format(dir, dir))
      local sb <close> = start(kind, { user = 1000, group = 1000, root = "/", security = { userns = try[1] },
        mounts = { { type = "bind", source = dir .. "/d", target = "/d", readonly = false } } })
      local name = type(try[1]) == "table" and "a table" or tostring(try[1])
      local r = assert(sb:run(sh(write)))
      t.is((r.stdout:gsub("65534:65534\n$", "0:0\n")), try[2], name .. ": owners as seen inside", r.stderr)
      t.is(host.line("stat -c %u:%g " .. dir .. "/d/mine"), try[3], name .. ": and on the host")
      local root = assert(sb:run(with(sh "mount -o remount,rw /; mount -o remount,bind,rw /; touch /lsb-x /d/root",
        { user = "root", privileged = true })))
      local namespace = { "readlink", "/proc/self/ns/user" }
      local plain = assert(sb:run(namespace)).stdout
      namespace.capabilities = { "dac_read_search" }
      t.is(assert(sb:run(namespace)).stdout == plain, try[1] ~= false,
        name .. ": no program has a capability in the host's own namespace")
      t.ok(root.status ~= 0 and not host.read("/lsb-x"), name .. ": the root stays read-only", root.stderr)
    end)
  end
  local sb <close> = start(kind, {})
  local p <close> = assert(sb:spawn { "cat", stdin = "pipe", stdout = "pipe" })
  p.stdin:write("x\n")
  p.stdout:read("l")
  local map = assert(sb:run(sh "cat /proc/self/uid_map")).stdout
  local outside = tonumber(map:match("^%s*0%s+(%d+)"))
  t.ok(outside >= 1879048192, "by default nothing on the host belongs to its ids", map)
  local found = host.line("ps -eo uid=,args= | awk -v u=" .. (outside + 65534) .. " '$1 == u { print $2 }'")
  t.is(found, "cat", "and that is who its programs are on the host")
  t.ok(not pcall(sb.run, sb, { "true", user = 70000 }), "an id that is not mapped is refused")
end)

local function process_of(name)
  return host.line("ps -eo uid=,gid=,args= | grep '[q]emu.*guest=" .. name .. "' | awk '{ print $1 \":\" $2; exit }'")
end

-- A static label of the model dac decides which user QEMU becomes.
local function check_dac(t, uri, name)
  local lsandbox = require "lsandbox"
  local security = { type = "static", model = "dac", label = "+1234:+1235" }
  local sb <close>, why, code = lsandbox.start { connect = uri, name = name, security = security }
  if host.line("id -u") ~= "0" then
    t.is(tostring(code), "unsupported", "only root can start QEMU as another user", why)
    return
  end
  t.ok(sb, uri .. ": a machine with a label of the model dac starts", why)
  t.is(process_of(name), "1234:1235", uri .. ": and that is who QEMU is")
  t.is(assert(sb:run { "id", "-u" }).status, 0, uri .. ": its programs run")
end

case("identity: security labels", function(t, kind)
  local lsandbox = require "lsandbox"
  local sb, why, code = lsandbox.start { connect = kind.uri,
    security = { type = "static", model = "selinux", label = "system_u:system_r:svirt_t:s0:c1,c2" } }
  if sb then
    t.like(sb:xml(), "svirt_t:s0:c1,c2", "this host has SELinux")
    sb:close()
  else
    t.is(code, "unsupported", "a host without SELinux says so")
    t.like(why, "security driver", "in words")
  end
  if kind.machine then
    check_dac(t, kind.uri, "lsb-dac-" .. host.line("echo $PPID"))
  elseif os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") then
    check_dac(t, "qemu:///system", "lsb-dac-system-" .. host.line("echo $PPID"))
  end
end)

return cases
