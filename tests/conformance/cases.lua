-- Cases that are written once and run on every kind of sandbox. A case gets (tap, sb, kind). SB is a running sandbox
-- that all cases share, so a case must leave nothing running. The order of the cases does not matter.
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local triple, sh = helpers.triple, helpers.sh

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

-- --- status ------------------------------------------------------------------------------------------

case("status 0", function(t, sb)
  t.is(triple(sb:exec { "true" }), "true exit 0", "true is true, exit, 0")
  t.is(select("#", sb:exec { "true" }), 3, "and nothing more")
end)

case("status 7", function(t, sb)
  t.is(triple(sb:exec(sh "exit 7")), "nil exit 7", "exit 7 is nil, exit, 7")
  t.is(triple(sb:exec(sh "exit 255")), "nil exit 255", "the largest status")
end)

case("status 127: not found", function(t, sb)
  local r = assert(sb:run { "no-such-program-here" })
  t.is(r.status, 127, "127")
  t.like(r.error, "no%-such%-program%-here", "the message names the program")
  t.is(r.stdout .. r.stderr, "", "nothing on the program's own streams")
  t.is(assert(sb:run { "/no/such/file" }).status, 127, "127 for a path as well")
end)

case("status 126: not executable", function(t, sb)
  local r = assert(sb:run { "/etc/passwd" })
  t.is(r.status, 126, "126 for a file without the x bit")
  t.like(r.error, "[Pp]ermission denied", "the message says why")
  t.is(assert(sb:run { "/etc" }).status, 126, "126 for a directory")
end)

case("a working directory that is not there", function(t, sb)
  local r = assert(sb:run { "true", cwd = "/no/such/dir" })
  t.is(r.status, 126, "126")
  t.like(r.error, "/no/such/dir", "the message names the directory")
end)

case("killed by signals", function(t, sb)
  t.is(triple(sb:exec(sh "kill -9 $$")), "nil signal 9", "KILL is signal 9, not a status")
  t.is(triple(sb:exec(sh "kill -TERM $$")), "nil signal 15", "TERM is signal 15")
  local r = assert(sb:run(sh "printf before; kill -9 $$"))
  t.is(r.signal, 9, "run tells the signal too")
  t.is(r.stdout, "before", "what it wrote before it was killed is there")
end)

case("kill from outside, with a handler", function(t, sb)
  local p <close> = assert(sb:spawn { "sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done",
    stdout = "pipe" })
  t.is(p.stdout:read("l"), "ready", "it runs")
  p:kill("TERM")
  t.is(triple(p:wait()), "nil exit 3", "the handler ran")
  t.is(triple(p:wait()), "nil exit 3", "waiting again gives the same")
  p:kill("KILL")
  t.is(triple(p:wait()), "nil exit 3", "killing what has ended changes nothing")
end)

-- --- output ------------------------------------------------------------------------------------------

case("stdout and stderr apart and exact", function(t, sb)
  local r = assert(sb:run(sh [[printf 'a\000b\nc'; printf 'x\ny\377' >&2]]))
  t.is(r.stdout, "a\0b\nc", "stdout")
  t.is(r.stderr, "x\ny\255", "stderr")
end)

case("1 MB on stderr", function(t, sb)
  local r = assert(sb:run(sh "head -c 1000000 /dev/zero | tr '\\0' e >&2; echo done"))
  t.is(r.stderr, ("e"):rep(1000000), "every byte, on stderr")
  t.is(r.stdout, "done\n", "and stdout apart")
end)

