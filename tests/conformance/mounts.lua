-- Mounts of directories and files, overlays, homes, and included files.
local helpers = require "helpers"
local host = require "host"

local start, scratch = helpers.start, helpers.scratch

local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

-- The ids of programs on the host: root's sandboxes run as nobody.
local function is_root() return host.line("id -u") == "0" end
local function owner(path) return host.line("stat -c %u:%g " .. path) end
local function own_ids() return is_root() and "65534:65534" or host.line("id -u") .. ":" .. host.line("id -g") end

-- A container that a plain user starts has no ids of its own. Without idmapped mounts, files have other owners.
local function shell(t, sb, script, expected, name, user)
  local r = assert(sb:run { "sh", "-c", script, user = user })
  t.is(r.stdout .. r.stderr, expected, name)
end

case("mounts in any order, temporary, of all flags", function(t, kind)
  scratch(function(dir)
    os.execute(([[
      cd %s && mkdir -p outer/mid/in inner rw && echo outer > outer/f && echo inner > inner/f && echo one > one
      cp /bin/true rw/true && chmod 4755 rw/true && ln -s /etc outer/away && chmod 0777 rw]]):format(dir))
    if is_root() then os.execute("chown nobody " .. dir .. "/rw") end
    local sb <close> = start(kind, {
      mounts = {
        { type = "guest-bind", source = "/a/mid", target = "/shown" },
        { type = "bind", source = dir .. "/inner", target = "/a/mid/in" }, -- before the mount that it lies on
        { type = "ram", target = "/ram/below", size = "5G", inodes = 40, mode = "0755" },
        { type = "bind", source = dir .. "/outer", target = "/a/../a" },
        { type = "ram", target = "/ram", mode = "1777" },
        { type = "bind", source = dir .. "/rw", target = "/rw", readonly = false, noexec = true },
        { type = "bind", source = dir .. "/rw", target = "/rw-exec" },
        { type = "bind", source = dir .. "/one", target = "/tmp/new/one" },
        { type = "bind", target = "/temporary" },
        { type = "bind", source = "", target = "/temporary/../second" },
      },
    })
    shell(t, sb, "cat /a/f /a/mid/in/f /shown/in/f /tmp/new/one", "outer\ninner\ninner\none\n",
      "what lies on another is seen, and in what shows it, whatever comes first")
    shell(t, sb, [[
      df -k --output=size /ram/below | tail -1
      df --output=itotal /ram/below | tail -1
      stat -c %a /ram /ram/below]],
      "  5242880\n    40\n1777\n755\n", "ram of 5G, with its inodes and modes")
    shell(t, sb, "/rw/true 2>/dev/null; echo $?; /rw-exec/true; echo $?", "126\n0\n", "noexec holds, where it is said")
    local r = assert(sb:run { "sh", "-c", [[
      grep -E ' (/rw|/rw-exec|/temporary|/ram) ' /proc/self/mounts | while read -r _ at _ o _; do
        case ,$o, in *,nosuid,*) ;; *) echo suid $at;; esac
        case ,$o, in *,nodev,*) ;; *) echo dev $at;; esac
      done]] })
    t.is(r.stdout, "", "nosuid and nodev, unless said otherwise")
    shell(t, sb, "umask 022; echo hello > /rw/made && mkdir -m 0750 /rw/dir && stat -c '%u:%g %a' /rw/made /rw/dir",
      ("%s 644\n%s 750\n"):format(own_ids(), own_ids()), "what the program makes is its own")
    t.is(owner(dir .. "/rw/made") .. " " .. owner(dir .. "/rw/dir"), own_ids() .. " " .. own_ids(), "on the host, too")
    t.is(host.line("stat -c %a " .. dir .. "/rw/dir"), "750", "with its mode")
    host.write(dir .. "/rw/host", "of the host")
    if is_root() then
      os.execute(("cd %s/rw && chown nobody host && chgrp %s host && chmod 0600 host")
        :format(dir, host.line("id -g nobody")))
    end
    shell(t, sb, "cat /rw/host", "of the host", "a file of that user's on the host is the program's")
    shell(t, sb, [[
      for d in /temporary /second; do
        echo x > $d/f && mkdir -p $d/a/b && chmod 0 $d/a && cat $d/f
        stat -c %u:%g $d
      done]],
      ("x\n%s\n"):format(own_ids()):rep(2), "temporary directories, the user's own")
    local there = ("test -e /var/tmp/lsandbox-%s && echo there || echo gone"):format(sb:uuid())
    t.is(host.line(there), "there", "are on the host")
    sb:close()
    t.is(host.line(there), "gone", "and gone with the sandbox, whatever its modes")
    t.is(host.line(("ls -A %s/outer %s/outer/mid/in | tr '\\n' ' '"):format(dir, dir)):gsub(dir, ""),
      "/outer: away f mid  /outer/mid/in: ", "nothing was made in the host's directories")
  end)
