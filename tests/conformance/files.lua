-- The file methods. As in cases.lua, a case gets (tap, sb, kind) and leaves nothing in the shared sandbox.
local host = require "host"

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

local q = host.quote

local function run(command, ...)
  assert(os.execute(command:format(...)), "the test's own command failed: " .. command)
end

-- FN gets a directory on the host and the name of one in the sandbox; both are removed afterwards.
local function scratch(sb, fn)
  local dir, inside = host.line("mktemp -d"), "/tmp/filescase"
  run("chmod 0755 %s", dir)
  assert(sb:mkdir(inside))
  local passed, why = xpcall(fn, debug.traceback, dir, inside)
  run("chmod -R u+rwx %s; rm -rf %s", dir, dir)
  local ok, message = sb:remove(inside, { recursive = true })
  if not passed then error(why, 0) end
  assert(ok, message)
end

-- Every name below DIR with type, mode, size, time and link, and every file's checksum.
local function fingerprint(dir)
  return host.capture(([[
    cd %s &&
    find . ! -type d -printf '%%P %%y %%m %%T@ %%s %%l\0' -o -printf '%%P d %%m %%T@\0' | sort -z
    find . -type f -print0 | sort -z | xargs -0r sha256sum]]):format(q(dir)))
end

local function temporaries(dir) return host.capture("find " .. q(dir) .. " -name '.lsandbox-*'") end

local function failure(t, code, pattern, what, ok, message, got)
  t.is(ok, nil, what .. " fails")
  t.is(got, code, what .. ": the code")
  t.like(message, pattern, what .. ": the message")
end

-- --- contents ----------------------------------------------------------------------------------------

