-- Helpers that the cases of several files share: to state what they expect, and to clean up.
local host = require "host"
local helpers = {}

-- The three results of os.execute, and of sb:exec, as one string.
function helpers.triple(ok, how, code) return tostring(ok) .. " " .. tostring(how) .. " " .. tostring(code) end

-- All results as one string, including nils.
function helpers.shown(...)
  local t = table.pack(...)
  for i = 1, t.n do t[i] = tostring(t[i]) end
  return table.concat(t, " ")
end

-- A program table that runs a shell script with arguments.
function helpers.sh(script, ...) return { "sh", "-c", script, "sh", ... } end

-- A sandbox of the kind that is being tested.
function helpers.start(kind, recipe)
  recipe.connect = kind.uri
  return assert(require("lsandbox").start(recipe))
end

-- FN gets a directory on the host that every user can read. It is removed afterwards, even when FN raises an error.
function helpers.scratch(fn)
  local dir = host.line("mktemp -d")
  os.execute("chmod 0755 " .. dir)
  local passed, why = xpcall(fn, debug.traceback, dir)
  os.execute(("chmod -R u+rwX %s; rm -rf %s"):format(dir, dir))
  if not passed then error(why, 0) end
end

-- Turn the loop until FN returns true, and raise an error after a minute, which a boot without KVM on a busy host may
-- take.
function helpers.until_true(fn)
  local lsandbox = require "lsandbox"
  local deadline = os.time() + 60
  while not fn() do
    if os.time() > deadline then error("waited in vain", 2) end
    lsandbox.sleep(0.005)
  end
end

-- Return POOL once all its sandboxes are ready.
function helpers.full(pool)
  helpers.until_true(function() return pool:stats().ready == pool:stats().size end)
  return pool
end

-- The wall clock in seconds.
function helpers.now() return tonumber(host.line("date +%s.%N")) end

-- Start a server on the host's loopback that greets each client. Returns its port, and a function that ends it.
function helpers.serve_hello()
  local server = assert(io.popen([[exec perl -MIO::Socket::INET -e '$| = 1; alarm 300;
    $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die; print "$$ ", $s->sockport, "\n";
    while ($c = $s->accept) { print $c "hello\n"; close $c }']]))
  local pid, port = server:read("l"):match("(%d+) (%d+)")
  return port, function()
    os.execute("kill " .. pid)
    server:close()
  end
end

return helpers