end)

case("symlinks of targets stay inside", function(t, kind)
  scratch(function(dir)
    os.execute(("cd %s && mkdir b && ln -s /etc b/away && ln -s ../../../../../../../.. b/up"):format(dir))
    local sb <close> = start(kind, { mounts = {
      { type = "bind", source = dir .. "/b", target = "/b" },
      { type = "ram", target = "/b/away/alternatives" },   -- resolved to the sandbox's own /etc
      { type = "ram", target = "/b/up/mnt" },
    } })
    shell(t, sb, "touch /etc/alternatives/x /mnt/x && ls -A /etc/alternatives /mnt",
      "/etc/alternatives:\nx\n\n/mnt:\nx\n", "they lead to the sandbox's places")
    t.is(host.line("ls -d /etc/alternatives/x /mnt/x 2>/dev/null"), "", "and not to the host's")
  end)
end)

case("overlay mounts", function(t, kind)
  scratch(function(dir)
    local function chown(what) if is_root() then os.execute(("chown -R nobody:%s %s/%s"):format(
      host.line("id -g nobody"), dir, what)) end end
    os.execute(([[
      cd %s && mkdir -p low/sub kept && chmod 0777 kept &&
      echo low > low/f && echo two > low/sub/g && echo gone > low/gone]]):format(dir))
    chown("low")
    local recipe = { mounts = { { type = "overlay", source = dir .. "/low", target = "/view", size = "4M" } },
      root_mode = "overlay" }
    local sb = start(kind, recipe)
    local script = [[
      cd /view && cat f && echo more >> f && rm gone && mkdir new && echo n > new/n && echo s >> sub/g &&
      cat f sub/g && ls]]
    shell(t, sb, script, "low\nlow\nmore\ntwo\ns\nf\nnew\nsub\n", "a view that can be written")
    shell(t, sb, "head -c 9000000 /dev/zero > /view/big 2>/dev/null || echo full", "full\n", "as much as its size says")
    shell(t, sb, "stat -c %u:%g /view", own_ids() .. "\n", "the top is the user's")
    sb:close()
    t.is(host.line(("cd %s/low && cat f gone sub/g && ls -A | tr '\\n' ' '"):format(dir)),
      "low\ngone\ntwo\nf gone sub ", "the host's directory is as it was")
    recipe.mounts[1].size, recipe.mounts[1].upper = nil, dir .. "/kept"
    if kind.machine then
      recipe.connect = kind.uri
      local ok, why = pcall(require("lsandbox").new, recipe)
      t.is(tostring(ok) .. " " .. tostring(why),
        'false mounts[1].upper: expected nothing for a machine, which can keep what '
        .. 'it writes in bind mounts only, got "' .. dir .. '/kept"', "a machine keeps no overlay's writes")
      return
    end
    for run = 1, 2 do
      local kept <close> = start(kind, recipe)
      shell(t, kept, "cd /view && ls && echo run >> log && rm -rf sub && cat log",
        run == 1 and "f\ngone\nsub\nrun\n" or "f\ngone\nlog\nrun\nrun\n", "what is written is kept, run " .. run)
      local other, _, code = require("lsandbox").start(recipe)
      t.is(tostring(other) .. " " .. tostring(code), "nil state", "by one sandbox at a time")
    end
    t.is(host.read(dir .. "/kept/container/upper/log"), "run\nrun\n", "and is on the host")
    t.is(owner(dir .. "/kept/container/upper/log"), own_ids(), "as its user's")
    t.is(host.line(("ls -A %s/low | tr '\\n' ' '"):format(dir)), "f gone sub ", "what is below is as it was")
  end)
end)