case("files: write and read", function(t, sb)
  scratch(sb, function(_, inside)
    local bytes = {}
    for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
    local data = table.concat(bytes):rep(1000)
    local path = inside .. "/a"
    t.is(sb:write(path, data), true, "binary data goes in")
    t.ok(sb:read(path) == data, "and comes back the same")
    t.is(assert(sb:run { "sh", "-c", 'stat -c "%a %s %U" ' .. path }).stdout, "644 256000 " ..
      assert(sb:run { "id", "-un" }).stdout, "it is the sandbox's user's, and mode 0644")
    t.is(sb:read(path, { offset = 65, length = 3 }), "ABC", "a part of it")
    t.is(sb:read(path, { offset = 255999 }), "\255", "the rest from an offset")
    t.is(sb:read(path, { offset = 1e9 // 1 | 0 }), "", "nothing behind the end")
    t.is(sb:read(path, { length = 0 }), "", "nothing")
    t.is(sb:write(path, ""), true, "an empty string")
    t.is(sb:read(path), "", "empties the file")
    t.is(sb:write(path, "one", { append = true }), true, "append")
    assert(sb:write(path, " two", { append = true }))
    t.is(sb:read(path), "one two", "adds at the end")
    assert(sb:write(path, "x", { mode = "0600" }))
    t.is(assert(sb:stat(path)).mode, tonumber("600", 8), "the mode asked for")
    assert(sb:write(path, "y"))
    t.is(assert(sb:stat(path)).mode, tonumber("600", 8), "a file that is replaced keeps its mode")
    assert(sb:run { "ln", "-s", "a", inside .. "/link" })
    assert(sb:write(inside .. "/link", "through"))
    t.is(sb:read(path), "through", "a symlink is written through")
    t.is(assert(sb:stat(inside .. "/link", { follow = false })).type, "link", "and stays one")
    t.is(#assert(sb:list(inside)), 2, "no temporary file stays")
    t.is(sb:write("/dev/null", "gone"), true, "a device is written to")
    t.is(assert(sb:stat("/dev/null")).type, "character device", "not replaced")
  end)
end)

case("files: limits of read", function(t, sb)
  failure(t, "output-limit", "1000 bytes", "more than max", sb:read("/dev/zero", { max = 1000 }))
  t.is(#assert(sb:read("/dev/zero", { length = 1000, max = 1000 })), 1000, "as much as max is fine")
  t.ok(#assert(sb:read("/proc/self/status")) > 100, "a file of /proc, whose size is 0")
end)

case("files: errors carry the errno's name", function(t, sb, kind)
  failure(t, "ENOENT", "^read /no/such: No such file", "a missing file", sb:read("/no/such"))
  failure(t, "EISDIR", "^read /tmp: ", "a directory", sb:read("/tmp"))
  failure(t, "EACCES", "^read /etc/shadow: Permission denied$", "what the user may not read", sb:read("/etc/shadow"))
  failure(t, "ENOENT", "^write /no/such: ", "no parent", sb:write("/no/such", "x"))
  failure(t, "EROFS", "^write /etc/new: Read%-only", "a read-only root", sb:write("/etc/new", "x"))
  failure(t, "ENOTDIR", "^list /etc/passwd: ", "no directory", sb:list("/etc/passwd"))
  failure(t, "EEXIST", "^mkdir /tmp: ", "one that is there", sb:mkdir("/tmp"))
  local _ = kind
end)

case("files: misuse raises", function(t, sb)
  local function raises(pattern, what, ...)
    local ok, message = pcall(...)
    t.ok(not ok and tostring(message):find(pattern), what, tostring(message))
  end
  raises('read: expected absolute path, got "x"', "a relative path", sb.read, sb, "x")
  raises('pull: expected absolute path, got "etc"', "pull from one", sb.pull, sb, "etc", "/tmp/y")
  raises('push: expected absolute path, got "y"', "push to one", sb.push, sb, "/etc", "y")
  raises('read.ofset: unknown key; did you mean "offset"', "an unknown option", sb.read, sb, "/x", { ofset = 1 })
  raises("write.mode: expected a file mode", "a bad mode", sb.write, sb, "/x", "", { mode = "999" })
  raises("push.progress: expected a function", "no function", sb.push, sb, "/x", "/y", { progress = 1 })
  raises("user", "an unknown user", sb.read, sb, "/etc/passwd", { user = "no-such-user" })
  raises("NUL", "a NUL in a path", sb.read, sb, "/etc/passwd\0")
end)

case("files: stat and list", function(t, sb)
  scratch(sb, function(_, inside)
    assert(sb:run { "sh", "-c", [[cd $0 && echo hi > file && ln -s /no/where link && mkfifo pipe && mkdir -m 0750 dir
      touch -d '2001-02-03 04:05:06.123456789Z' file && chmod 0640 file]], inside })
    local list = assert(sb:list(inside))
    local names = {}
    for i, e in ipairs(list) do names[i] = e.name .. ":" .. e.type end
    t.is(table.concat(names, " "), "dir:directory file:file link:link pipe:fifo", "sorted, with types")
    local file = list[2]
    t.is(file.size, 3, "size")
    t.is(file.mode, tonumber("640", 8), "mode")
    t.is(math.floor(file.mtime), 981173106, "time")
    t.is(file.mtime_nsec, 123456789, "to the nanosecond")
    t.is(file.uid, tonumber(assert(sb:run { "id", "-u" }).stdout), "owner")
    t.is(list[3].target, "/no/where", "where the link leads")
    failure(t, "ENOENT", "link", "a dangling link followed", sb:stat(inside .. "/link"))
    t.is(assert(sb:stat(inside .. "/link", { follow = false })).target, "/no/where", "not followed")
    t.is(assert(sb:stat("/")).type, "directory", "the root")
    t.is(#assert(sb:list(inside .. "/dir")), 0, "an empty directory")
  end)
end)

case("files: mkdir, rename, remove", function(t, sb)
  scratch(sb, function(_, inside)
    t.is(sb:mkdir(inside .. "/a/b/c", { parents = true, mode = "0700" }), true, "with parents")
    t.is(sb:mkdir(inside .. "/a/b/c", { parents = true }), true, "once more")
    t.is(assert(sb:stat(inside .. "/a/b/c")).mode, tonumber("700", 8), "the mode is the last one's")
    t.is(assert(sb:stat(inside .. "/a/b")).mode, tonumber("755", 8), "the parents have the usual one")
    failure(t, "ENOENT", "", "without parents", sb:mkdir(inside .. "/x/y"))
    failure(t, "ENOTEMPTY", "", "a directory that is not empty", sb:remove(inside .. "/a"))
    assert(sb:write(inside .. "/a/file", "x"))
    assert(sb:run { "sh", "-c", "ln -s /etc $0/a/etc; chmod 0555 $0/a/b", inside })
    t.is(sb:rename(inside .. "/a", inside .. "/z"), true, "rename")
    failure(t, "ENOENT", "", "the old name", sb:stat(inside .. "/a"))
    t.is(sb:remove(inside .. "/z", { recursive = true }), true, "remove all of it, read-only directories too")
    t.is(#assert(sb:list(inside)), 0, "it is gone")
    t.is(assert(sb:stat("/etc")).type, "directory", "and no link was followed")
  end)
end)

-- --- trees -------------------------------------------------------------------------------------------

local function make_tree(dir)
  run([[cd %s && mkdir -p t/many t/empty t/a/b/c t/ro
    i=0; while [ $i -lt 1000 ]; do echo "file $i" > t/many/$i; i=$((i + 1)); done
    printf x > 't/with
newline'; printf y > 't/ümläut-日本'; printf z > "t/$(printf '\377\376')"
    n=$(printf '%%255s' '' | tr ' ' n); echo long > "t/a/b/c/$n"
    head -c 300000 /dev/urandom > t/a/random; : > t/a/nothing
    ln -s /no/where t/dangling; ln -s /etc/passwd t/absolute; ln -s ../../../.. t/a/up; ln -s a t/link-to-dir
    echo secret > t/ro/file; chmod 0400 t/ro/file; chmod 0751 t/a
    chmod 0604 t/a/random; chmod 0000 t/a/nothing; chmod 0755 t/many/7
    find t -depth -exec touch -h -d '2003-02-01 01:02:03.987654321Z' {} +
    touch -d '1969-12-31 23:59:58.5Z' t/many/1; chmod 0555 t/ro; chmod 0600 t/a/nothing]], q(dir))
end

case("files: a tree there and back", function(t, sb)
  scratch(sb, function(dir, inside)
    make_tree(dir)
    local sent = assert(sb:push(dir .. "/t", inside .. "/t"))
    t.is(sent.files, 1007, "files sent")
    t.is(sent.directories, 7, "directories")
    t.is(sent.links, 4, "links")
    local back = assert(sb:pull(inside .. "/t", dir .. "/back"))
    t.is(back.files .. " " .. back.directories .. " " .. back.links .. " " .. back.bytes,
      sent.files .. " " .. sent.directories .. " " .. sent.links .. " " .. sent.bytes, "as many come back")
    t.ok(fingerprint(dir .. "/back") == fingerprint(dir .. "/t"),
      "names, modes, times to the nanosecond, links and contents are the same")
    local listing = assert(sb:run { "sh", "-c", "cd $0 && find . -name '.lsandbox-*'; stat -c '%a' t/ro t/a t/ro/file",
      inside }).stdout
    t.is(listing, "555\n751\n400\n", "modes inside, and no temporary files")
    -- push once more over the existing copy, which has a read-only directory
    run("echo changed > %s/t/many/5", q(dir))
    t.ok(sb:push(dir .. "/t", inside .. "/t"), "pushed again, into the tree that is there")
    t.is(sb:read(inside .. "/t/many/5"), "changed\n", "files are replaced")
    t.ok(sb:pull(inside .. "/t", dir .. "/back"), "pulled again")
    t.ok(fingerprint(dir .. "/back") == fingerprint(dir .. "/t"), "the same again")
  end)
end)

case("files: names of copies", function(t, sb)
  scratch(sb, function(dir, inside)
    run("echo one > %s/one; mkdir %s/d %s/out; echo two > %s/d/two", dir, dir, dir, dir)
    assert(sb:push(dir .. "/one", inside .. "/1"))
    t.is(sb:read(inside .. "/1"), "one\n", "a file under the name of the target")
    assert(sb:push(dir .. "/one", inside .. "/"))
    t.is(sb:read(inside .. "/one"), "one\n", "below a target that ends in a slash")
    assert(sb:push(dir .. "/d/", inside .. "/"))
    t.is(sb:read(inside .. "/d/two"), "two\n", "a directory too")
    failure(t, "ENOENT", "push " .. inside .. "/no/x: No such", "no parent", sb:push(dir .. "/one", inside .. "/no/x"))
    failure(t, "ENOENT", "push " .. dir .. "/none: No such", "no source", sb:push(dir .. "/none", inside .. "/x"))
    failure(t, "EISDIR", "push ", "a file onto a directory", sb:push(dir .. "/one", inside .. "/d"))
    failure(t, "ENOTDIR", "push ", "a directory onto a file", sb:push(dir .. "/d", inside .. "/one"))
    assert(sb:pull(inside .. "/d", dir .. "/out/"))
    t.is(host.read(dir .. "/out/d/two"), "two\n", "pull, below a target that ends in a slash")
    failure(t, "ENOENT", "pull .*/no", "no directory to pull into", sb:pull(inside .. "/d", dir .. "/no/x"))
    failure(t, "ENOENT", "pull " .. inside .. "/none: ", "nothing to pull", sb:pull(inside .. "/none", dir .. "/x"))
    t.is(host.line("ls " .. dir), "d\none\nout", "failures leave nothing")
    t.is(temporaries(dir), "", "nor temporary files")
  end)
end)

case("files: modes beyond the permission bits, special files", function(t, sb)
  scratch(sb, function(dir, inside)
    run("mkdir %s/t; echo x > %s/t/suid; chmod 04755 %s/t/suid; chmod 01777 %s/t; mkfifo %s/t/pipe", dir, dir, dir, dir,
      dir)
    local sent = assert(sb:push(dir .. "/t", inside .. "/t"))
    t.is(table.concat(sent.skipped, ","), "pipe", "a fifo is left out, and named")
    t.is(assert(sb:stat(inside .. "/t/suid")).mode, tonumber("4755", 8), "set-user-ID goes in")
    t.is(assert(sb:stat(inside .. "/t")).mode, tonumber("1777", 8), "and the sticky bit")
    assert(sb:run { "mkfifo", inside .. "/t/fifo" })
    local got = assert(sb:pull(inside .. "/t", dir .. "/back"))
    t.is(table.concat(got.skipped, ","), "fifo", "the same from inside")
    t.is(assert(sb:pull(inside .. "/t/fifo", dir .. "/one")).skipped[1], ".", "also when there is nothing else")
    t.is(host.line("stat -c %a " .. dir .. "/back/suid"), "755", "set-user-ID does not come out")
    t.is(host.line("ls -A " .. dir .. "/back"), "suid", "no fifo on the host")
  end)
end)

case("files: 64 MB", function(t, sb)
  scratch(sb, function(dir, inside)
    run("head -c 64M /dev/urandom > %s/big", dir)
    local sum = host.sha256(dir .. "/big")
    local last, monotone, calls = 0, true, 0
    local summary = assert(sb:push(dir .. "/big", inside .. "/big", { progress = function(bytes)
      monotone, last, calls = monotone and bytes >= last, bytes, calls + 1
    end }))
    t.is(summary.bytes, 67108864, "pushed")
    t.ok(monotone and calls > 10, "progress only grows", "calls: " .. calls)
    t.is(last, summary.bytes, "and ends with all of it")
    t.is(assert(sb:run { "sha256sum", inside .. "/big" }).stdout:match("^%x+"), sum, "the same bytes inside")
    last, monotone = 0, true
    summary = assert(sb:pull(inside .. "/big", dir .. "/back", { progress = function(bytes)
      monotone, last = monotone and bytes >= last, bytes
    end }))
    t.is(summary.bytes, 67108864, "pulled")
    t.ok(monotone and last == summary.bytes, "progress of the pull")
    t.is(host.sha256(dir .. "/back"), sum, "the same bytes outside")
    failure(t, "output-limit", "1048576", "a pull of more than max",
      sb:pull(inside .. "/big", dir .. "/big2", { max = "1M" }))
    t.is(host.line("ls -A " .. dir), "back\nbig", "leaves nothing")
  end)
end)

case("files: pull of files of unknown size", function(t, sb)
  scratch(sb, function(dir)
    assert(sb:pull("/proc/version", dir .. "/version"))
    t.is(host.read(dir .. "/version"), assert(sb:run { "cat", "/proc/version" }).stdout, "/proc/version")
    t.is(assert(sb:pull("/proc/self/mounts", dir .. "/mounts")).links, 0, "/proc/self/mounts")
    t.like(host.read(dir .. "/mounts"), "proc", "has contents")
  end)
end)

case("files: rights", function(t, sb)
  scratch(sb, function(dir, inside)
    run("echo x > %s/file", dir)
    failure(t, "EACCES", "pull /etc/shadow: Permission", "pull of what the user may not read",
      sb:pull("/etc/shadow", dir .. "/shadow"))
    failure(t, "EROFS", "push /usr/x: Read%-only", "push into the read-only root", sb:push(dir .. "/file", "/usr/x"))
    t.is(host.line("ls -A " .. dir), "file", "nothing is left of either")
    assert(sb:run { "sh", "-c", "chmod 0755 $0; id", inside })
    local ok, message = sb:write("/tmp/files-root", "r", { user = "root" })
    t.is(ok, true, "user = \"root\" writes", tostring(message))
    t.is(assert(sb:stat("/tmp/files-root")).uid, 0, "as root")
    t.is(select(3, sb:remove("/tmp/files-root")), "EPERM", "which the user cannot remove from a sticky directory")
    t.is(sb:remove("/tmp/files-root", { user = "root" }), true, "and root can")
    t.is(assert(sb:read("/proc/self/status", { user = "root" })):match("CapEff:%s*(%x+)"), "0000000000000000",
      "root without capabilities")
    t.is(assert(sb:read("/proc/self/status")):match("NoNewPrivs:%s*(%d)"), "1", "and nobody gets new privileges")
    t.like(assert(sb:run { "sh", "-c", "cat /proc/self/status" }).stdout, "NoNewPrivs:%s*1", "as a program's")
  end)
end)

case("files: an error in progress", function(t, sb)
  scratch(sb, function(dir, inside)
    run("mkdir %s/t; head -c 32M /dev/zero > %s/t/big", dir, dir)
    local ok, why = pcall(sb.push, sb, dir .. "/t/big", inside .. "/big", { progress = function(bytes)
      if bytes > 1000000 then error { mine = true } end
    end })
    t.ok(not ok and type(why) == "table" and why.mine, "comes out of push as it was raised")
    t.is(#assert(sb:list(inside)), 0, "nothing is left inside")
    assert(sb:push(dir .. "/t", inside .. "/t"))
    ok, why = pcall(sb.pull, sb, inside .. "/t/big", dir .. "/out", { progress = function() error("stop it", 0) end })
    t.is(tostring(ok) .. " " .. tostring(why), "false stop it", "and out of pull")
    t.is(host.line("ls -A " .. dir), "t", "nothing is left outside")
    local calls = 0
    assert(sb:push(dir .. "/t", inside .. "/u", { progress = function(_, path)
      calls = calls + 1
      sb:stat("/") -- another operation inside the callback
      t.ok(path == "big" or path == "", "the path is below the top", path)
    end }))
    t.ok(calls > 0, "other operations may run meanwhile")
  end)
end)

case("files: a progress function that yields", function(t, sb)
  scratch(sb, function(dir, inside)
    run("head -c 4M /dev/zero > %s/big", dir)
    local yields, summary = 0, nil
    local co = coroutine.create(function()
      summary = assert(sb:push(dir .. "/big", inside .. "/big", { progress = coroutine.yield }))
    end)
    while coroutine.status(co) ~= "dead" do
      local ok, bytes = coroutine.resume(co)
      assert(ok, bytes)
      if coroutine.status(co) ~= "dead" then yields = yields + 1 t.ok(bytes > 0, "it is told " .. bytes) end
    end
    t.is(summary.bytes, 4194304, "the push goes on after each")
    t.ok(yields > 0, "and there were some")
  end)
end)

case("files: rights of a privileged sandbox", function(t, _, kind)
  local sb <close> = assert(require("lsandbox").start { connect = kind.uri, user = "root", privileged = true,
    root_mode = "overlay" })
  t.ok(assert(sb:read("/proc/self/status")):match("CapEff:%s*(%x+)") ~= "0000000000000000",
    "its file operations have what its programs have")
  t.is(sb:write("/etc/files-new", "x"), true, "an overlay root can be written")
  t.is(sb:read("/etc/files-new"), "x", "and read")
  t.is(host.read("/etc/files-new"), nil, "and nothing of it is on the host")
  local dir = host.line("mktemp -d")
  run("mkdir %s/t; echo new > %s/t/passwd", dir, dir)
  t.is(assert(sb:push(dir .. "/t", "/etc/files-t")).files, 1, "push into it")
  local lower = "/etc/pam.d/other" -- a container's overlay of the root is made for each directory
  if t.need(host.read(lower), lower, "push over a file of the lower layer") then
    t.is(assert(sb:push(dir .. "/t/passwd", lower)).files, 1, "push over a file of the lower layer")
    t.is(sb:read(lower), "new\n", "replaces it")
    t.ok(host.read(lower) ~= "new\n", "only there")
  end
  t.is(sb:remove("/etc/files-t", { recursive = true }), true, "and remove")
  run("rm -rf %s", dir)
end)

case("files: the sandbox ends meanwhile", function(t, _, kind)
  local dir = host.line("mktemp -d")
  run("chmod 0755 %s; head -c 32M /dev/zero > %s/big; mkdir -m 0777 %s/bind", dir, dir, dir)
  local sb <close> = assert(require("lsandbox").start { connect = kind.uri,
    mounts = { { type = "bind", source = dir .. "/bind", target = "/bind", readonly = false } } })
  failure(t, "stopped", "^push /tmp/big: ", "a push under destroy",
    sb:push(dir .. "/big", "/tmp/big", { progress = function()
    sb:destroy()
  end }))
  local ok, message, code = sb:read("/etc/passwd")
  t.is(ok, nil, "afterwards nothing works")
  t.ok(code == "state" or code == "stopped", "and says why", tostring(message), tostring(code))
  local two <close> = assert(require("lsandbox").start { connect = kind.uri })
  assert(two:push(dir .. "/big", "/tmp/big"))
  failure(t, "stopped", "^pull /tmp/big: ", "a pull under destroy",
    two:pull("/tmp/big", dir .. "/back", { progress = function()
    two:destroy()
  end }))
  t.is(host.line("ls -A " .. dir), "big\nbind", "leaves nothing")
  t.is(temporaries(dir), "", "nor temporary files")
  run("rm -rf %s", dir)
end)

-- A pull into a directory that the sandbox can write must not be led elsewhere by a link that the sandbox made.
case("files: a pull into the sandbox's own writable directory", function(t, _, kind)
  local dir = host.line("mktemp -d")
  run("chmod 0755 %s; mkdir -m 0777 %s/bind %s/outside; echo mine > %s/outside/file", dir, dir, dir, dir)
  -- the file belongs to the user, because QEMU's 9p server sets the time of a truncated file, which only the owner may
  run("echo one > %s/single; chmod 0666 %s/single; [ $(id -u) != 0 ] || chown 65534:65534 %s/single", dir, dir, dir)
  local sb <close> = assert(require("lsandbox").start { connect = kind.uri,
    mounts = { { type = "bind", source = dir .. "/bind", target = "/bind", readonly = false },
               { type = "bind", source = dir .. "/single", target = "/single/file", readonly = false } } })
  t.is(sb:write("/single/file", "two"), true, "a file that is bound by itself is written")
  t.is(host.read(dir .. "/single"), "two", "on the host")
  assert(sb:run { "sh", "-c", [[cd /tmp && mkdir t && echo theirs > t/file && cd /bind && ln -s ../outside link &&
    ln -s ../outside/file file && mkdir d && ln -s ../../outside d/t]] })
  failure(t, "ELOOP", "^pull ", "through a link", sb:pull("/tmp/t/file", dir .. "/bind/link/file"))
  failure(t, "ENOTDIR", "^pull ", "a tree onto a link", sb:pull("/tmp/t", dir .. "/bind/d/t"))
  t.is(assert(sb:pull("/tmp/t/file", dir .. "/bind/file")).files, 1, "a file onto a link")
  t.is(host.line("stat -c %F " .. dir .. "/bind/file"), "regular file", "replaces the link")
  t.is(host.read(dir .. "/outside/file"), "mine\n", "nothing outside is changed")
  t.is(host.line("ls -A " .. dir .. "/outside"), "file", "or made")
  failure(t, "ELOOP", "^push ", "a push from behind a link", sb:push(dir .. "/bind/link/file", "/tmp/x"))
  run("mkdir %s/bind/in", dir)
  t.is(assert(sb:pull("/tmp/t", dir .. "/bind/in/t")).files, 1, "and without links it works there")
  assert(sb:remove("/bind/d", { recursive = true }))
  -- In a machine this is 9p, which has no nameless files, so an interrupted push must remove a named one.
  run([[
    cd %s && head -c 16M /dev/zero > big
    mkdir tree; echo x > tree/x; ln -s /no/where tree/l; chmod 0555 tree]], dir)
  run("find %s/tree -exec touch -h -d '2001-02-03 04:05:06' {} +", dir) -- Linux's 9p keeps whole seconds
  t.ok(not pcall(sb.push, sb, dir .. "/big", "/bind/big", { progress = function() error "no" end }),
    "a push that is given up")
  t.is(host.line("ls -A " .. dir .. "/bind"), "file\nin\nlink", "leaves nothing there")
  t.is(assert(sb:push(dir .. "/big", "/bind/big")).bytes, 16 << 20, "one that is not")
  t.is(host.sha256(dir .. "/bind/big"), host.sha256(dir .. "/big"), "arrives")
  t.is(assert(sb:push(dir .. "/tree", "/bind/tree")).links, 1, "a tree with a link, read-only")
  t.is(assert(sb:push(dir .. "/tree", "/bind/tree")).links, 1, "and again, over it")
  t.ok(fingerprint(dir .. "/bind/tree") == fingerprint(dir .. "/tree"), "is the same")
  t.is(temporaries(dir), "", "no temporary files")
  assert(sb:remove("/bind/tree", { recursive = true }))
  assert(sb:remove("/bind/big"))
  run("chmod -R u+rwx %s; rm -rf %s", dir, dir)
end)

-- --- watching ----------------------------------------------------------------------------------------

case("files: watch", function(t, sb)
  scratch(sb, function(_, inside)
    local w <close> = assert(sb:watch(inside))
    assert(sb:run { "sh", "-c", "cd $0 && echo x > a && echo y >> a && chmod 600 a && mv a b && mkdir d && rm b",
      inside })
    local seen, cookies = {}, {}
    while true do
      local e, message, code = w:read { timeout = 5 }
      if not e then t.ok(false, "an event came", tostring(message), tostring(code)) break end
      seen[#seen + 1] = e.event .. " " .. tostring(e.name) .. (e.is_dir and "/" or "")
      cookies[e.event] = e.cookie
      if e.event == "delete" then break end
    end
    local text = table.concat(seen, ", "):gsub("modify a, modify a", "modify a")
    t.is(text, "create a, modify a, close-write a, modify a, close-write a, attrib a, move-from a, move-to b, "
      .. "create d/, delete b", "in order")
    t.ok(cookies["move-from"] and cookies["move-from"] == cookies["move-to"], "both halves of a move have one cookie")
    t.is(select(3, w:read { timeout = 0 }), "timeout", "and no more")
    assert(sb:remove(inside .. "/d"))
    t.is(assert(w:read { timeout = 5 }).event, "delete", "what a method does is seen too")
    local file <close> = assert(sb:watch("/tmp"))
    t.ok(tostring(file):find("watcher"), "has a name")
    file:close()
    file:close()
    t.ok(not pcall(file.read, file), "a closed one cannot be read")
    failure(t, "ENOENT", "^watch /no/such: ", "a watch of nothing", sb:watch("/no/such"))
    assert(sb:mkdir(inside .. "/sub"))
    local gone <close> = assert(sb:watch(inside .. "/sub"))
    assert(sb:remove(inside .. "/sub"))
    local names = {}
    for e in gone:events() do names[#names + 1] = e.event end
    t.is(names[#names], "gone", "the loop ends when what is watched goes")
    t.is(select(3, gone:read()), "not-found", "and so does read")
  end)
end)

case("files: many at once leave nothing running", function(t, sb)
  for i = 1, 50 do assert(sb:read("/etc/hostname")) local _ = i end
  for _ = 1, 5 do local w = assert(sb:watch("/tmp")) local _ = w end -- never closed, only collected
  collectgarbage()
  collectgarbage()
  local count
  for _ = 1, 50 do
    count = assert(sb:run { "sh", "-c", "cat /proc/[0-9]*/comm 2>/dev/null | grep -c lsandbox-files" }).stdout
    if count == "0\n" then break end
    host.capture("sleep 0.05")
  end
  t.is(count, "0\n", "no file service is left in the sandbox")
end)

return cases
