-- No sandbox becomes the host's root by what it writes, nor reads what is only root's: every user, in every kind of
-- user namespace, with all capabilities and without, in every kind of mount. (tap, kind), as in life.lua.
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local start, scratch = helpers.start, helpers.scratch

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

-- Tries everything in each directory, with files that begin with $1: prints what was got of root's. A file's
-- capabilities are written with each owner of the namespace that they could be for (capabilities(7),
-- "VFS_CAP_REVISION_3").
local tries = [==[
id=$1
for dir in bind readonly temporary overlay; do
cd /m/$dir 2>/dev/null || continue
for secret in secret group-secret; do
  read -r got <$secret && echo "$id: read $secret in $dir as $(id -u):$(id -g)"
done 2>/dev/null
for owner in - 0:0 HOST:HOST; do
  f=$id.$owner
  cp /bin/true $f 2>/dev/null || continue
  [ $owner = - ] || chown $owner $f 2>/dev/null
  chmod 6755 $f 2>/dev/null
  perl -e 'for my $root (0, HOST, 65534) {
    syscall(188, my $f = $ARGV[0], my $n = "security.capability", my $v = pack("V6", 0x3000001, 1 << 7, 0, 0, 0, $root),
      24, 0);
  }
  syscall(188, my $f = $ARGV[0], my $n = "security.capability", my $v = pack("V5", 0x2000001, 1 << 7, 0, 0, 0), 20, 0)
    ' $f 2>/dev/null
done
mkdir $id.d 2>/dev/null && chown 0:0 $id.d 2>/dev/null
ln -s x $id.l 2>/dev/null && chown -h 0:0 $id.l 2>/dev/null
chown 0:0 given 2>/dev/null
mknod $id.null c 1 3 2>/dev/null
done
exit 0
]==]

-- What of root's there is in the host's DIR besides what the test has made: by owner, by group, by capabilities.
local function found_on_host(dir)
  local made = "! -name secret ! -name group-secret"
  local bad = host.capture(("find %s -mindepth 1 %s '(' -uid 0 -o -gid 0 ')' -printf '%%M %%U:%%G %%f\\n'"):format(
    dir, made))
  local caps = host.capture(([[find %s -type f -print0 | perl -0 -ne 'chomp;
    my $n = "security.capability"; my $v = "\0" x 64; my $r = syscall(191, $_, $n, $v, 64);
    next if $r < 0; my @w = unpack("V*", substr($v, 0, $r));
    print "capabilities of $_\n" if $w[0] >> 24 == 2 || ($w[0] >> 24 == 3 && $w[5] == 0)']]):format(dir))
  return bad .. caps
end

local function host_user() return host.line("getent passwd libvirt-qemu qemu nobody | head -n 1 | cut -d: -f3") end

-- The user that root is on the host is somebody inside, too. A machine's users are its own kernel's, and it is slow:
-- there it matters as whom QEMU runs.
local function users(kind)
  if kind.machine then return { { user = "root" }, { user = 1000, group = "root" } } end
  return { { user = "root" }, { user = "nobody" }, { user = 1000, group = "root" }, { user = tonumber(host_user()) },
    { user = 1000, group = 1000, groups = { 0 } } }
end

local function shown(who, userns)
  return ("user %s, group %s, userns %s"):format(who.user, who.group or (who.groups and "1000+0") or "its own",
    type(userns) == "table" and "a table" or tostring(userns))
end

local function check(t, kind, who, userns)
  scratch(function(top)
    for _, name in ipairs { "bind", "kept", "lower" } do
      local dir = top .. "/" .. name
      os.execute(([[mkdir -m 0777 %s && cd %s && for f in secret group-secret given; do echo root >$f; done
        chmod 0777 . && chmod 0600 secret && chmod 0640 group-secret && chown 1000:1000 . given]]):format(dir, dir))
    end
    local mounts = {
      { type = "bind", source = top .. "/bind", target = "/m/bind", readonly = false },
      { type = "bind", source = top .. "/lower", target = "/m/readonly" },
      { type = "bind", target = "/m/temporary" },
    }
    if not kind.machine then
      local lower = top .. "/lower"
      mounts[#mounts + 1] = { type = "overlay", source = lower, target = "/m/overlay", upper = top .. "/kept" }
    end
    local name = shown(who, userns)
    local recipe = { connect = kind.uri, user = who.user, group = who.group, groups = who.groups, mounts = mounts,
      security = not kind.machine and { userns = userns } or nil }
    local sb, why, code = lsandbox.start(recipe)
    if not sb then -- where the kernel cannot keep the promise it is not given
      t.is(code, "unsupported", name .. ": refused", why)
      return
    end
    local script = tries:gsub("HOST", host_user())
    local got = ""
    for _, user in ipairs(kind.machine and { false } or { false, "root", tonumber(host_user()) }) do
      for _, privileged in ipairs { false, true } do
        local id = ("%s%s"):format(user or "own", privileged and "-privileged" or "")
        local r = assert(sb:run { "sh", "-c", script, "sh", id, user = user or nil, privileged = privileged })
        got = got .. r.stdout
      end
    end
    t.is(got, "", name .. ": nothing that is only root's was read")
    t.is(found_on_host(top .. "/bind"), "", name .. ": a writable bind has nothing of root's in it")
    t.is(found_on_host(top .. "/kept"), "", name .. ": nor have kept writes")
    local temporary = host.line("ls -d ${TMPDIR:-/var/tmp}/lsandbox-" .. sb:uuid() .. " 2>/dev/null")
    t.is(temporary == "" and "" or found_on_host(temporary), "", name .. ": nor a temporary directory")
    sb:close()
  end)
end

case("hostroot: nothing is the host's root's", function(t, kind)
  if host.line("id -u") ~= "0" then return end
  local map = { { 0, 200000, 65535 }, { 65535, 300000, 1 } }
  local namespaces = kind.machine and { true } or { true, false, "user", { uid = map, gid = map } }
  for _, who in ipairs(users(kind)) do
    for _, userns in ipairs(namespaces) do
      local is_root = who.user == "root" or who.group == "root"
      if userns ~= "user" or not is_root then -- refused for root: tests/wrong/identity.lua
        t.case("as", check, t, kind, who, userns)
      end
    end
  end
end)

-- Where the kernel cannot take root out of a mount, as of sysfs, which has no idmapped mounts, the start is refused by
-- name. With a user namespace nobody inside is root on the host, and the ids stay as they are.
case("hostroot: a file system without idmapped mounts", function(t, kind)
  if kind.machine or host.line("id -u") ~= "0" then return end
  scratch(function(top)
    os.execute(("mkdir %s/below && mount --bind /sys/kernel %s/below"):format(top, top))
    for _, source in ipairs { "/sys/kernel", top } do
      local mounts = { { type = "bind", source = source, target = "/m" } }
      local sb, why, code = lsandbox.start { connect = kind.uri, mounts = mounts, security = { userns = false } }
      t.is(code, "unsupported", source .. " is refused without a user namespace")
      t.ok(not sb and why:find("security.userns", 1, true) and why:find(source, 1, true), "and both are named", why)
      local mapped <close> = start(kind, { mounts = mounts })
      t.is(assert(mapped:run { "ls", "/m" }).status, 0, source .. " is shown with a user namespace")
    end
    os.execute(("umount %s/below"):format(top))
  end)
end)

return cases
