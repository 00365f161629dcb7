-- Bad input and broken hosts. Each must soon give one message that says what to do, with the right code, and leave
-- nothing. faults.lua machine|container
local tap = require "tap"
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

local command = os.getenv("LSANDBOX_BUILD") .. "/lsandbox"
local uri = ({ machine = "qemu:///embed", container = "lxc:///" })[arg[1]]
local machine = arg[1] == "machine"
local lua = os.getenv "LUA" or host.line "command -v lua5.4 || command -v lua"

local now = helpers.now

-- Run the command with the environment ENV; returns stderr, status, seconds.
local function run(env, arguments)
  local begun = now()
  local err, ok, _, code = host.capture(("env %s %s run -c %s %s 2>&1 >/dev/null </dev/null")
    :format(env, command, uri, arguments))
  return err, ok and 0 or code, now() - begun
end

local function refused(name, env, arguments, pattern, status)
  local err, code, seconds = run(env, arguments)
  tap.is(code, status or 125, name .. ": status")
  tap.like(err, pattern, name .. ": says what is wrong")
  local _, lines = err:gsub("\n", "\n")
  tap.ok(lines == 1, name .. ": in one line", err)
  tap.ok(seconds < 2, name .. ": within two seconds", seconds)
end

refused("memory 12Q", "", "--memory 12Q -- true", 'memory: expected a size .*got "12Q"')
refused("mount of a missing path", "", "--bind /no/such/path -- true",
  "mounts%[1%]%.source: .*/no/such/path.*No such file")
refused("unknown option", "", "--no-such-option -- true", "no%-such%-option")
refused("no program", "", "", "expected a program")
for _, flag in ipairs { "privileged", "tty", "no-tty", "xml", "times", "recipe" } do
  refused("a value for --" .. flag, "", "--" .. flag .. "=no -- true",
    "%-%-" .. flag:gsub("%-", "%%-") .. ': expected no value, got "no"')
end
refused("unknown user", "", "--user no-such-user -- true", 'user: expected a user .*"no%-such%-user"')
refused("URI of another driver", "", "-c vbox:///session -- true", "connect: expected a URI")

if machine then
  refused("a URI without a daemon", "", "-c qemu+unix:///system?socket=/no/such/socket -- true", "no%-driver")
  refused("a kernel that is not there", "", "--kernel /boot/no-such-kernel -- true",
    "/boot/no%-such%-kernel.*%[no%-kernel%]")
  refused("a kernel that is none", "", "--kernel /etc/passwd -- true", "/etc/passwd.*%[no%-kernel%]")
  refused("a kernel version that is not there", "", "--kernel-version 1.2.3 -- true", "1%.2%.3.*%[no%-kernel%]")
  local why = host.line("test -e /sys/module/kvm_pvm -o ! -w /dev/kvm && echo none")
  if why == "none" then
    refused("KVM that cannot be had", "", "--accel kvm -- true", "accel = \"kvm\".*%[no%-kvm%]")
  end
  refused("a cache that cannot be made", "LSANDBOX_CACHE=/proc/nonexistent", "-- true", "cache")
else
  refused("a URI without a daemon", "", "-c lxc+unix:///?socket=/no/such/socket -- true", "no%-driver")
end

refused("another host", "",
  ("-c %s://example.invalid/%s -- true"):format(uri:match("^%a+"), machine and "system" or ""),
  "another host.*%[unsupported%]")

-- When the program does not exist, the status is that of a shell.
do
  local err, code = run("", "-- no-such-program")
  tap.is(code, 127, "a program that does not exist: 127")
  tap.like(err, "no%-such%-program", "a program that does not exist: named")
  err, code = run("", "-- /etc/passwd")
  tap.is(code, 126, "a program that is not executable: 126")
  tap.like(err, "/etc/passwd.*Permission denied", "a program that is not executable: why")
  err, code = run("", "-- sh -c 'kill -9 $$'")
  tap.is(code .. err, "137", "killed by 9: the command exits 137, silently")
end

