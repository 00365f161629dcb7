-- Disk images: as the root, as mounts, as disks.
local helpers = require "helpers"
local host = require "host"
local tap = require "tap"

local start, scratch = helpers.start, helpers.scratch
local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

local function host_has(program) return host.line("command -v " .. program) ~= "" end

-- Make images from a directory that belongs, inside, to the program's user.
local function make(command)
  local out, ok = host.capture("PATH=$PATH:/sbin:/usr/sbin; { " .. command .. "; } 2>&1")
  if not ok then error(command .. ": " .. out, 0) end
end

local root_runs = host.line("id -u") == "0"

-- In a container only root can mount images; another user gets the documented error.
local function refused(t, kind, recipe)
  if kind.machine or root_runs then return false end
  recipe.connect = kind.uri
  local sb, message, code = require("lsandbox").start(recipe)
  t.is(tostring(sb) .. " " .. tostring(code), "nil unsupported", "images in a container are for root")
  t.like(message, "are for root", "in words")
  return true
end

local function loops() return host.capture("cat /sys/block/loop*/loop/backing_file 2>/dev/null") end

case("images: mounts and disks, read-only and writable, raw and qcow2", function(t, kind)
  if not tap.need(host_has("qemu-img") and host_has("/sbin/mkfs.ext4") and host_has("mksquashfs") and
    host_has("xorriso"), "qemu-img, mkfs.ext4, mksquashfs, xorriso", "images") then return end
  scratch(function(dir)
    local uid = root_runs and 65534 or tonumber(host.line("id -u"))
    make(("cd %s && mkdir in out out/d && echo data > in/file && chmod 0644 in/file && : > out/d/old"):format(dir))
    if root_runs then make(("chown -R %d %s/out/d && chmod 0700 %s/out/d"):format(uid, dir, dir)) end
    make(([[
      cd %s &&
      mkfs.ext4 -q -d in a.ext4 4M && mkfs.ext4 -q -d out w.ext4 8M &&
      mksquashfs in a.sqfs -quiet -no-progress && xorriso -as mkisofs -quiet -R -o a.iso in && truncate -s 1M raw.img &&
      qemu-img convert -O qcow2 a.ext4 a.qcow2 && qemu-img convert -c -O qcow2 a.ext4 c.qcow2 &&
      cp a.qcow2 d.qcow2 && cp a.ext4 d.ext4 &&
      ln -s w.ext4 w.link && ln -s %s/d.ext4 d.link &&
      dd if=a.qcow2 of=raw.img conv=notrunc status=none]]):format(dir, dir))
    if root_runs then
      make(("cd %s && chown %d w.ext4 raw.img d.qcow2 && chmod 0600 w.ext4 raw.img d.qcow2"):format(dir, uid))
    end
    local function image(name, target, more)
      local m = { type = "image", source = dir .. "/" .. name, target = target }
      for k, v in pairs(more or {}) do m[k] = v end
      return m
    end
    local recipe = {
      mounts = {
        image("a.ext4", "/lsb/ext4"), image("a.sqfs", "/lsb/sqfs"),
        image("w.link", "/lsb/w", { readonly = false, noexec = true }),
      },
      disks = {
        { tag = "ro", source = dir .. "/d.link" },
        -- its contents look like a qcow2 image, but it is raw because the recipe says so
        { tag = "rw.1", source = dir .. "/raw.img", format = "raw", readonly = false },
      },
      include = { { source = dir .. "/in/file", target = "/lsb/w/deep/copy" } },
    }
    if kind.machine then
      for _, m in ipairs { image("a.iso", "/lsb/iso"), image("a.qcow2", "/lsb/qcow2"),
        image("c.qcow2", "/lsb/packed", { filesystem = "ext4" }) } do table.insert(recipe.mounts, m) end
      table.insert(recipe.disks, { tag = "rw.2", source = dir .. "/d.qcow2", format = "qcow2", readonly = false })
    end
    if refused(t, kind, recipe) then return end
    do
      local ok, why = pcall(require("lsandbox").new, { connect = kind.uri, mounts = {
        image("w.link", "/a", { readonly = false }), image("w.ext4", "/b", { readonly = false }) } })
      t.ok(not ok and why:find('w.ext4", which is used twice', 1, true), "one image by two names is one image", why)
    end
    local before = host.sha256(dir .. "/a.ext4")
    local disk_before = host.sha256(dir .. "/d.ext4")
    local many = kind.machine and 5 or 2
    do
      local sb <close> = start(kind, recipe)
      local function sh(script, as)
        local r = assert(sb:run { "sh", "-c", script, user = as, privileged = as and true })
        return r.stdout, r.status, r.stderr
      end
      t.is(sh "cat /lsb/*/file", ("data\n"):rep(many), "each image shows its files")
      t.ok(select(2, sh "echo x > /lsb/ext4/new") ~= 0, "a read-only mount cannot be written")
      t.ok(select(2, sh("mount -o remount,rw /lsb/ext4 && echo x > /lsb/ext4/new", "root")) ~= 0,
        "not by privileged root either")
      t.is(sh "grep -c ' /lsb/ext4 [a-z0-9]* ro,nosuid,nodev' /proc/mounts", "1\n", "nosuid and nodev are on")
      t.is(sh "echo new > /lsb/w/d/new; cat /lsb/w/d/new; stat -c %u /lsb/w/d/new", "new\n" .. uid .. "\n",
        "a writable mount is written, by the owner that the image names")
      t.is(sh "cat /lsb/w/deep/copy; stat -c %u /lsb/w/deep/copy", "data\n" .. uid .. "\n",
        "a copy in the image is the user's, although the directory is not")
      t.ok(select(2, sh "cp /bin/true /lsb/w/d/true && /lsb/w/d/true") ~= 0, "noexec holds")
      t.is(sh "ls /dev/disk/by-tag", kind.machine and "ro\nrw.1\nrw.2\n" or "ro\nrw.1\n", "disks by their tags")
      t.is(sh "cmp -n 8192 /dev/disk/by-tag/ro /lsb/ext4/file 2>&1 | wc -l; stat -Lc '%a %u' /dev/disk/by-tag/*",
        "1\n" .. ("400 %d\n600 %d\n"):format(uid, uid) .. (kind.machine and ("600 %d\n"):format(uid) or ""),
        "the user's, and no one else's")
      t.is((sh "sha256sum < /dev/disk/by-tag/ro"):match("^%x+"), disk_before, "a disk is what the image is")
      t.ok(select(2, sh("dd if=/dev/zero of=/dev/disk/by-tag/ro count=1 conv=fsync", "root")) ~= 0,
        "root cannot write a read-only one")
      t.is(sh "head -c 3 /dev/disk/by-tag/rw.1", "QFI", "a raw image stays raw, whatever a guest wrote into it")
      t.is(sh "wc -c < /dev/disk/by-tag/rw.1", "1048576\n", "and as large as it is")
      t.is(select(2, sh "printf hello > /dev/disk/by-tag/rw.1"), 0, "a writable disk is written")
      if root_runs then
        t.ok(assert(sb:run { "sh", "-c", "head -c 1 /dev/disk/by-tag/ro", user = "1" }).status ~= 0,
          "other users may not open it")
      end
      if kind.machine then
        t.is(sh [[
            dd if=/dev/zero of=/dev/disk/by-tag/rw.2 bs=4096 count=1 conv=fsync,notrunc 2>/dev/null
            wc -c < /dev/disk/by-tag/rw.2]], "4194304\n", "a qcow2 disk has the size of what it holds")
      end
    end
    t.is(host.read(dir .. "/raw.img"):sub(1, 5), "hello", "what was written to a disk is in the file")
    t.is(host.line("PATH=$PATH:/sbin:/usr/sbin; debugfs -R 'cat d/new' " .. dir .. "/w.ext4 2>/dev/null"), "new",
      "what was written to a mount is in the image")
    t.ok(not host.line("PATH=$PATH:/sbin:/usr/sbin; dumpe2fs -h " .. dir
      .. "/w.ext4 2>/dev/null"):find("needs_recovery"), "which was unmounted")
    t.is(host.sha256(dir .. "/a.ext4") .. host.sha256(dir .. "/d.ext4"), before .. disk_before,
      "what is read-only is as it was")
    t.ok(not loops():find(dir, 1, true), "no loop device is left")
  end)
end)