-- Only a machine has `overlay`; a container refuses it.
case("overlay: writes over the root are kept", function(t, kind)
  scratch(function(dir)
    local lsandbox = require "lsandbox"
    os.execute(("chmod 0755 %s; mkdir %s/kept"):format(dir, dir))
    local recipe = { connect = kind.uri, root_mode = "overlay", overlay = dir .. "/kept", overlay_size = "32M",
      user = "root", privileged = true }
    if not kind.machine then
      local ok, why = pcall(lsandbox.new, recipe)
      t.is(tostring(ok) .. " " .. tostring(why),
        "false overlay: expected nothing for a container, which can keep what it "
        .. 'writes in mounts only, got "' .. dir .. '/kept"', "a container does not keep its root's")
      return
    end
    local name = "/etc/lsb-kept-" .. math.random(1 << 40)
    local script = ("echo run >> %s && cat %s && stat -c %%a /; ls -d /etc/pam.d; rm -rf /etc/pam.d"):format(name, name)
    for run = 1, 2 do
      local sb <close> = start(kind, recipe)
      local r = assert(sb:run { "sh", "-c", script })
      t.is(r.stdout, run == 1 and "run\n755\n/etc/pam.d\n" or "run\nrun\n755\n",
        "is kept, and what is removed, run " .. run)
      if run == 1 then
        local other, why, code = lsandbox.start(recipe)
        t.is(tostring(other) .. " " .. tostring(code), "nil state", "by one sandbox at a time")
        t.ok(tostring(why):find(dir .. "/kept/machine.ext4", 1, true), "which the error says: " .. tostring(why))
      end
    end
    t.ok(not host.read(name) and host.line("ls -d /etc/pam.d") == "/etc/pam.d", "the host's root is as it was")
    t.is(host.line(("stat -c '%%a %%s' %s/kept/machine.ext4"):format(dir)), "600 33554432", "in an image")
    t.is(host.line(("ls -A %s/kept"):format(dir)), "machine.ext4", "and nothing else")
    recipe.overlay, recipe.overlay_size = nil, nil
    local sb <close> = start(kind, recipe)
    t.is(assert(sb:run { "sh", "-c", "ls " .. name .. " 2>/dev/null || echo none" }).stdout, "none\n",
      "without it there is nothing")
    os.execute(("rm %s/kept/machine.ext4 && ln -s /etc/passwd %s/kept/machine.ext4"):format(dir, dir))
    recipe.overlay = dir .. "/kept"
    t.is(select(2, lsandbox.start(recipe)) ~= nil and host.line("ls -A " .. dir .. "/kept"), "machine.ext4",
      "a link is not followed")
  end)
end)