-- The command's own streams are closed, broken or slow.
do
  local run_it = ("timeout 60 %s run -c %s -- "):format(command, uri)
  local function status(script)
    local out, _, _, code = host.capture(script)
    return out .. tostring(code)
  end
  tap.is(status(run_it .. "sh -c 'cat; echo out; exit 3' <&- >&- 2>&-"), "3", "closed stdin, stdout and stderr")
  tap.is(status("yes | " .. run_it .. "head -c 4"), "y\ny\n0", "a stdin that never ends")
  tap.is(status("bash -c '" .. run_it .. "yes | head -n 1; echo ${PIPESTATUS[0]}'"), "y\n141\n0",
    "a stdout that is closed early is a SIGPIPE inside")
  tap.is(status("(" .. run_it .. "head -c 3000000 /dev/zero) | (sleep 0.3; wc -c)"), "3000000\n0",
    "a slow reader gets every byte")
end

-- A standard stream that the host program has closed became a descriptor of the module's (an eventfd of GLib's, the
-- first that GLib opens), and "inherit" gave that descriptor to the program inside, for reading or for writing.
do
  local script, said_file = host.run_dir() .. ".lua", host.run_dir() .. ".said"
  local text = ([[
    BEFORE
    local lsandbox = require "lsandbox"
    local sb <close> = assert(lsandbox.start { connect = %q })
    AFTER
    local program = { "sh", "-c", "cat; echo to stdout; echo to stderr >&2; exit 3" }
    local _, how, code = lsandbox.task(function() return sb:exec(program) end):await { timeout = 20 }
    local said = { tostring(how) .. " " .. tostring(code) }
    local pid = io.open("/proc/self/stat"):read "n"
    for fd = 0, 2 do
      local link = io.popen(("readlink /proc/%%d/fd/%%d"):format(pid, fd)):read "l"
      said[#said + 1] = link and link:find "^anon_inode" and link or nil
    end
    local f = assert(io.open(%q, "w"))
    f:write(table.concat(said, " "))
    f:close()
  ]]):format(uri, said_file)
  local function said(before, after, redirections)
    host.write(script, (text:gsub("BEFORE", before):gsub("AFTER", after)))
    host.capture(("timeout -k 5 90 %s %s %s"):format(lua, script, redirections))
    return host.read(said_file) or "nothing: the script did not end"
  end
  local all = "</dev/null >/dev/null 2>&1"
  for name, how in pairs {
    ["stdin closed by the caller"] = { "", "", "<&- >/dev/null 2>&1" },
    ["stdout closed by the caller"] = { "", "", "</dev/null >&- 2>/dev/null" },
    ["stderr closed by the caller"] = { "", "", "</dev/null >/dev/null 2>&-" },
    ["all closed by the caller"] = { "", "", "<&- >&- 2>&-" },
    ["stdin closed by the script before"] = { "io.stdin:close()", "", all },
    ["stdin closed by the script after the start"] = { "", "io.stdin:close()", all },
    ["stdout closed by the script before"] = { "io.stdout:close()", "", all },
    ["stdout closed by the script after the start"] = { "", "io.stdout:close()", all },
  } do
    os.remove(said_file)
    tap.is(said(table.unpack(how)), "exit 3", name .. ": the program ends, and has no descriptor of the module's")
  end
  os.remove(script)
  os.remove(said_file)
end

-- Where SIGCHLD is ignored the kernel keeps no status of a child, and libvirt waits for the children that it forks to
-- start QEMU. perl is the innermost, because timeout(1) and some shells reset dispositions.
do
  local script, up = host.run_dir() .. ".lua", host.run_dir() .. ".up"
  host.write(script, ([[
    local lsandbox = require "lsandbox"
    local sb <close> = assert(lsandbox.start { connect = %q })
    print(sb:exec { "sh", "-c", "exit 3" })
    local pipe = io.popen("cat /proc/" .. io.open("/proc/self/stat"):read "n" .. "/task/*/children")
    local left = pipe:read "a"
    pipe:close() -- or its shell, which is a child, too, would be a zombie
    for pid in left:gmatch "%%d+" do
      local stat = io.open("/proc/" .. pid .. "/stat")
      if stat and stat:read "a":find("%%) Z ") then print("zombie " .. pid) end
    end]]):format(uri))
  local function with(how, program)
    local perl = ("timeout -k 5 90 perl -MPOSIX -e '%s; exec @ARGV' %s 2>&1 </dev/null"):format(how, program)
    local out, ok, _, code = host.capture(perl)
    return out .. tostring(ok and 0 or code)
  end
  local ignored = '$SIG{CHLD} = "IGNORE"'
  local blocked = "sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGCHLD, SIGTERM, SIGINT, SIGHUP))"
  local run_it = ("%s run -c %s -- sh -c 'exit 3'"):format(command, uri)
  tap.is(with(ignored, run_it), "3", "the command, SIGCHLD ignored by its caller")
  tap.is(with(blocked, run_it), "3", "the command, signals blocked by its caller")
  tap.is(with(ignored, lua .. " " .. script), "nil\texit\t3\n0", "the module, SIGCHLD ignored by the host program")
  tap.is(with(ignored, command .. " " .. script), "nil\texit\t3\n0", "a recipe, SIGCHLD ignored by the caller")
  -- The wait has a bound, because a command that does not hear SIGTERM would stay.
  host.write(script, ([[
    %s run -c %s -- sh -c 'echo up; exec sleep 1000' </dev/null >%s 2>&1 &
    tries=0
    while ! grep -qs up %s && [ $tries -lt 600 ]; do sleep 0.1; tries=$((tries + 1)); done
    kill -TERM $!
    tries=0
    while kill -0 $! && [ $tries -lt 300 ]; do sleep 0.1; tries=$((tries + 1)); done 2>/dev/null
    kill -9 $! 2>/dev/null
    wait $!
    echo $?]]):format(command, uri, up, up))
  tap.like(with(blocked, "sh " .. script), "^143\n", "a SIGTERM that the caller has blocked reaches the program")
  os.remove(up)
  os.remove(script)
end

-- Output that could not be written was lost with status 0. A program that failed by itself keeps its status.
do
  local function with(redirection, program)
    local err, ok, _, code = host.capture(("(timeout 60 %s run -c %s -- %s) 3>&1 2>&3 %s </dev/null")
      :format(command, uri, program, redirection))
    return err .. tostring(ok and 0 or code)
  end
  local full = "^lsandbox: cannot write stdout: No space left on device\n"
  tap.like(with(">/dev/full", "echo hi"), full .. "1$", "a full disk under stdout")
  tap.like(with(">/dev/full", "cat /dev/zero"), full .. "1$", "a full disk under stdout, and a program that writes on")
  tap.is(with(">/dev/full", "true"), "0", "a full disk under stdout, and nothing to write")
  tap.is(with(">/dev/full", "sh -c 'echo hi; exit 4'"), "4", "a full disk, and a program that fails by itself")
  tap.is(with("1</dev/null", "echo hi"), "lsandbox: cannot write stdout: Bad file descriptor\n1",
    "a stdout for reading")
  local sb <close> = assert(lsandbox.start { connect = uri })
  local f <close> = assert(io.open("/dev/full", "w"))
  local shown = helpers.shown
  local lost = "nil cannot write stdout: No space left on device ENOSPC"
  tap.is(shown(sb:exec { "echo", "hi", stdout = f }), lost, "exec to a full disk")
  tap.is(shown(sb:run { "echo", "hi", stdout = f }), lost, "run to a full disk")
  local p <close> = assert(sb:spawn { "echo", "hi", stdout = f })
  tap.is(shown(p:wait()), lost, "spawn to a full disk, and wait")
  lost = lost:gsub("stdout", "stderr")
  tap.is(shown(sb:exec { "sh", "-c", "echo hi >&2", stderr = f }), lost, "exec, stderr to a full disk")
end

-- In Lua, misuse raises, and a failure of the environment is returned.
do
  local ok, message = pcall(lsandbox.new, { memmory = "256M" })
  tap.ok(not ok and message:find('memmory: unknown key; did you mean "memory"?', 1, true), "an unknown key raises",
    message)
  ok, message = pcall(lsandbox.new, "recipe")
  tap.ok(not ok and message:find("table expected"), "a recipe that is no table raises", message)
  local loop = {}
  loop.env = loop
  ok, message = pcall(lsandbox.new, loop)
  tap.ok(not ok and message:find("contains itself"), "a recipe that contains itself raises", message)
  local sb, _, code = lsandbox.start { connect = machine and "qemu+unix:///system?socket=/no/such" or
    "lxc+unix:///?socket=/no/such" }
  tap.is(tostring(sb) .. " " .. tostring(code), "nil no-driver", "no daemon is returned as nil, message, code")
end

if machine then
  -- A guest that panics, and one that never speaks, must end with the console's last lines and not in a hang.
  local sb, message, code = lsandbox.start { kernel = { cmdline = "rdinit=/no/such/init" } }
  tap.is(tostring(sb) .. " " .. tostring(code), "nil boot-failed", "a guest that panics is a failed boot")
  tap.like(message, "[Kk]ernel panic", "with the panic in the message")
  sb, message, code = lsandbox.start { template = "off", boot_timeout = 0.3 }
  tap.is(tostring(sb) .. " " .. tostring(code), "nil boot-failed", "a guest that is not up in time is a failed boot")
  tap.like(message, "in time", "that says so")
end

-- libvirt's client takes a process with the embedded driver for a daemon, and then refuses libvirtd's socket unless
-- the URI names it ("Connections from inside daemon must be direct").
if not machine and not os.getenv "LSANDBOX_NO_EMBED" then
  local script = host.run_dir() .. ".lua"
  host.write(script, [[
    local lsandbox = require "lsandbox"
    for _, uri in ipairs { "qemu:///embed", "lxc:///" } do
      local sb <close> = assert(lsandbox.start { connect = uri })
      print(sb:run { "echo", uri }.stdout)
    end]])
  tap.is(host.capture(command .. " " .. script .. " 2>&1"), "qemu:///embed\n\nlxc:///\n\n",
    "a container after a machine in one process")
  os.remove(script)
end

do
  local err, code, seconds = run("", "--idle-timeout 0.5 -- sleep 1000")
  tap.is(code, 124, "an idle_timeout: 124, as a timeout")
  tap.like(err, "idle for 0.5 s", "an idle_timeout: says so")
  tap.ok(seconds < 60, "an idle_timeout: soon", seconds)
  local script = host.run_dir() .. ".lua"
  host.write(script, "return { 'true', on = { stopped = print } }")
  tap.like(host.capture(command .. " " .. script .. " 2>&1"), "on: a recipe that is returned has nobody to listen",
    "event functions in a recipe that is returned are refused, saying why")
  os.remove(script)
end

-- What the command says itself was lost on a full disk, with status 0; and arg had nothing below zero.
for _, what in ipairs { "--help", "--version", "help", "run --help", "template --help", "run --xml -- true",
                        "run --recipe -- true" } do
  local err, ok, _, code = host.capture(("%s %s 2>&1 >/dev/full </dev/null"):format(command, what))
  tap.ok(not ok and code == 125, what .. " to a full disk fails", code)
  tap.like(err, "^lsandbox: cannot write stdout: [^\n]+\n$", what .. " to a full disk says so")
end
do
  local script = host.run_dir() .. ".lua"
  host.write(script, "print(arg[-1], arg[-2], arg[0], arg[1], #arg)")
  local expected = ("%s\tnil\t%s\tx\t1\n"):format(command, script)
  tap.is(host.capture(command .. " " .. script .. " x"), expected, "arg below zero, as lua gives it")
  os.remove(script)
end

host.mark_own()

-- The owner is killed by SIGKILL while a program runs inside: after two seconds nothing is left.
do
  local script = host.run_dir() .. ".sh"
  local pid_file = host.run_dir() .. ".pid"
  host.write(script, ([[
%s run -c %s -- sh -c 'echo up; exec sleep 1000' </dev/null >%s.out 2>&1 &
echo $! > %s
]]):format(command, uri, host.run_dir(), pid_file))
  os.execute("sh " .. script)
  local pid = host.read(pid_file):match("%d+")
  local deadline = os.time() + 60
  while not (host.read(host.run_dir() .. ".out") or ""):find("up\n") and os.time() < deadline do
    host.capture("sleep 0.05")
  end
  tap.like(host.read(host.run_dir() .. ".out"), "up\n", "the owner's program runs")
  tap.ok(#host.leftovers() > 0, "and there is something to leave behind")
  os.execute("kill -9 " .. pid)
  local left = host.wait_clean(2)
  tap.ok(#left == 0, "two seconds after SIGKILL of the owner nothing is left", table.unpack(left))
  os.execute(("rm -f %s %s %s.out"):format(script, pid_file, host.run_dir()))
end

-- The same while the sandbox is paused. When its connection breaks, libvirtd thaws and kills the container. But it
-- removed the control groups while their processes were still dying, so that failed with EBUSY and empty groups stayed
-- for ever.
do
  local script = host.run_dir() .. ".lua"
  host.write(script, ([[
    local lsandbox = require "lsandbox"
    local sb = assert(lsandbox.start { connect = %q })
    assert(assert(sb:spawn { "sleep", "1000" }):pid())
    assert(sb:pause())
    io.stdout:write "paused\n" io.stdout:flush()
    os.execute("kill -9 " .. io.open("/proc/self/stat"):read "n")]]):format(uri))
  local out = host.capture(("timeout -k 5 90 %s %s 2>&1 </dev/null"):format(command, script))
  tap.like(out, "^paused\n", "the owner of a paused sandbox kills itself")
  local left = host.wait_clean(2)
  tap.ok(#left == 0, "two seconds after SIGKILL of the owner of a paused sandbox nothing is left", table.unpack(left))
  os.remove(script)
end

-- The same with a pool in which two sandboxes wait and one is starting.
if not machine then
  local script = host.run_dir() .. ".lua"
  host.write(script, ([[
    local lsandbox = require "lsandbox"
    local pool = lsandbox.pool { connect = %q, size = 2 }
    while pool:stats().ready < 2 do lsandbox.sleep(0.01) end
    local sb = assert(pool:take())
    while pool:stats().starting < 1 do lsandbox.step() end
    io.stdout:write "full\n" io.stdout:flush()
    os.execute("kill -9 " .. io.open("/proc/self/stat"):read "n")]]):format(uri))
  local out = host.capture(("timeout -k 5 90 %s %s 2>&1 </dev/null"):format(command, script))
  tap.like(out, "^full\n", "the owner of a pool kills itself")
  local left = host.wait_clean(8) -- libvirtd may be starting one, and the keeper stays 4 s longer for it
  tap.ok(#left == 0, "soon after SIGKILL of the owner of a pool nothing is left", table.unpack(left))
  os.remove(script)
end

-- SIGTERM reaches the program, and the program's status becomes the command's.
do
  local out = host.run_dir() .. ".term"
  host.write(out .. ".sh", ([[
%s run -c %s -- sh -c 'trap "exit 9" TERM; echo up; while :; do sleep 0.1; done' </dev/null >%s 2>&1 &
pid=$!
tries=0
while ! grep -q up %s && [ $tries -lt 1200 ]; do sleep 0.05; tries=$((tries + 1)); done
kill -TERM $pid
wait $pid
echo status $? >>%s
]]):format(command, uri, out, out, out))
  os.execute("timeout 100 sh " .. out .. ".sh")
  -- The signal goes to the process group, so the shell inside may report that its child was terminated.
  tap.like(host.read(out), "^up\n.*status 9\n$",
    "SIGTERM to the command is the program's, and its status the command's")
  os.execute(("rm -f %s %s.sh"):format(out, out))
end

collectgarbage()
local left = host.wait_clean(3)
tap.ok(#left == 0, "nothing is left behind", table.unpack(left))
tap.done()