-- Make a root that has a shell and its libraries, copied from the host.
local function make_root(dir)
  make(("cd %s && mkdir -p r/bin r/etc r/tmp && echo 'joe:x:7:7::/:/bin/sh' > r/etc/passwd"):format(dir))
  make(([[cd %s && for p in sh cat id ls touch; do
    f=$(readlink -f "$(command -v $p)"); cp "$f" r/bin/$p
    for l in $(ldd "$f" | grep -o '/[^ )]*'); do mkdir -p "r${l%%/*}"; cp -L "$l" "r$l"; done
  done; chmod -R go+rX r; mkfs.ext4 -q -d r root.ext4 32M && qemu-img convert -O qcow2 root.ext4 root.qcow2]])
    :format(dir))
end

case("images: an image as the root", function(t, kind)
  if not tap.need(host_has("qemu-img") and host_has("/sbin/mkfs.ext4"), "qemu-img, mkfs.ext4", "root images") then
    return
  end
  scratch(function(dir)
    make_root(dir)
    local name = kind.machine and "root.qcow2" or "root.ext4"
    local recipe = { root = dir .. "/" .. name, root_mode = "overlay", mounts = {
      { type = "bind", source = dir .. "/r/etc", target = "/lsb/bind" }, { type = "ram", target = "/lsb/ram" } } }
    if refused(t, kind, recipe) then return end
    local before = host.sha256(dir .. "/" .. name)
    do
      local sb <close> = start(kind, recipe)
      local r = assert(sb:run { "sh", "-c",
        "cat /etc/passwd /lsb/bind/passwd; ls -d /usr /srv; touch /lsb/ram/x && ls /lsb/ram" })
      t.is(r.stdout, "joe:x:7:7::/:/bin/sh\njoe:x:7:7::/:/bin/sh\nx\n", "the root is the image, with mounts in it")
      r = assert(sb:run { "sh", "-c", "id -u; echo $HOME; echo x > /written; cat /written", user = 0,
        privileged = true })
      t.is(r.stdout, "0\n/root\nx\n", "an overlay takes what is written")
    end
    t.is(host.sha256(dir .. "/" .. name), before, "and the image is as it was")
    if kind.machine then return end
    local sb <close> = start(kind, { root = dir .. "/root.ext4" })
    local r = assert(sb:run { "sh", "-c", "echo x > /written", user = 0, privileged = true })
    t.ok(r.status ~= 0, "a read-only root cannot be written")
  end)
end)