case("include: copies, the user's own", function(t, kind)
  scratch(function(dir)
    os.execute(([[
      cd %s && mkdir -p tree/sub && echo a > tree/a && echo b > tree/sub/b && chmod 0640 tree/a
      ln -s /etc/passwd tree/link; mkfifo tree/fifo
      echo secret > key && chmod 0600 key
      printf '# a comment\n\n%s/listed\n' > list && echo listed > listed]]):format(dir, dir))
    local sb <close> = start(kind, {
      include = {
        dir .. "/key",
        { source = dir .. "/tree", target = "/opt/lsb-tree" },
        { source = dir .. "/tree/a", target = "/etc/lsb-a", mode = "0700" },
        { source = dir .. "/tree/a", target = "/etc/hostname" },
        { source = dir .. "/tree", target = "/tmp/deep/er/tree" },
        { list = dir .. "/list" },
      },
    })
    shell(t, sb, "cd /opt/lsb-tree && cat a sub/b && readlink link && ls -A && stat -c %a a",
      "a\nb\n/etc/passwd\na\nlink\nsub\n640\n", "a tree on the read-only root, without special files")
    shell(t, sb, "cat " .. dir .. "/key /etc/hostname /etc/lsb-a " .. dir .. "/listed; stat -c '%u:%g %a' " .. dir
      .. "/key /etc/lsb-a",
      ("secret\na\na\nlisted\n%s 600\n%s 700\n"):format(own_ids(), own_ids()),
      "files at their own place and at others, with the caller's rights")
    shell(t, sb, "echo x >> /etc/hostname && echo y > /opt/lsb-tree/sub/c && rm /opt/lsb-tree/a && cat /etc/hostname"
      .. " && echo z > /tmp/deep/er/tree/z && ls /tmp/deep/er/tree",
      "a\nx\na\nlink\nsub\nz\n", "they are the program's to change")
    shell(t, sb, "ls -A " .. dir, "key\nlisted\n", "and nothing else of theirs is there")
    t.is(host.line(("cd %s && cat tree/a key && ls -A tree/sub"):format(dir)), "a\nsecret\nb",
      "the host's stay as they are")
    t.is(host.line("ls -d /etc/lsb-a /opt/lsb-tree 2>/dev/null"), "", "and nothing was made on the host")
    local there = ("test -e /var/tmp/lsandbox-%s && echo there || echo gone"):format(sb:uuid())
    sb:close()
    t.is(host.line(there), "gone", "nothing is left")
    host.capture("head -c 9000000 /dev/zero > " .. dir .. "/big")
    if kind.machine then return end -- a machine has at least 128M
    local ok, why = pcall(require("lsandbox").start,
      { connect = kind.uri, include = { dir .. "/big" }, memory = "16M" })
    t.ok(not ok and why:find("include: expected at most 8388608 bytes", 1, true), "what is too large is refused", why)
  end)
end)

-- A machine showed the symlink itself where a bind's source was a symlink to a file, because 9p exports the directory
-- that a file is in. A path of the host now means what it leads to, in every field.
case("paths of the host that are symlinks", function(t, kind)
  scratch(function(dir)
    os.execute(([[
      cd %s && chmod 0755 . && mkdir -p real/sub home upper lower && echo file > real/file && echo sub > real/sub/f &&
      echo low > lower/f && echo home > home/f && chmod 0777 home upper &&
      ln -s real/file file && ln -s %s/file again && ln -s real dir && ln -s home house && ln -s lower below &&
      ln -s upper above && ln -s / top && echo %s/file > lines && ln -s lines list && ln -s nothing dangling]])
      :format(dir, dir, dir))
    local recipe = { root = dir .. "/top", home = dir .. "/house", mounts = {
      { type = "bind", source = dir .. "/file", target = "/one" },
      { type = "bind", source = dir .. "/again", target = "/two" },
      { type = "bind", source = dir .. "/dir", target = "/dir" },
      { type = "bind", source = dir .. "/dir/sub/f", target = "/three" },
      { type = "overlay", source = dir .. "/below", target = "/over" },
    }, include = { { source = dir .. "/again", target = "/included" }, { list = dir .. "/list" } } }
    if not kind.machine and is_root() then recipe.mounts[5].upper = dir .. "/above" end
    local sb <close> = start(kind, recipe)
    shell(t, sb, "cat /one /two /dir/file /three /over/f ~/f /included " .. dir
      .. "/file; test -f /one -a ! -L /one; echo $?",
      "file\nfile\nfile\nsub\nlow\nhome\nfile\nfile\n0\n", "they mean what they lead to")
    sb:close()
    if recipe.mounts[5].upper then t.is(host.line("ls " .. dir .. "/upper"), "container", "an upper directory, too") end
    local ok, why = pcall(require("lsandbox").new, { connect = kind.uri,
      mounts = { { type = "bind", source = dir .. "/dangling", target = "/x" } } })
    t.is(tostring(ok) .. " " .. tostring(why), 'false mounts[1].source: expected a file or directory of the host, got "'
      .. dir .. '/dangling": No such file or directory', "one that leads nowhere is refused as it was written")
    local upper = { connect = "lxc:///", mounts = { { type = "overlay", source = dir .. "/real", target = "/x",
      upper = dir .. "/dir/sub" } } }
    ok, why = pcall(require("lsandbox").new, upper)
    t.ok(not ok and why:find("mounts[1].upper: expected a directory apart from the source", 1, true),
      "one directory by two names is one directory", why)
  end)
end)

