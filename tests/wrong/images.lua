-- Wrong disks, image mounts and root images.
local host = require "host"

local dir = host.line("mktemp -d")
local function file(name, data)
  host.write(dir .. "/" .. name, data)
  return dir .. "/" .. name
end

-- A qcow2 header (docs/interop/qcow2.txt of QEMU) as a hostile guest could write it.
local function qcow2(t)
  return string.pack(">c4 I4 I8 I4 I4 I8 I4 I4 I8 I8 I4 I4 I8 I8 I8 I8 I4 I4", "QFI\xfb", t.version or 3,
    t.backing and 112 or 0, t.backing and #t.backing or 0, t.cluster_bits or 16, t.size or 1 << 20, t.crypt or 0,
    1, 512, 0, 0, 0, 0, t.features or 0, 0, 0, 4, 104) .. ("\0"):rep(8) .. (t.backing or "") .. ("\0"):rep(1024)
end

local ext4 = ("\0"):rep(1080) .. "\x53\xef" .. ("\0"):rep(4000)
local good, squash = file("good.img", ext4), file("squash.img", "hsqs" .. ("\0"):rep(4000))
local zeros, none = file("zeros.img", ("\0"):rep(4096)), dir .. "/none.img"
local empty, small = file("empty.img", ""), file("small.img", "tiny")
local parts = file("parts.img", ("\0"):rep(510) .. "\x55\xaa" .. ("\0"):rep(4096))
local gpt = file("gpt.img", ("\0"):rep(512) .. "EFI PART" .. ("\0"):rep(4096))
local q = file("good.qcow2", qcow2 {})
local backed = file("backed.qcow2", qcow2 { backing = "/etc/shadow" })
local json = file("json.qcow2", qcow2 { backing = 'json:{"driver":"file"}', version = 2 })
local data_file = file("data.qcow2", qcow2 { features = 4 })
local crypt = file("crypt.qcow2", qcow2 { crypt = 1 })
local version = file("version.qcow2", qcow2 { version = 9 })
local clusters = file("clusters.qcow2", qcow2 { cluster_bits = 60 })
local nothing = file("nothing.qcow2", qcow2 { size = 0 })
local short = file("short.qcow2", "QFI\xfb\0\0\0\3" .. ("\0"):rep(504))
local fifo = dir .. "/fifo"
os.execute("mkfifo " .. fifo)

local function disk(t, more)
  local recipe = { disks = { t } }
  for k, v in pairs(more or {}) do recipe[k] = v end
  return recipe
end
local function mount(t, more)
  t.type, t.target = t.type or "image", "/mnt"
  local recipe = { mounts = { t } }
  for k, v in pairs(more or {}) do recipe[k] = v end
  return recipe
end

local TAG = 'a tag of at most 20 letters, digits, "-", "_" and ".", the first no "."'
local DISK, IMAGE = "a disk image", "a disk image with a filesystem"
local ROOT = "a directory or a disk image with a filesystem"
local KNOWN = "which has no known filesystem (ext4, xfs, btrfs, squashfs, erofs, iso9660, vfat)"
local CONVERT = 'make one image of both with "qemu-img convert -O qcow2"'

local function wanted(field, what, got, why)
  return ('%s: expected %s, got "%s"%s'):format(field, what, got, why)
end

-- Image mounts take descriptors of a container's start, as binds do.
local function many(n)
  local recipe = { mounts = {}, connect = "lxc:///" }
  for i = 1, n do recipe.mounts[i] = { type = "image", source = good, target = "/m" .. i } end
  return recipe
end

