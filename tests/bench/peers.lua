-- Other container programs, each with the host's root read-only, its own namespaces and no network.
local json = require "json"
local run = require "run"
local peers = {}
local work = os.getenv "BENCH_WORK"

-- Make an OCI bundle (opencontainers/runtime-spec, config.md). Its root has the host's /usr in it, because the kernel
-- refuses pivot_root(2) to / itself. The links are those of a merged /usr.
local function make_bundle()
  local bundle = work .. "/bundle"
  if io.open(bundle .. "/config.json") then return bundle end
  assert(os.execute(([[
    umask 022
    mkdir -p %s/root/usr %s/root/proc %s/root/dev && cd %s/root &&
    for name in bin sbin lib lib64; do
      [ ! -L /$name ] || ln -s usr/$name $name
    done]]):format(bundle, bundle, bundle, bundle)))
  local namespaces = {}
  for i, kind in ipairs { "pid", "mount", "ipc", "uts", "network" } do namespaces[i] = { type = kind } end
  local f <close> = assert(io.open(bundle .. "/config.json", "w"))
  f:write(json.encode { ociVersion = "1.0.2", root = { path = "root", readonly = true },
    process = { user = { uid = 0, gid = 0 }, args = { "/bin/true" }, cwd = "/", noNewPrivileges = true },
    mounts = { { destination = "/proc", type = "proc", source = "proc" },
      { destination = "/usr", type = "bind", source = "/usr", options = { "rbind", "ro" } } },
    linux = { namespaces = namespaces } })
  return bundle
end

local function oci(command)
  return function(i)
    return run.seconds(command, "--root", work .. "/" .. command, "run", "--bundle", make_bundle(), "bench-" .. i)
  end
end

local function bwrap()
  return run.seconds("bwrap", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--unshare-all", "/bin/true")
end

local function firejail() return run.seconds("firejail", "--noprofile", "--quiet", "--net=none", "/bin/true") end

-- Without systemd as PID 1, systemd-nspawn must not ask for a scope. It leaves an empty directory with its machine's
-- name.
local function nspawn()
  local seconds = run.seconds("systemd-nspawn", "--register=no", "--keep-unit", "--link-journal=no",
    "--private-network", "--quiet", "--volatile=yes", "--machine=lsandbox-bench", "--directory=/", "/bin/true")
  os.remove "/run/systemd/nspawn/propagate/lsandbox-bench"
  return seconds
end

local all = { { "bwrap", bwrap }, { "crun", oci "crun" }, { "runc", oci "runc" }, { "systemd-nspawn", nspawn },
  { "firejail", firejail } }

-- A peer that cannot run here is no failure of the bench.
local function measured(fn)
  return function(i)
    local passed, value = pcall(fn, i)
    if passed then return value end
    return nil, value
  end
end

--- The rows of the peers. missing: why none can be measured.
function peers.rows(missing)
  local rows = {}
  for i, peer in ipairs(all) do
    local name, fn = peer[1], peer[2]
    rows[i] = { name = "container: peer " .. name, unit = "s", panel = "container", label = name, run = measured(fn),
      missing = missing or not run.has(name) and "not installed" or nil }
  end
  return rows
end

return peers