-- A file over a directory, or the reverse, gave a bare errno; and a symlink in a bind led mounts over /proc.
-- The same code of the guest init checks the targets in both kinds, so a machine, which starts slowly, tries fewer.
case("targets of the wrong type, or of the sandbox's own", function(t, kind)
  scratch(function(dir)
    os.execute(([[
      cd %s && chmod 0755 . && mkdir -p b tree && echo f > file; ln -s /proc b/proc; ln -s /proc/self/mounts b/mounts
      ln -s ../dev/pts b/pts && ln -s / b/top && : > b/there]]):format(dir))
    local function bind(source, target) return { type = "bind", source = dir .. "/" .. source, target = target } end
    local function refused(message, recipe)
      recipe.connect = kind.uri
      local sb, why, code = require("lsandbox").start(recipe)
      t.ok(not sb and code == "boot-failed" and why:find(message, 1, true), message, why)
      if sb then sb:close() end
    end
    local function leads(target, to, mount)
      refused(("mounts: the target /b/%s leads to %s in the sandbox, which is the sandbox's own"):format(target, to),
        { mounts = { bind("b", "/b"), mount } })
    end
    local file_there = "a file cannot be put at the target /etc, which is a directory in the sandbox"
    refused("mounts: " .. file_there, { mounts = { bind("file", "/etc") } })
    leads("proc", "/proc", { type = "ram", target = "/b/proc" })
    if not kind.machine then
      refused("include: " .. file_there, { include = { { source = dir .. "/file", target = "/etc" } } })
      refused("mounts: a directory cannot be put at the target /etc/passwd, which is a file in the sandbox",
        { mounts = { { type = "ram", target = "/etc/passwd" } } })
      refused("mounts: a file cannot be put at the target /dev/null, which is neither a file nor a directory",
        { mounts = { bind("file", "/dev/null") } })
      refused("mounts: the source /no/such of a guest-bind: No such file",
        { mounts = { { type = "guest-bind", source = "/no/such", target = "/x" } } })
      leads("mounts", "/proc/1/mounts", bind("file", "/b/mounts"))
      leads("pts", "/dev/pts", bind("tree", "/b/pts"))
      leads("top", "/", { type = "ram", target = "/b/top" })
    end
    local sb <close> = start(kind, { mounts = { { type = "guest-bind", source = "/etc/passwd", target = "/lsb/users" },
      bind("file", "/etc/hostname") } })
    shell(t, sb, "cmp /etc/passwd /lsb/users && cat /etc/hostname", "f\n", "a file over a file, a guest-bind of one")
  end)
end)

