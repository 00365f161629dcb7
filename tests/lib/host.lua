-- What tests need to know of the host: commands, checksums, and what a sandbox may leave behind.
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

-- A run directory of the test's own, so that what is left of it can be told from other tests' sandboxes.
-- Tests get it as LSANDBOX_RUN from tests/lib/run.
function host.run_dir() return assert(os.getenv("LSANDBOX_RUN"), "run this through tests/lib/run") end

-- Everything of our sandboxes that is still there: processes whose command line or environment names our
-- run directory, its entries, mounts, container processes of our names. A list of lines, empty when clean.
function host.leftovers()
  local dir = host.run_dir()
  local found = {}
  local function add(what, text)
    for line in text:gmatch("[^\n]+") do found[#found + 1] = what .. ": " .. line end
  end
  add("process", host.capture("for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null | "
    .. "grep -E 'qemu-system|lsandbox-keeper|libvirt_lxc|lsandbox-launcher' | grep -F " .. host.quote(dir) .. "; done"))
  if os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") then -- the PID namespace is ours alone
    add("process", host.capture("cat /proc/[0-9]*/comm 2>/dev/null | grep -E '^(libvirt_lxc|qemu-system.*|lsandbox-init)$'"))
  end
  add("file", host.capture("find " .. host.quote(dir) .. " -mindepth 1 2>/dev/null"))
  add("mount", host.capture("grep -F " .. host.quote(dir) .. " /proc/self/mounts"))
  return found
end

-- Wait, at most SECONDS, until nothing is left. Returns what still is.
function host.wait_clean(seconds)
  local deadline = os.time() + seconds + 1
  local left = host.leftovers()
  while #left > 0 and os.time() < deadline do
    host.capture("sleep 0.05") -- a poll with a bound: what is waited for sends no event to us
    left = host.leftovers()
  end
  return left
end

return host
