-- A program with a terminal, with resource limits, with Lua files as streams; and the command attached to a terminal. A
-- case gets (tap, sb, kind), as in cases.lua.
local helpers = require "helpers"
local host = require "host"

local triple, scratch = helpers.triple, helpers.scratch

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

-- Read P's output until TEXT has come. Returns all of it; nil at the end of the stream.
local function look_for(p, text)
  local got = {}
  repeat
    got[#got + 1] = p.stdout:read(1)
    if #got == 0 or got[#got] == nil then return nil end
  until table.concat(got, "", math.max(1, #got - #text + 1)) == text
  return table.concat(got)
end

-- The output up to TEXT; nil at the end of the output, or when TEXT does not come within a minute.
local function see(p, text)
  local task <close> = require("lsandbox").task(look_for, p, text)
  return (task:await { timeout = 60 })
end

local function on_terminal(sb, program)
  program.tty, program.stdout = true, "pipe"
  return assert(sb:spawn(program))
end

-- --- terminals ---------------------------------------------------------------------------------------

local whoami = [[
  tty; stat -c %u $(tty); stty size; for i in 0 1 2; do test -t $i && echo $i; done
  echo to the terminal > /dev/tty && ps -o tty= -p $$ >/dev/null; cat /proc/$$/stat | cut -d' ' -f 7 ]]

case("a terminal, as anybody", function(t, sb)
  for _, who in ipairs { { user = 12345 }, { user = "root" }, { user = "root", privileged = true }, {} } do
    who[1], who[2], who[3], who.tty = "sh", "-c", whoami, true
    local r = assert(sb:run(who))
    local name = tostring(who.user) .. (who.privileged and " with capabilities" or "")
    t.like(r.stdout, "^/dev/pts/%d+\r\n", name .. ": it has a name")
    if who.user then t.like(r.stdout, "\n" .. (who.user == "root" and 0 or who.user) .. "\r\n", "is the user's") end
    t.like(r.stdout, "\n24 80\r\n0\r\n1\r\n2\r\nto the terminal\r\n", "has the usual size, is all three, and /dev/tty")
    t.ok(tonumber(r.stdout:match("(%d+)\r\n$") or 0) ~= 0, "and is the controlling one", r.stdout)
    t.is(r.stderr .. tostring(r.status), "0", "nothing on stderr")
  end
end)

case("a terminal's size, and another", function(t, sb)
  local p <close> = on_terminal(sb, { "sh", "-c",
    "trap 'stty size; exit 4' WINCH; stty size; while :; do sleep 0.05; done", rows = 40, cols = 100 })
  t.is(p.stdout:read("l"), "40 100\r", "as asked for")
  t.is(p:resize(50, 120), true, "resize")
  t.is(p.stdout:read("l"), "50 120\r", "is seen, by a signal and by who asks")
  t.is(triple(p:wait()), "nil exit 4", "and the program ends as it likes")
  t.is(p:resize(1, 1), true, "resizing what has ended is harmless")
end)

case("misuse of terminals", function(t, sb)
  local function raises(fn, pattern, ...)
    local ok, message = pcall(fn, ...)
    t.ok(not ok and tostring(message):find(pattern) ~= nil, "raises: " .. pattern, tostring(message))
  end
  raises(sb.spawn, "stderr: expected nothing beside tty = true", sb, { "true", tty = true, stderr = "pipe" })
  raises(sb.run, "rows: expected nothing without tty = true, got 5", sb, { "true", rows = 5 })
  local p <close> = assert(sb:spawn { "sleep", "1000" })
  raises(p.resize, "no terminal", p, 24, 80)
  raises(p.resize, "expected a number from 1 to 65535", p, 0, 80)
  raises(p.resize, "expected a number from 1 to 65535", p, 24, 65536)
  raises(p.resize, "number expected", p, 24)
end)

case("Ctrl-C reaches what runs, and not the shell", function(t, sb)
  local p <close> = on_terminal(sb, { "sh", "-i", env = { PS1 = "PROMPT", ENV = "" } })
  t.ok(see(p, "PROMPT"), "an interactive shell")
  p.stdin:write("sh -c 'echo run\"\"ning; exec sleep 1000'\r")
  t.ok(see(p, "running"), "runs a program")
  p.stdin:write("\3")
  t.ok(see(p, "PROMPT"), "which Ctrl-C ends")
  p.stdin:write("echo status=$?\r")
  t.ok(see(p, "status=130"), "with SIGINT")
  p.stdin:write("exit 6\r")
  t.is(triple(p:wait()), "nil exit 6", "and the shell goes on until it is told to exit")
end)

case("job control", function(t, sb)
  if sb:run { "test", "-x", "/bin/bash" }.status ~= 0 then return end
  local p <close> = on_terminal(sb, { "bash", "--norc", "--noediting", "-i", env = { PS1 = "PROMPT" } })
  -- The loop forks nothing, because a shell that waits in vfork() for a child that Ctrl-Z has stopped does not stop
  -- itself.
  local loop = "trap 'echo con\"\"tinued' CONT; echo run\"\"ning; while :; do read -t 0.1; done"
  t.ok(see(p, "PROMPT"), "an interactive shell")
  p.stdin:write('bash -c "' .. loop:gsub('"', '\\"') .. '"\r')
  t.ok(see(p, "running"), "runs a job")
  p.stdin:write("\26")
  t.ok(see(p, "Stopped"), "which Ctrl-Z stops")
  t.ok(see(p, "PROMPT"), "and the shell goes on")
  p.stdin:write("fg\r")
  t.ok(see(p, "continued"), "fg lets it go on")
  p.stdin:write("\3")
  t.ok(see(p, "PROMPT"), "in the foreground, where Ctrl-C ends it")
  p.stdin:write("exit 3\r")
  t.is(triple(p:wait()), "nil exit 3", "and the shell's status is its own")
end)

case("the end of a terminal's input", function(t, sb)
  local p <close> = on_terminal(sb, { "cat" })
  p.stdin:write("one\n")
  t.is(p.stdout:read("l") .. p.stdout:read("l"), "one\rone\r", "echo, and cat's line")
  p.stdin:close()
  t.is(triple(p:wait()), "true exit 0", "closing ends cat")
  local r = assert(sb:run { "sh", "-c", "stty -echo; cat", tty = true, input = "one\ntwo" })
  t.like(r.stdout, "one\r\ntwo$", "in the middle of a line as well")
  t.is(r.status, 0, "and it ends")
  t.is(assert(sb:run { "cat", tty = true }).stdout, "", "run without input: nothing is typed, and then the end")
  local raw <close> = on_terminal(sb, { "sh", "-c", "stty raw -echo; echo ready; dd bs=1 count=1 2>/dev/null" })
  t.ok(see(raw, "ready"), "where the terminal does not read lines")
  raw.stdin:close()
  local _, _, code = raw:wait { timeout = 0.3 }
  t.is(code, "timeout", "there is no end to type")
end)

case("1 MB out of a terminal, and the status", function(t, sb)
  local r = assert(sb:run { "sh", "-c", "stty -opost; head -c 1000000 /dev/zero | tr '\\0' '\\n'; exit 5", tty = true })
  t.ok(r.stdout == ("\n"):rep(1000000), "every byte: " .. #r.stdout)
  t.is(r.status, 5, "and the status")
  local lines = assert(sb:run { "seq", "1", "20000", tty = true }).stdout
  local expected = {}
  for i = 1, 20000 do expected[i] = i .. "\r\n" end
  t.ok(lines == table.concat(expected), "20000 lines, cooked")
end)

case("a terminal's last bytes", function(t, sb)
  for i = 1, 20 do
    local r = assert(sb:run { "sh", "-c", "stty -opost; head -c 60000 /dev/zero; printf END; kill -9 $$", tty = true })
    if #r.stdout ~= 60003 or r.stdout:sub(-3) ~= "END" or r.signal ~= 9 then
      t.ok(false, "run " .. i .. ": " .. #r.stdout .. " bytes, signal " .. tostring(r.signal))
      return
    end
  end
  t.ok(true, "20 runs, none lost a byte of a program that was killed")
end)

case("stderr of a terminal", function(t, sb)
  local r = assert(sb:run { "sh", "-c", "echo out; echo err >&2; exit 9", tty = true })
  t.is(r.stdout .. r.stderr, "out\r\nerr\r\n", "is in stdout")
  t.is(r.status, 9, "and the status is the program's")
end)

case("who keeps a terminal", function(t, sb)
  local p <close> = on_terminal(sb, { "sh", "-c", "trap '' HUP; (sleep 0.4; echo late) & echo early" })
  t.is(triple(p:wait()), "true exit 0", "the program's end does not wait for its children")
  t.is(p.stdout:read("a"), "early\r\nlate\r\n", "and the stream goes on to its own end")
  local r = assert(sb:run { "sh", "-c",
    "echo first; trap '' HUP; (while echo noise 2>/dev/null; do :; done) & exit 4", tty = true })
  t.is(r.status .. r.stdout:sub(1, 6), "4first\r", "one that writes for ever does not hold the end back")
  local q <close> = on_terminal(sb, { "sh", "-c", "exec >/dev/null 2>&1 </dev/null; sleep 0.2; echo back > /dev/tty" })
  t.is(q.stdout:read("a"), "back\r\n", "nor is it hung up while the program lives")
end)

case("hanging a terminal up", function(t, sb)
  local p <close> = on_terminal(sb, { "sh", "-c", "echo ready; exec sleep 1000" })
  t.ok(see(p, "ready"), "a program")
  p.stdout:close()
  t.is(triple(p:wait { timeout = 20 }), "nil signal 1", "gets SIGHUP when its output is closed")
end)

case("nobody looks at a terminal", function(t, sb)
  local p <close> = assert(sb:spawn { "sh", "-c", "seq 1 100000; exit 8", tty = true, stdout = "null" })
  t.is(triple(p:wait { timeout = 60 }), "nil exit 8", "stdout = \"null\" does not stall it")
  local q <close> = assert(sb:spawn { "sh", "-c", "stty raw; cat /dev/zero", tty = true, stdout = "pipe" })
  t.ok(q:pid(), "another floods its terminal")
  t.is(assert(sb:run { "echo", "free", tty = true }).stdout, "free\r\n", "one that is stuck does not stall another")
end)

case("nothing typed is lost", function(t, sb)
  local line = ("0123456789"):rep(10) .. "\n"
  local p <close> = on_terminal(sb, { "sh", "-c",
    "stty raw -echo; echo ready; sleep 0.5; head -c 1010000 | cksum" })
  t.ok(see(p, "ready\n"), "a slow reader")
  p.stdin:write(line:rep(10000))
  scratch(function(dir)
    host.write(dir .. "/in", line:rep(10000))
    t.is(p.stdout:read("l"), host.line("cksum < " .. dir .. "/in"), "1 MB, raw")
  end)
  local q <close> = on_terminal(sb, { "sh", "-c", "stty -echo; echo ready; sleep 0.5; cat | wc -lc" })
  t.ok(see(q, "ready\r\n"), "and one of lines")
  q.stdin:write(line:rep(5000))
  q.stdin:close()
  t.like(q.stdout:read("a"), "^ *5000 +505000\r\n$", "500 KB in 5000 lines, and the end")
end)

case("20 terminals at once", function(t, sb)
  local programs, bad = {}, 0
  for i = 1, 20 do programs[i] = on_terminal(sb, { "sh", "-c", "stty -echo; echo ready; cat; exit " .. i }) end
  for i, p in ipairs(programs) do
    see(p, "ready\r\n")
    p.stdin:write("program ", i, "\n")
    p.stdin:close()
    if p.stdout:read("a") ~= "program " .. i .. "\r\n" or triple(p:wait()) ~= "nil exit " .. i then bad = bad + 1 end
    p:close()
  end
  t.is(bad, 0, "each has its own")
  t.is(assert(sb:run { "sh", "-c", "ls /dev/pts | grep -c '[1-9]'" }).stdout:match("^[01]\n$") ~= nil, true,
    "and none is left")
end)

case("a terminal and a program that is not there", function(t, sb)
  local r = assert(sb:run { "no-such-program-here", tty = true })
  t.is(r.status .. r.stdout, "127", "127, and nothing shown")
  t.is(assert(sb:run { "true", tty = true, cwd = "/no/such/dir" }).status, 126, "126")
end)

-- --- limits ------------------------------------------------------------------------------------------

case("resource limits", function(t, sb)
  local r = assert(sb:run { "sh", "-c", "ulimit -n; ulimit -Hn; ulimit -c; ulimit -t; ulimit -Ht; ulimit -v",
    rlimits = { nofile = { soft = 64, hard = 100 }, core = 0, cpu = { soft = 77, hard = 99 }, as = "64M" } })
  t.is(r.stdout, "64\n100\n0\n77\n99\n65536\n", "are what was asked for")
  r = assert(sb:run { "sh", "-c", "exec head -c 20000 /dev/zero > /tmp/fsize-test", rlimits = { fsize = "10K" } })
  t.is(r.signal, 25, "a file that is too large: SIGXFSZ")
  t.is(assert(sb:run { "sh", "-c", "stat -c %s /tmp/fsize-test; rm /tmp/fsize-test" }).stdout, "10240\n",
    "at the limit")
  r = assert(sb:run { "sh", "-c", "while :; do :; done", rlimits = { cpu = { soft = 1, hard = 5 } }, timeout = 60 })
  t.is(r.signal, 24, "too long on a processor: SIGXCPU")
  r = assert(sb:run { "sh", "-c", "sleep 0 & sleep 0 & wait", user = 23456, rlimits = { nproc = 1 } })
  t.ok(r.status ~= 0 and r.stderr:find("fork"), "too many processes", r.stderr)
  r = assert(sb:run { "cat", "/dev/null", rlimits = { nofile = 3 } })
  t.ok(r.status ~= 0, "too many descriptors")
  r = assert(sb:run { "cat", "/dev/null", rlimits = { nofile = 3, nproc = 1 }, user = "root", privileged = true })
  t.like(r.stderr, "cat: ", "so that cat itself fails, whoever it is")
  t.is(assert(sb:run { "sh", "-c", "ulimit -s", rlimits = { stack = "unlimited" } }).stdout, "unlimited\n", "unlimited")
end)

case("a terminal for lsandbox.run", function(t, _, kind)
  local r = assert(require "lsandbox".run { "sh", "-c", "tty; stty size; cat", connect = kind.uri, tty = true, rows = 5,
    cols = 7 })
  t.like(r.stdout, "^/dev/pts/%d+\r\n5 7\r\n$", "the recipe's own, without input")
end)

case("a limit that the kernel refuses", function(t, sb)
  local r = assert(sb:run { "true", rlimits = { nofile = 1 << 40 } })
  t.is(r.status, 126, "126")
  t.like(r.error, "set the resource limit nofile: Operation not permitted", "and says which")
end)

case("the recipe's limits, and the program's in their place", function(t, _, kind)
  local sb <close> = assert(require "lsandbox".start { connect = kind.uri, rlimits = { nofile = 64, core = 5 } })
  local script = "ulimit -n; ulimit -c"
  t.is(assert(sb:run { "sh", "-c", script }).stdout, "64\n0\n", "the recipe's") -- in blocks of 512 bytes
  t.is(assert(sb:run { "sh", "-c", script, rlimits = { nofile = 32 } }).stdout, "32\n0\n", "the program's, by name")
end)

case("a program's max_output", function(t, sb)
  local r = assert(sb:run { "cat", "/dev/zero", max_output = "100K" })
  t.is(#r.stdout .. r.limit, "102400max_output", "no more is kept, and the result says what ended it")
  r = assert(sb:run { "cat", "/dev/zero", max_output = "100K", tty = true })
  t.is(#r.stdout .. r.limit, "102400max_output", "of a terminal as well")
end)

-- --- Lua files ---------------------------------------------------------------------------------------

case("Lua files as stdin", function(t, sb)
  scratch(function(dir)
    host.write(dir .. "/in", "first\nsecond\nthird\n")
    local f <close> = assert(io.open(dir .. "/in"))
    t.is(f:read("l"), "first", "what the script has read")
    t.is(assert(sb:run { "cat", stdin = f }).stdout, "second\nthird\n", "the program does not read again")
    local p
    do
      local g <close> = assert(io.open(dir .. "/in"))
      p = assert(sb:spawn { "cat", stdin = g, stdout = "pipe" })
    end
    t.is(p.stdout:read("a"), "first\nsecond\nthird\n", "a file that is closed while the program reads")
    p:close()
    local tmp <close> = io.tmpfile()
    tmp:write("0123456789")
    tmp:seek("set", 4)
    t.is(assert(sb:run { "cat", stdin = tmp }).stdout, "456789",
      "io.tmpfile, written and not flushed, from its position")
    local pipe <close> = assert(io.popen("echo from; echo a pipe"))
    t.is(assert(sb:run { "cat", stdin = pipe }).stdout, "from\na pipe\n", "io.popen")
  end)
end)

case("Lua files as stdout and stderr", function(t, sb)
  scratch(function(dir)
    local f = assert(io.open(dir .. "/out", "w"))
    f:write("before\n")
    t.is(triple(sb:exec { "sh", "-c", "echo out; echo err >&2", stdout = f, stderr = f }), "true exit 0", "exec")
    f:write("after\n")
    f:close()
    t.is(host.read(dir .. "/out"), "before\nout\nerr\nafter\n", "in the order written")
    f = assert(io.open(dir .. "/out", "a"))
    local r = assert(sb:run { "sh", "-c", "echo more; echo captured >&2", stdout = f })
    f:close()
    t.is(host.read(dir .. "/out"), "before\nout\nerr\nafter\nmore\n", "a file open for appending")
    t.is(r.stdout .. r.stderr, "captured\n", "and run captures the other")
    f = io.tmpfile()
    local p <close> = assert(sb:spawn { "echo", "into a temporary file", stdout = f })
    p:wait()
    f:seek("set", 0)
    t.is(f:read("a"), "into a temporary file\n", "io.tmpfile, read back")
    f:close()
    local sort = assert(io.popen("sort > " .. dir .. "/sorted", "w"))
    t.is(triple(sb:exec { "printf", "b\\na\\n", stdout = sort }), "true exit 0", "io.popen")
    sort:write("0\n")
    t.is(triple(sort:close()), "true exit 0", "ends when the script closes it")
    t.is(host.read(dir .. "/sorted"), "0\na\nb\n", "with everything")
  end)
end)

case("Lua files that will not do", function(t, sb)
  local function raises(program, message)
    local ok, got = pcall(sb.spawn, sb, program)
    t.ok(not ok and tostring(got):find(message, 1, true) ~= nil, message, tostring(got))
  end
  local closed = io.tmpfile()
  closed:close()
  raises({ "cat", stdin = closed }, "stdin: expected an open file, got a closed one")
  local f <close> = assert(io.open("/etc/passwd"))
  raises({ "cat", stdout = f }, "stdout: expected a file open for writing, got one open for reading only")
  raises({ "cat", stdin = {} }, 'stdin: expected one of "pipe", "null", "inherit", or a file, got a table')
  raises({ "cat", stdin = "null", input = "x" }, 'input: expected nothing beside stdin = "null", got "x"')
  raises({ "cat", cwd = f }, "cwd: expected absolute path, got a file")
end)

-- --- the command at a terminal -----------------------------------------------------------------------

-- Do STEPS (see tests/lib/pty.c) with COMMAND on a terminal of 31 rows and 97 columns. Returns what the terminal
-- showed, how the command ended, and "restored" or "changed".
local function at_terminal(steps, command)
  local words = { os.getenv("LSANDBOX_BUILD") .. "/tests/pty", "31", "97" }
  for _, step in ipairs(steps) do words[#words + 1] = host.quote(step) end
  local out = host.capture("TERM=vt220 " .. table.concat(words, " ") .. " -- " .. command)
  local shown, ending, modes = out:match("^(.*)\n(%l+ %d+)\nmodes (%l+)\n$")
  return shown or out, ending or "gave up", modes
end

local function command(kind, options) -- the rest of the command line
  return os.getenv("LSANDBOX_BUILD") .. "/lsandbox run -c " .. kind.uri .. " " .. options
end

local function need_pty(t)
  return t.need(host.read(os.getenv("LSANDBOX_BUILD") .. "/tests/pty") ~= nil, "make test-programs",
    "a terminal for the command")
end

case("the command at a terminal", function(t, _, kind)
  if not need_pty(t) then return end
  local function check(name, steps, line, shown, ending)
    local got, how, modes = at_terminal(steps, command(kind, line))
    -- The kernel sends the signal before it echoes the key (n_tty_receive_signal_char()), so either may come first.
    got = got:gsub("caught\r\n%^C$", "^Ccaught\r\n")
    t.like(got, shown, name)
    t.is(how .. ", " .. tostring(modes), ending .. ", restored", "... status, and the terminal as before")
  end
  check("size and TERM", {}, "-- sh -c 'tty; stty size; echo $TERM; exit 7'", "^/dev/pts/%d+\r\n31 97\r\nvt220\r\n$",
    "status 7")
  check("keys, and Ctrl-D", { "see:ready\r\n", "raw", "type:abc\\r\\004" }, "-- sh -c 'echo ready; cat'",
    "ready\r\nabc\r\nabc\r\n$", "status 0")
  check("Ctrl-C is the program's", { "see:ready\r\n", "raw", "type:\\003", "see:caught" },
    "-- sh -c 'trap \"echo caught; exit 3\" INT; echo ready; while :; do sleep 0.05; done'", "%^Ccaught\r\n$",
    "status 3")
  check("a new size", { "see:ready\r\n", "raw", "resize:50x120", "see:50 120" },
    "-- sh -c 'trap \"stty size; exit 4\" WINCH; echo ready; while :; do sleep 0.05; done'", "50 120", "status 4")
  check("SIGTERM", { "see:ready\r\n", "raw", "signal:15" }, "-- sh -c 'echo ready; exec sleep 1000'", "ready",
    "status 143")
  check("SIGQUIT, which nobody handles", { "see:ready\r\n", "raw", "signal:3" },
    "-- sh -c 'echo ready; exec sleep 1000'", "ready", "signal 3")
  check("stopped and continued from outside",
    { "see:ready\r\n", "raw", "signal:20", "cooked", "signal:18", "raw", "type:\\003" },
    "-- sh -c 'echo ready; exec sleep 1000'", "ready", "status 130")
  check("killed inside", { "see:ready\r\n", "raw" }, "-- sh -c 'echo ready; sleep 0.5; kill -9 $$'", "ready",
    "status 137")
  check("not found", {}, "-- no-such-program", "no%-such%-program: No such file or directory\r\n$", "status 127")
  check("--no-tty", {}, "--no-tty -- sh -c 'tty; echo $?'", "^not a tty\r\n1\r\n$", "status 0")
end)

case("the sandbox's timeout at a terminal", function(t, _, kind)
  if not need_pty(t) then return end
  local shown, how, modes = at_terminal({ "see:ready\r\n", "raw" },
    command(kind, "--timeout 3 -- sh -c 'echo ready; exec sleep 1000'"))
  t.like(shown, "ready\r\nlsandbox: [^\n]*timeout of 3 s", "says so on a line of its own")
  t.is(how .. ", " .. tostring(modes), "status 124, restored", "and gives the terminal back")
end)

case("the command with --tty where there is none", function(t, _, kind)
  t.is(host.capture("echo hello | "
    .. command(kind, "--tty -- sh -c 'stty -echo; cat; stty size'")):gsub("^hello\r\nhello", "hello"),
    "hello\r\n24 80\r\n", "a terminal all the same") -- which had not yet been told not to echo, or had
end)

case("recipes at a terminal", function(t, _, kind)
  if not need_pty(t) then return end
  scratch(function(dir)
    local ours = os.getenv("LSANDBOX_BUILD") .. "/lsandbox"
    local function try(name, text, runner, steps, shown, ending)
      host.write(dir .. "/recipe.lua", text)
      local got, how, modes = at_terminal(steps, runner .. " " .. dir .. "/recipe.lua")
      t.like(got, shown, name)
      t.is(how .. ", " .. tostring(modes), ending .. ", restored", "... status, and the terminal as before")
    end
    local program = '"sh", "-c", "tty; stty size; exit 7", connect = "' .. kind.uri .. '"'
    try("a recipe that returns a table", "return { " .. program .. " }", ours, {},
      "^/dev/pts/%d+\r\n31 97\r\n$", "status 7")
    try("tty = false", "return { " .. program .. ", tty = false }", ours, {}, "^not a tty\r\n", "status 7")
    local lua = os.getenv("LUA") or host.line("command -v lua5.4 || command -v lua")
    try("exec with a terminal, in a script", [[
      local sb <close> = assert(require "lsandbox".start { connect = "]] .. kind.uri .. [[" })
      local script = "trap 'stty size; exit 5' WINCH; stty size; echo ready; while :; do sleep 0.05; done"
      local _, _, code = sb:exec { "sh", "-c", script, tty = true }
      sb:close()
      os.exit(code)
    ]], lua, { "see:ready\r\n", "raw", "resize:40x60", "see:40 60" }, "31 97\r\nready\r\n40 60\r\n", "status 5")
    try("a script that is killed meanwhile", [[
      local sb <close> = assert(require "lsandbox".start { connect = "]] .. kind.uri .. [[" })
      sb:exec { "sh", "-c", "echo ready; exec sleep 1000", tty = true }
    ]], lua, { "see:ready\r\n", "raw", "signal:15" }, "ready", "signal 15")
  end)
end)

return cases
