-- The host as tests see it: commands, checksums, and what a sandbox may leave behind.
local host = {}

function host.capture(command)
  local f = assert(io.popen(command, "r"))
  local out = f:read("a")
  local ok, how, code = f:close()
  return out, ok, how, code
end

function host.line(command) return (host.capture(command):gsub("\n$", "")) end

function host.quote(s) return "'" .. s:gsub("'", "'\\''") .. "'" end

function host.read(path)
  local f = io.open(path, "rb")
  if not f then return nil end
  local data = f:read("a")
  f:close()
  return data
end

function host.write(path, data)
  local f = assert(io.open(path, "wb"))
  assert(f:write(data))
  assert(f:close())
end

function host.sha256(path) return host.line("sha256sum < " .. host.quote(path)):match("^%x+") end

-- The test's own run directory. It tells what this test has left from other tests' sandboxes. tests/lib/run passes it
-- as LSANDBOX_RUN.
function host.run_dir() return assert(os.getenv("LSANDBOX_RUN"), "run this through tests/lib/run") end

local function entries(dir)
  local list = {}
  for name in host.capture("ls -A " .. host.quote(dir) .. " 2>/dev/null"):gmatch("[^\n]+") do list[#list + 1] = name end
  return list
end

-- The run directory of this process itself lives as long as the process. Call this once the directory is there;
-- tests/lib/run checks that it is gone afterwards.
local own = {}
function host.mark_own()
  for _, name in ipairs(entries(host.run_dir())) do own[name] = true end
end

-- Everything that this test's sandboxes have left: processes, files, mounts, control groups. A list of lines, which is
-- empty when nothing is left.
function host.leftovers()
  local dir = host.run_dir()
  local found = {}
  local function add(what, text)
    for line in text:gmatch("[^\n]+") do found[#found + 1] = what .. ": " .. line end
  end
  add("process", host.capture(([[
    for p in /proc/[0-9]*; do
      tr '\0' ' ' 2>/dev/null < $p/cmdline | grep -E '[q]emu-system|[l]ibvirt_lxc|[l]sandbox-launcher' | grep -F %s
    done 2>/dev/null]]):format(host.quote(dir))))
  if os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") then -- this test has the PID namespace for itself
    add("process", host.capture([[
      cat /proc/[0-9]*/comm 2>/dev/null | grep -E '^(libvirt_lxc|qemu-system.*|lsandbox-init)$']]))
    add("file", host.capture("ls -d /run/libvirt/lxc/lsandbox-* /var/log/libvirt/lxc/lsandbox-* 2>/dev/null"))
    add("cgroup", host.capture("find /sys/fs/cgroup -type d -name '*lsandbox-*' 2>/dev/null"))
  end
  for _, name in ipairs(entries(dir)) do
    if not own[name] then
      add("file", dir .. "/" .. name)
    else
      add("file", host.capture(("ls -d %s/%s/[0-9]* %s/%s/e/log/qemu/* 2>/dev/null"):format(dir, name, dir, name)))
    end
  end
  add("mount", host.capture("grep -F " .. host.quote(dir) .. " /proc/self/mounts"))
  return found
end

-- Wait at most SECONDS until nothing is left. Returns what is still left.
function host.wait_clean(seconds)
  local deadline = os.time() + seconds + 1
  local left = host.leftovers()
  while #left > 0 and os.time() < deadline do
    host.capture("sleep 0.05") -- polling, because no event tells when something is gone
    left = host.leftovers()
  end
  return left
end

return host