case("output written just before the end", function(t, sb)
  for i = 1, 20 do
    local r = assert(sb:run(sh "head -c 200000 /dev/zero; exit 5"))
    if #r.stdout ~= 200000 or r.status ~= 5 then
      t.ok(false, "run " .. i .. " lost output: " .. #r.stdout .. " bytes, status " .. tostring(r.status))
      return
    end
  end
  t.ok(true, "20 runs, none lost a byte")
end)

case("output still arriving when the program has ended", function(t, sb)
  local p <close> = assert(sb:spawn { "sh", "-c", "(sleep 0.3; echo late) & echo early", stdout = "pipe" })
  t.is(triple(p:wait()), "true exit 0", "the program's end does not wait for its children")
  t.is(p.stdout:read("a"), "early\nlate\n", "and the stream goes on to its own end")
end)

case("a program that leaves a daemon behind", function(t, sb)
  local r = assert(sb:run(sh "echo started; sleep 1000 & echo $!"))
  t.like(r.stdout, "^started\n%d+\n$", "run ends with the program, though the daemon holds its stdout")
  local pid = r.stdout:match("\n(%d+)")
  t.is(assert(sb:run { "kill", "-9", pid }).status, 0, "the daemon lives on in the sandbox until it is killed")
end)

case("a daemon that writes for ever", function(t, sb)
  local r = assert(sb:run(sh "echo first; (trap '' PIPE; while echo noise 2>/dev/null; do :; done) & exit 4"))
  t.is(r.status, 4, "cannot keep the program's end back")
  t.is(r.stdout:sub(1, 6), "first\n", "and the program's own output is there")
end)

case("64 MB of random bytes through cat", function(t, _, kind)
  local dir = host.line("mktemp -d")
  local size = 64 * 1024 * 1024
  host.capture("head -c " .. size .. " /dev/urandom > " .. dir .. "/in")
  local command = ("%s/lsandbox run -c %s -- cat < %s/in > %s/out"):format(
    os.getenv("LSANDBOX_BUILD"), kind.uri, dir, dir)
  local ok, how, code = os.execute(command)
  t.is(triple(ok, how, code), "true exit 0", "the command ends well")
  t.is(host.sha256(dir .. "/out"), host.sha256(dir .. "/in"), "the same bytes come out")
  os.execute("rm -rf " .. dir)
end)

case("through pipes of spawn", function(t, sb)
  local p <close> = assert(sb:spawn { "sort", stdin = "pipe", stdout = "pipe" })
  p.stdin:write("b\n", "c\n", "a\n")
  p.stdin:close()
  local lines = {}
  for line in p.stdout:lines() do lines[#lines + 1] = line end
  t.is(table.concat(lines, ","), "a,b,c", "sorted")
  t.is(triple(p:wait()), "true exit 0", "and ended")
end)

case("reading by io's formats", function(t, sb)
  local p <close> = assert(sb:spawn { "printf", "one\\ntwo\\nthree four", stdout = "pipe" })
  t.is(p.stdout:read(), "one", "a line")
  t.is(p.stdout:read("L"), "two\n", "a line with its end")
  t.is(p.stdout:read(5), "three", "a number of bytes")
  t.is(p.stdout:read("a"), " four", "the rest")
  t.is(p.stdout:read("a"), "", "all of nothing is the empty string")
  t.is(p.stdout:read("l"), nil, "and a line of nothing is nil")
end)

-- --- input -------------------------------------------------------------------------------------------

case("stdin at /dev/null", function(t, sb)
  t.is(assert(sb:run { "cat", stdin = "null" }).stdout, "", "cat of nothing ends")
  t.is(assert(sb:run { "readlink", "/proc/self/fd/0", stdin = "null" }).stdout, "/dev/null\n", "and it is /dev/null")
end)

case("stdin at its end", function(t, sb)
  local p <close> = assert(sb:spawn { "cat", stdin = "pipe", stdout = "pipe" })
  p.stdin:close()
  t.is(p.stdout:read("a"), "", "cat ends")
  t.is(triple(p:wait()), "true exit 0", "with status 0")
end)

case("stdin as a string", function(t, sb)
  local data = ("0123456789abcdef"):rep(65536) .. "end" -- more than any window
  local r = assert(sb:run { "cat", input = data })
  t.is(r.stdout, data, "1 MB there and back")
  t.is(assert(sb:run { "cat", input = "" }).stdout, "", "the empty string is the empty input")
end)

case("stdin never read", function(t, sb)
  local p <close> = assert(sb:spawn { "true", stdin = "pipe" })
  local refused
  for _ = 1, 1000 do
    if not p.stdin:write(("x"):rep(65536)) then refused = true break end
  end
  t.ok(refused, "a writer is told that nobody reads")
  t.is(triple(p:wait()), "true exit 0", "and the program's status is its own")
  t.is(assert(sb:run { "head", "-c", "10", input = ("y"):rep(1000000) }).stdout, ("y"):rep(10), "head -c 10 of 1 MB")
end)

case("stdout that nobody reads does not stall another program", function(t, sb)
  local p <close> = assert(sb:spawn { "cat", "/dev/zero", stdout = "pipe" })
  t.is(assert(sb:run { "echo", "free" }).stdout, "free\n", "while one is stuck, another runs")
  p.stdout:close()
  local ok, how, code = p:wait { timeout = 20 }
  t.is(triple(ok, how, code), "nil signal 13", "closing the stream ends the writer with SIGPIPE")
end)

-- A read of a stream that never gives what is asked for took 1 GiB of the host's memory, and then raised.
case("a read is bounded by max_output", function(t, sb)
  local function memory() return tonumber(host.read("/proc/self/status"):match "VmRSS:%s+(%d+)") end
  local function endless() return assert(sb:spawn { "cat", "/dev/zero", stdout = "pipe", max_output = "256K" }) end
  for _, format in ipairs { "l", "L", "a", 1 << 20, 1 << 40 } do
    local p <close> = endless()
    local before = memory()
    local passed, value, message, code = pcall(p.stdout.read, p.stdout, format)
    local name = ("read(%s)"):format(format)
    t.ok(passed, name .. " does not raise", value)
    t.is(helpers.shown(value, code), "nil output-limit", name .. " says that it is too much")
    t.like(message, "^max_output: .*262144", name .. " names the bound")
    t.ok(memory() - before < 32 * 1024, name .. " takes no more than that", before, memory())
    t.is(#(p.stdout:read(1000) or ""), 1000, name .. ": what has come can still be read in pieces")
  end
  local p <close> = assert(sb:spawn { "sh", "-c", "echo short; exec cat /dev/zero", stdout = "pipe",
                                      max_output = "256K" })
  local lines = {}
  for line in p.stdout:lines() do lines[#lines + 1] = line end
  t.is(table.concat(lines, ","), "short", "lines() ends there")
  local q <close> = assert(sb:spawn { "head", "-c", "262144", "/dev/zero", stdout = "pipe", max_output = "256K" })
  t.is(#(q.stdout:read "a" or ""), 262144, "exactly max_output bytes are not too many")
  local few <close> = assert(sb:spawn { "echo", "few", stdout = "pipe", max_output = "256K" })
  t.is(few.stdout:read(1 << 40), "few\n", "a count above the bound reads what there is")
end)

-- --- arguments and environment -----------------------------------------------------------------------

case("arguments with every byte but NUL", function(t, sb)
  local bytes = {}
  for i = 1, 255 do bytes[i] = string.char(i) end
  local all = table.concat(bytes)
  t.is(assert(sb:run { "printf", "%s", all }).stdout, all, "255 bytes")
  t.is(assert(sb:run { "printf", "[%s]", "", "a b", "'\"$x`" }).stdout, "[][a b]['\"$x`]", "empty, spaces, quotes")
end)

case("10,000 arguments", function(t, sb)
  local args = { "sh", "-c", "echo $#; echo ${10000}", "sh" }
  for i = 1, 10000 do args[#args + 1] = "argument-" .. i end
  t.is(assert(sb:run(args)).stdout, "10000\nargument-10000\n", "all of them")
end)

case("an environment that starts clean", function(t, sb)
  local r = assert(sb:run { "env", env = { LINES_2 = "one\ntwo\n", EMPTY = "" } })
  t.like(r.stdout, "LINES_2=one\ntwo\n", "a value with newlines")
  t.like(r.stdout, "EMPTY=\n", "an empty value")
  t.like(r.stdout, "PATH=/usr/local/sbin:", "PATH is there")
  t.ok(not r.stdout:find("LSANDBOX_TOP"), "nothing of our own environment")
end)

case("cwd and user", function(t, sb)
  t.is(assert(sb:run { "pwd", cwd = "/usr" }).stdout, "/usr\n", "the program's own cwd")
  t.is(assert(sb:run { "id", "-u", user = 12345 }).stdout, "12345\n", "the program's own uid")
  t.is(assert(sb:run { "id", "-un", user = "root" }).stdout, "root\n", "or root by name")
end)

-- --- several at once ---------------------------------------------------------------------------------

case("two programs at once, interleaved", function(t, sb)
  local script = "while read x; do echo $0$x; done"
  local a <close> = assert(sb:spawn { "sh", "-c", script, "a", stdin = "pipe", stdout = "pipe" })
  local b <close> = assert(sb:spawn { "sh", "-c", script, "b", stdin = "pipe", stdout = "pipe" })
  for i = 1, 50 do
    a.stdin:write(i, "\n")
    b.stdin:write(i, "\n")
    local x, y = b.stdout:read("l"), a.stdout:read("l")
    if x ~= "b" .. i or y ~= "a" .. i then
      t.ok(false, "turn " .. i .. ": got " .. tostring(x) .. " and " .. tostring(y))
      return
    end
  end
  a.stdin:close()
  b.stdin:close()
  t.is(triple(a:wait()) .. ", " .. triple(b:wait()), "true exit 0, true exit 0", "50 turns each, then both end")
end)

case("20 programs at once", function(t, sb)
  local programs = {}
  for i = 1, 20 do
    programs[i] = assert(sb:spawn { "sh", "-c", "cat; exit " .. i, stdin = "pipe", stdout = "pipe" })
  end
  local bad = 0
  for i, p in ipairs(programs) do
    p.stdin:write("program ", i)
    p.stdin:close()
    if p.stdout:read("a") ~= "program " .. i or triple(p:wait()) ~= "nil exit " .. i then bad = bad + 1 end
    p:close()
  end
  t.is(bad, 0, "each has its own input, output and status")
end)

case("a program's timeout", function(t, sb)
  local r = assert(sb:run { "sleep", "1000", timeout = 0.3 })
  t.is(r.signal, 9, "it is killed")
  t.is(r.limit, "timeout", "and the result says what ended it")
end)

case("waiting with a timeout", function(t, sb)
  local p <close> = assert(sb:spawn { "sleep", "1000" })
  local ok, _, code = p:wait { timeout = 0.05 }
  t.is(tostring(ok) .. " " .. tostring(code), "nil timeout", "wait gives up when told")
end)

-- --- what it is closed against -----------------------------------------------------------------------

case("guest kernel", function(t, sb, kind)
  local outside = host.line("uname -r")
  local inside = assert(sb:run { "uname", "-r" }).stdout:gsub("\n", "")
  if kind.machine then
    t.ok(inside ~= outside, "a machine has a kernel of its own: " .. inside)
    t.is(sb:info().kernel, inside, "sb:info() tells which")
  else
    t.is(inside, outside, "a container has the host's kernel")
  end
end)

case("no host process is visible", function(t, sb)
  local r = assert(sb:run(sh "cat /proc/[0-9]*/comm 2>/dev/null"))
  for _, name in ipairs { "lua5.4", "libvirtd", "prove", "qemu%-system" } do
    t.ok(not r.stdout:find("\n" .. name), "no " .. name)
  end
  t.like(assert(sb:run(sh "cat /proc/1/comm")).stdout, "init", "PID 1 is the guest init")
end)

case("the root is not writable", function(t, sb)
  local r = assert(sb:run(sh "touch /x /etc/x /usr/x 2>&1"))
  t.ok(r.status ~= 0, "touch fails")
  t.ok(not host.read("/x"), "and nothing is on the host")
  local as_root = assert(sb:run { "sh", "-c", "touch /x 2>&1; mount -o remount,rw / 2>&1; touch /x /etc/x /usr/x 2>&1",
    user = "root", privileged = true })
  t.ok(as_root.status ~= 0, "root with all capabilities cannot either, after a remount", as_root.stdout)
  assert(sb:run { "mount", "-o", "remount,ro", "/", user = "root", privileged = true }) -- as it was
  t.ok(not host.read("/x") and not host.read("/etc/x"), "and nothing is on the host")
end)

case("no network", function(t, sb)
  local r = assert(sb:run { "cat", "/proc/net/dev" })
  local names = {}
  for name in r.stdout:gmatch("([%w@.-]+):") do names[#names + 1] = name end
  t.is(table.concat(names, " "), "lo", "the only interface is lo")
  t.like(assert(sb:run { "cat", "/proc/net/route" }).stdout, "^[^\n]*\n$", "and there is no route")
  t.like(assert(sb:run { "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9" }).stderr, "Connection refused", "lo is up")
end)

case("no capabilities, no new privileges", function(t, sb)
  local r = assert(sb:run { "cat", "/proc/self/status" })
  for _, set in ipairs { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" } do
    t.like(r.stdout, set .. ":\t0+\n", set .. " is empty")
  end
  t.like(r.stdout, "NoNewPrivs:\t1\n", "no_new_privs is set")
  local root = assert(sb:run { "cat", "/proc/self/status", user = "root" })
  t.like(root.stdout, "CapEff:\t0+\n", "root inside has none either, unless privileged")
end)

case("the time and random numbers are ready", function(t, sb)
  local r = assert(sb:run { "date", "+%s" })
  t.ok(math.abs(tonumber(r.stdout) - os.time()) <= 5, "the clock is the host's", r.stdout)
  local one = assert(sb:run { "head", "-c", "32", "/dev/urandom" }).stdout
  t.ok(#one == 32 and one ~= assert(sb:run { "head", "-c", "32", "/dev/random" }).stdout, "and random numbers come")
end)

case("private places", function(t, sb)
  local marker = "lsandbox-test-" .. tostring(os.time()) .. tostring(math.random(1 << 30))
  host.write("/tmp/" .. marker, "")
  local r = assert(sb:run { "ls", "-a", "/tmp" })
  t.ok(not r.stdout:find(marker, 1, true), "the host's /tmp is not seen")
  os.remove("/tmp/" .. marker)
  t.is(assert(sb:run(sh "echo x > /tmp/y && cat /tmp/y && rm /tmp/y")).stdout, "x\n", "/tmp can be written")
  t.is(assert(sb:run(sh "cd && pwd && echo x > y && cat y && rm y && ls -A | wc -l")).stdout:match("\n.*"),
    "\nx\n0\n", "the home is private, writable and empty")
  for _, name in ipairs { "vport0p1", "kmsg", "mem", "sda", "vda", "kvm" } do
    t.is(assert(sb:run { "test", "-e", "/dev/" .. name }).status, 1, "no /dev/" .. name)
  end
  t.is(assert(sb:run(sh "echo x > /dev/null && head -c 1 /dev/zero | wc -c")).stdout, "1\n",
    "but /dev/null and /dev/zero")
  t.ok(assert(sb:run { "cat", "/etc/machine-id" }).stdout ~= (host.read("/etc/machine-id") or ""),
    "a machine id of its own")
  t.is(assert(sb:run { "hostname" }).stdout, "sandbox\n", "a host name of its own")
end)

case("homes of the host are hidden", function(t, sb)
  local r = assert(sb:run(sh "ls -A /root /home 2>&1"))
  t.ok(not r.stdout:find(".bashrc", 1, true), "no home of the host is seen", r.stdout)
end)

-- --- ends ----------------------------------------------------------------------------------------------

-- The guest init reported a program's end only when all that the program had written was sent to the host. Without
-- credit, which comes with reading, that was never, and wait() hung on a killed program whose output nobody reads.
case("a program has ended when its process has", function(t, sb)
  local function killed(name, options, unread)
    options.stdout, options.stderr = "pipe", not options.tty and "pipe" or nil
    local p <close> = assert(sb:spawn(options))
    if unread then -- more than a window and a pipe are full when it stops writing
      helpers.until_true(function() return p.stdout:read(1) end)
      lsandbox.sleep(0.3)
    end
    p:kill "KILL"
    t.is(helpers.shown(p:wait { timeout = 30 }), "nil signal 9", name)
  end
  killed("killed, nothing written", { "sleep", "1000" })
  killed("killed with its piped stdout full", { "cat", "/dev/zero" }, true)
  killed("killed with its piped stderr full", { "sh", "-c", "echo up; exec cat /dev/zero >&2" }, true)
  killed("killed with its terminal full", { "cat", "/dev/zero", tty = true }, true)
  local q <close> = assert(sb:spawn { "sh", "-c", "head -c 560000 /dev/zero; exit 3", stdout = "pipe" })
  t.is(helpers.shown(q:wait { timeout = 30 }), "nil exit 3", "ended by itself with its last bytes in the pipe")
  t.is(#q.stdout:read "a", 560000, "which are all there afterwards")
  local slow <close> = assert(sb:spawn { "cat", "/dev/zero", stdout = "pipe", timeout = 0.5 })
  t.is(helpers.shown(slow:wait { timeout = 30 }), "nil signal 9 timeout", "ended by its own timeout")
  local r = assert(sb:run(sh "head -c 3000000 /dev/zero; exit 4"))
  t.is(helpers.shown(#r.stdout, r.status), "3000000 4", "what is captured is whole when the end is told")
end)

-- --- the timeline --------------------------------------------------------------------------------------

-- The timeline has the expected spans, in order. Those that the guest reports lie between the creation of the domain
-- and the moment at which the guest was ready.
case("the timeline of the start", function(t, sb, kind)
  assert(sb:exec { "true" })
  local spans, notes = sb:timeline()
  local seen, ordered, before = {}, true, 0
  for _, span in ipairs(spans) do
    ordered = ordered and span.begun >= before and (not span.ended or span.ended >= span.begun)
    before, seen[span.lane .. ": " .. span.name] = span.begun, span
  end
  t.ok(ordered, "the spans are in order")
  t.is(type(notes), "table", "there are notes")
  for _, name in ipairs { "libvirt: connection", "libvirt: create the domain", "mounts: root", "mounts: mounts",
    "init: ready", "program: start", "program: run" } do t.ok(seen[name], "a span of " .. name) end
  local cold = (sb:info().start or "cold") == "cold" -- otherwise another machine booted, and this one has no such spans
  for _, name in ipairs { "kernel: kernel", "init: modules", "init: relay port" } do
    t.is(seen[name] ~= nil, kind.machine and cold or false, name .. " where there is a kernel of its own")
  end
  t.ok(seen[cold and "host: plan is sent" or "init: resume"], "how the plan came")
  local create, ready, times = seen["libvirt: create the domain"], seen["init: ready"], sb:info().times
  local within = times.domain >= create.ended and times.ready >= times.domain
  for _, span in ipairs(spans) do
    if span.lane == "kernel" or span.lane == "init" or span.lane == "mounts" then
      within = within and span.begun >= create.begun and span.ended <= ready.ended
    end
  end
  t.ok(within, "the guest's are between the domain's creation and its readiness")
  t.ok(math.abs(ready.ended - times.ready) < 1000 and seen["program: start"].begun >= ready.ended,
    "which is when the start says that it was ready, and a program follows")
end)

-- A program's streams are pipes that PID 1 makes. They belonged to root with mode 0600, so others could not open them.
case("streams are opened anew by their names", function(t, sb)
  local script = [[
    cat /dev/stdin; echo out > /dev/stdout; echo fd >> /proc/self/fd/1; echo err > /dev/stderr; echo two > /dev/fd/2
    exec 3> /dev/stdout; echo three >&3]]
  for _, user in ipairs { false, "root", "4711" } do
    local r = assert(sb:run { "sh", "-c", script, user = user or nil, input = "in\n" })
    t.is(r.stdout .. r.stderr, "in\nout\nfd\nthree\nerr\ntwo\n", "pipes, as " .. (user or "the sandbox's user"))
  end
  local r = assert(sb:run { "sh", "-c", "cat /dev/stdin && echo end > /dev/stdout" })
  t.is(r.stdout .. r.stderr, "end\n", "no input")
  local p <close> = assert(sb:spawn { "sh", "-c", "for f in stdin stdout tty; do echo $f > /dev/$f; done", tty = true,
    stdin = "pipe", stdout = "pipe" })
  t.is(p.stdout:read("a"), "stdin\r\nstdout\r\ntty\r\n", "a terminal")
end)

-- libvirt lays a /proc/meminfo of its own over a container's, which refused lseek: free, vmstat and ps failed.
case("proc: its files are the kernel's", function(t, sb)
  local script = [[
    for _, name in ipairs { "meminfo", "stat", "cpuinfo", "uptime", "loadavg", "diskstats", "swaps" } do
      local f = assert(io.open("/proc/" .. name))
      local first = f:read(4)
      assert(f:seek("set", 0), name .. ": no seek to the start")
      assert(f:read(4) == first and f:seek("set", 2), name .. ": not the same again")
      assert((f:read("a") or ""):sub(1, 2) == (first or ""):sub(3), name .. ": not what is at 2")
    end]]
  local r = assert(sb:run { "lua5.4", "-e", script })
  t.is(r.stderr .. r.status, "0", "every file can be sought in")
  t.is(assert(sb:run { "grep", "-c", " /proc/.* - fuse", "/proc/self/mountinfo" }).stdout, "0\n",
    "none is a file of libvirt's")
  for _, command in ipairs { "free", "vmstat", "ps aux" } do
    r = assert(sb:run { "sh", "-c", command .. " >/dev/null" })
    t.is(r.stderr .. r.status, "0", command .. " works")
  end
end)

case("proc: what tells of the host's hardware at work is masked", function(t, sb)
  local r = assert(sb:run { "sh", "-c",
    "cat /proc/interrupts && ls /sys/devices/system/cpu/cpu*/thermal_throttle/* 2>/dev/null | wc -l" })
  t.is(r.stdout .. r.stderr, "0\n", "interrupts, thermal_throttle")
end)

return cases