local rows = {
  { many(27), nil },
  { many(28), "mounts: expected at most 27 directories, files and images of the host, got more" },
  -- right
  { disk { tag = "a-b_c.d", source = zeros }, nil },
  { disk { tag = "a", source = zeros, readonly = false }, nil },
  { disk { tag = "a", source = q, format = "raw", readonly = false }, nil },
  { disk { tag = "a", source = q, format = "qcow2", readonly = false }, nil },
  { disk { tag = "a", source = q }, nil },
  { mount { source = good }, nil },
  { mount { source = good, filesystem = "ext4", format = "raw", readonly = false }, nil },
  { { root = good }, nil },
  { { root = good, user = "root" }, nil },
  { { root = good, user = 1000, connect = "lxc:///" }, nil },
  { { disks = { { tag = "a", source = good }, { tag = "b", source = good } } }, nil },
  { { disks = {} }, nil },
  -- types and keys
  { { disks = "x" }, 'disks: expected a list of disks, got "x"' },
  { { disks = { tag = "x" } }, "disks: expected a list of disks, got a table" },
  { { disks = { 7 } }, "disks[1]: expected a table that describes a disk, got 7" },
  { { disks = { { "x" } } }, "disks[1]: expected a table that describes a disk, got a table" },
  { { disk = {} }, 'disk: unknown key; did you mean "disks"?' },
  { disk { tag = "a", sourc = good }, 'disks[1].sourc: unknown key; did you mean "source"?' },
  { disk { tag = "a", source = good, target = "/x" }, "disks[1].target: unknown key" },
  { disk { source = good }, "disks[1].tag: expected a tag, got nothing" },
  { disk { tag = "a" }, "disks[1].source: expected absolute path, got nothing" },
  { disk { tag = "a", source = "img" }, 'disks[1].source: expected absolute path, got "img"' },
  { disk { tag = "a", source = 3 }, "disks[1].source: expected absolute path, got 3" },
  { disk { tag = "a", source = "/a\0b" }, 'disks[1].source: expected a string without NUL bytes, got "/a\\0b"' },
  { disk { tag = "a", source = good, readonly = "yes" }, 'disks[1].readonly: expected true or false, got "yes"' },
  { disk { tag = "a", source = good, format = "vmdk" },
    'disks[1].format: expected one of "raw", "qcow2", got "vmdk"' },
  { disk { tag = "a", source = good, format = 1 }, 'disks[1].format: expected one of "raw", "qcow2", got 1' },
  -- tags
  { disk { tag = "", source = good }, ('disks[1].tag: expected %s, got ""'):format(TAG) },
  { disk { tag = "a/b", source = good }, ('disks[1].tag: expected %s, got "a/b"'):format(TAG) },
  { disk { tag = "..", source = good }, ('disks[1].tag: expected %s, got ".."'):format(TAG) },
  { disk { tag = "a b", source = good }, ('disks[1].tag: expected %s, got "a b"'):format(TAG) },
  { disk { tag = "+1", source = good }, ('disks[1].tag: expected %s, got "+1"'):format(TAG) },
  { disk { tag = "a\0b", source = good },
    ('disks[1].tag: expected %s, got "a\\0b"'):format("a string without NUL bytes") },
  { disk { tag = "123456789012345678901", source = good },
    ('disks[1].tag: expected %s, got "123456789012345678901"'):format(TAG) },
  { { disks = { { tag = "a", source = good }, { tag = "a", source = zeros } } },
    'disks[2].tag: expected a tag of its own, got "a", which an earlier disk has' },
  -- what is no image
  { disk { tag = "a", source = none }, wanted("disks[1].source", DISK, none, ": No such file or directory") },
  { disk { tag = "a", source = dir }, wanted("disks[1].source", DISK, dir, ", which is a directory") },
  { disk { tag = "a", source = fifo },
    wanted("disks[1].source", DISK, fifo, ", which is neither a regular file nor a block device") },
  { disk { tag = "a", source = "/dev/null" },
    wanted("disks[1].source", DISK, "/dev/null", ", which is neither a regular file nor a block device") },
  { disk { tag = "a", source = empty }, wanted("disks[1].source", DISK, empty, ", which is empty") },
  { disk { tag = "a", source = small },
    wanted("disks[1].source", DISK, small, ", which has 4 bytes, too few for a disk's sector of 512") },
  { mount { source = none }, wanted("mounts[1].source", IMAGE, none, ": No such file or directory") },
  { mount { source = dir }, wanted("mounts[1].source", IMAGE, dir, ", which is a directory") },
  { mount { source = empty }, wanted("mounts[1].source", IMAGE, empty, ", which is empty") },
  { mount { source = zeros }, wanted("mounts[1].source", IMAGE, zeros, ", " .. KNOWN) },
  { mount { source = q }, wanted("mounts[1].source", IMAGE, q, ", " .. KNOWN) },
  { mount { source = zeros, filesystem = "xfs" }, wanted("mounts[1].source", IMAGE, zeros, ", " .. KNOWN) },
  { mount { source = parts }, wanted("mounts[1].source", IMAGE, parts,
    ", which has a partition table; the image has to hold the filesystem itself") },
  { mount { source = gpt }, wanted("mounts[1].source", IMAGE, gpt,
    ", which has a partition table; the image has to hold the filesystem itself") },
  { { root = none }, wanted("root", ROOT, none, ": No such file or directory") },
  { { root = zeros }, wanted("root", ROOT, zeros, ", " .. KNOWN) },
  { { root = backed }, wanted("root", ROOT, backed, ', which has a backing file, "/etc/shadow"; ' .. CONVERT) },
  -- qcow2 that refers to other files, or is broken
  { disk { tag = "a", source = backed },
    wanted("disks[1].source", DISK, backed, ', which has a backing file, "/etc/shadow"; ' .. CONVERT) },
  { disk { tag = "a", source = backed, format = "qcow2", readonly = false },
    wanted("disks[1].source", DISK, backed, ', which has a backing file, "/etc/shadow"; ' .. CONVERT) },
  { disk { tag = "a", source = json },
    wanted("disks[1].source", DISK, json, [[, which has a backing file, "json:{\"driver\":\"file\"}"; ]] .. CONVERT) },
  { disk { tag = "a", source = data_file },
    wanted("disks[1].source", DISK, data_file, ", which keeps its data in another file; " .. CONVERT) },
  { disk { tag = "a", source = crypt }, wanted("disks[1].source", DISK, crypt, ", which is encrypted") },
  { disk { tag = "a", source = version },
    wanted("disks[1].source", DISK, version, ", which is a broken qcow2 image: its version is neither 2 nor 3") },
  { disk { tag = "a", source = clusters },
    wanted("disks[1].source", DISK, clusters, ", which is a broken qcow2 image: its cluster size is impossible") },
  { disk { tag = "a", source = nothing }, wanted("disks[1].source", DISK, nothing, ", which is a disk of no size") },
  { disk { tag = "a", source = short },
    wanted("disks[1].source", DISK, short, ", which is a broken qcow2 image: its cluster size is impossible") },
  { disk { tag = "a", source = good, format = "qcow2" },
    ('disks[1].format: expected "raw" for "%s", which does not begin like a qcow2 image, got "qcow2"'):format(good) },
  { disk { tag = "a", source = q, readonly = false },
    ('disks[1].format: expected "raw" or "qcow2", got nothing: "%s" is writable and begins like a qcow2 image, '
      .. "which a guest may have written into a raw one"):format(q) },
  -- contradictions
  { mount { source = good, filesystem = "xfs" },
    ('mounts[1].filesystem: expected "ext4", which "%s" has, got "xfs"'):format(good) },
  { mount { source = good, filesystem = "ntfs" },
    'mounts[1].filesystem: expected one of "ext4", "xfs", "btrfs", "squashfs", "erofs", "iso9660", "vfat", '
      .. 'got "ntfs"' },
  { mount { source = squash, readonly = false },
    "mounts[1].readonly: expected true for squashfs, which can only be read, got false" },
  { mount { type = "ram", format = "raw" },
    'mounts[1].format: expected nothing for a mount of type "ram", got "raw"' },
  { mount { type = "bind", source = "/etc", filesystem = "ext4" },
    'mounts[1].filesystem: expected nothing for a mount of type "bind", got "ext4"' },
  { mount { source = good, size = "1M" },
    'mounts[1].size: expected nothing for a mount of type "image", got "1M"' },
  { mount {}, "mounts[1].source: expected absolute path, got nothing" },
  { disk({ tag = "a", source = good },
    { mounts = { { type = "image", source = good, target = "/m", readonly = false } } }),
    ('disks[1].source: expected an image of its own, got "%s", which is used twice and written to'):format(good) },
  { { disks = { { tag = "a", source = good }, { tag = "b", source = good, readonly = false } } },
    ('disks[2].source: expected an image of its own, got "%s", which is used twice and written to'):format(good) },
  { disk({ tag = "a", source = q }, { connect = "lxc:///" }),
    ('disks[1].format: expected a raw image for a container, got "%s", which is qcow2; make a raw one with "qemu-img '
      .. 'convert -O raw"'):format(q) },
  { { root = good, user = "joe" },
    'user: expected a number or "root" with a root image, whose users cannot be looked up from outside, got "joe"' },
}
return setmetatable(rows, { __gc = function() os.execute("rm -rf " .. dir) end })