-- The guest init made no mount point in what belongs to the host, and lost the reason: "Bad file descriptor". The first
-- example of virt-sandbox's manual is a bind at the home with an included file in it.
case("include: into every kind of mount", function(t, kind)
  scratch(function(dir)
    os.execute(([[
      cd %s && mkdir -p rw ro home tree/sub && echo inc > f && echo sub > tree/sub/g && echo host > ro/there
      echo host > rw/there; chmod 0777 rw home; chmod 0666 rw/there]]):format(dir))
    local function include(target, what) return { source = dir .. "/" .. (what or "f"), target = target } end
    for _, user in ipairs(is_root() and { "nobody", "root" } or { false }) do
      -- The user database knows no home of nobody's that is there.
      local is_nobody = (user or host.line("id -un")) == "nobody"
      local home = user == "root" and "/root" or is_nobody and "/home/nobody" or host.line("echo ~")
      local name = "as " .. (user or "the caller") .. ": "
      do
        local sb <close> = start(kind, { user = user or nil, home = dir .. "/home",
          mounts = {
            { type = "bind", target = "/temporary" },
            { type = "bind", source = dir .. "/rw", target = "/rw", readonly = false },
            { type = "bind", source = dir .. "/ro", target = "/ro" },
            { type = "overlay", source = dir .. "/ro", target = "/over" },
            { type = "ram", target = "/ram", readonly = true },
          },
          include = { include "/temporary/a/b/f", include "/rw/f", include("/rw/new/tree", "tree"), include "/rw/there",
            include "/ro/there", include "/over/f", include "/over/there", include "/ram/a/f",
            include(home .. "/.config/f"), include(home .. "/tree", "tree") } })
        shell(t, sb, ([[cd /; cat temporary/a/b/f rw/f rw/new/tree/sub/g rw/there ro/there over/f over/there ram/a/f &&
          cat %s/.config/f %s/tree/sub/g]]):format(home, home), "inc\ninc\nsub\n" .. ("inc\n"):rep(6) .. "sub\n",
          name .. "all are there")
        -- Root inside has no capabilities, and a machine's root sees QEMU's user as the owner of its files.
        local script = [[echo more >> /rw/f && echo more >> ~/tree/sub/g && rm /rw/new/tree/sub/g &&
          stat -c %u /rw/f /rw/new /temporary/a | uniq]]
        if not (kind.machine and user == "root") then
          shell(t, sb, script, host.line("id -u " .. (user or "")) .. "\n",
            name .. "they and new directories are the user's")
        end
      end
      t.is(host.line(("cd %s && head -qn1 rw/f rw/there ro/there home/.config/f home/tree/sub/g"):format(dir)),
        "inc\nhost\nhost\ninc\nsub",
        name .. "new files stay in writable directories, and no file of the host is changed")
      t.is(host.line(("cd %s && stat -c %%U rw/f rw/new home/tree/sub/g | grep -c root"):format(dir)),
        is_root() and "0" or host.line(("stat -c %%U %s/rw/f %s/rw/new %s/f | grep -c root"):format(dir, dir, dir)),
        name .. "none is the host root's")
      os.execute(("cd %s && rm -rf rw/f rw/new home/.config home/tree"):format(dir))
    end
    local ok, why = pcall(require("lsandbox").new, { connect = kind.uri, include = { include "/ro/f" },
      mounts = { { type = "bind", source = dir .. "/ro", target = "/ro" } } })
    t.ok(not ok and why:find('include: expected a target that exists in the read-only bind mount of "' .. dir .. '/ro"',
      1, true), "a read-only bind must have the file", why)
  end)
end)

case("home: private, host's, a directory", function(t, kind)
  scratch(function(dir)
    os.execute(("cd %s && mkdir home && echo kept > home/f && chmod 0755 home"):format(dir))
    if is_root() then os.execute("chown -R nobody " .. dir .. "/home") end
    do
      local sb <close> = start(kind, { home = dir .. "/home" })
      shell(t, sb, "cd && cat f && echo new > g && stat -c %u g", "kept\n" .. own_ids():match("%d+") .. "\n",
        "a directory is the home, and can be written")
      t.is(host.read(dir .. "/home/g"), "new\n", "on the host")
    end
    if is_root() then
      local ok, why = pcall(require("lsandbox").new, { connect = kind.uri, home = "host", user = "root" })
      t.is(tostring(ok) .. " " .. tostring(why),
        'false home: expected "private" or an absolute path, got "host": the sandbox\'s '
        .. "root is not the host's and may not see its home", "the home of the host's root stays closed")
      local sb <close> = start(kind, { user = "root", mounts = { { type = "bind", target = "/temporary" } } })
      shell(t, sb, [[
        cd && pwd && ls -A && echo x > y && cat y && stat -c %u . &&
        echo t > /temporary/t && echo u >> /temporary/t && stat -c %u /temporary/t]],
        "/root\nx\n0\n0\n", "root's own is private, and its temporary directory its own")
    elseif host.line("test -d $HOME && echo yes") == "yes" and
      host.line("getent passwd $(id -u) | cut -d: -f6") == os.getenv("HOME") then
      local sb <close> = start(kind, { home = "host" })
      t.is(assert(sb:run { "sh", "-c", "cd && ls -A | wc -l" }).stdout, host.line("ls -A $HOME | wc -l") .. "\n",
        "the host's home is seen")
      t.ok(assert(sb:run { "sh", "-c", "echo x > ~/lsb-x" }).status ~= 0, "and not written")
    end
  end)
end)

return cases