case("images: what cannot be opened or mounted is an error in words", function(t, kind)
  if kind.machine and root_runs then
    scratch(function(dir)
      make(("cd %s && truncate -s 1M secret.img && chmod 0600 secret.img"):format(dir))
      local sb, message, code = require("lsandbox").start { connect = kind.uri,
        disks = { { tag = "a", source = dir .. "/secret.img" } } }
      t.is(tostring(sb) .. " " .. tostring(code), "nil no-permission", "an image that QEMU's user cannot open")
      t.like(message, "cannot be opened for reading by the user", "in words")
      t.is(host.line("stat -c %u:%a " .. dir .. "/secret.img"), "0:600", "and nothing is changed of it")
    end)
  elseif root_runs then
    scratch(function(dir)
      host.write(dir .. "/broken.img", ("\0"):rep(1080) .. "\x53\xef" .. ("\0"):rep(64 * 1024))
      local sb, message, code = require("lsandbox").start { connect = kind.uri,
        mounts = { { type = "image", source = dir .. "/broken.img", target = "/mnt" } } }
      t.is(tostring(sb) .. " " .. tostring(code), "nil failed", "a broken filesystem is refused by the kernel")
      t.like(message, "cannot mount the filesystem ext4 of " .. dir, "in words")
      t.ok(not loops():find(dir, 1, true), "and no loop device is left")
    end)
  end
end)

case("images: when the owner of a container is killed no loop device is left", function(t, kind)
  if kind.machine or not root_runs then return end
  scratch(function(dir)
    make(("cd %s && mkfs.ext4 -q w.ext4 4M && truncate -s 1M d.img"):format(dir))
    host.write(dir .. "/owner.lua", ([[
      local lsandbox = require "lsandbox"
      local sb = assert(lsandbox.start { connect = %q,
        mounts = { { type = "image", source = %q, target = "/mnt", readonly = false } },
        disks = { { tag = "d", source = %q, readonly = false } } })
      assert(sb:spawn { "sh", "-c", "cd /mnt; exec sleep 1000 3<>/dev/disk/by-tag/d" })
      io.stdout:write("up\n")
      io.stdout:flush()
      lsandbox.sleep(1000)]]):format(kind.uri, dir .. "/w.ext4", dir .. "/d.img"))
    local lua = os.getenv "LUA" or arg[-1] -- the command, as an interpreter, has no arg[-1]
    local owner = io.popen(("echo $$; exec %s %s/owner.lua"):format(lua, dir))
    local pid = owner:read("l")
    t.is(owner:read("l"), "up", "it is up")
    t.is(select(2, loops():gsub(dir, dir)), 2, "with two loop devices")
    os.execute("kill -KILL " .. pid)
    owner:close()
    local deadline = os.time() + 5
    -- No event tells when a loop device is gone.
    while loops():find(dir, 1, true) and os.time() < deadline do host.capture("sleep 0.05") end
    t.ok(not loops():find(dir, 1, true), "which are gone with it")
  end)
end)

return cases
