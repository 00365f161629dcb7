-- What no pool can have: { recipe, message, by = "pool" }.
local image = os.getenv "LSANDBOX_TOP" .. "/README.md" -- any file will do: it is not looked into
local shared = "in a pool, whose sandboxes cannot share it, got "

local rows = {
  { {}, "size: expected an integer from 1 to 256, got nothing" },
  { { size = 0 }, "size: expected an integer from 1 to 256, got 0" },
  { { size = 257 }, "size: expected an integer from 1 to 256, got 257" },
  { { size = 1.5 }, "size: expected an integer from 1 to 256, got 1.5" },
  { { size = "2" }, 'size: expected an integer from 1 to 256, got "2"' },
  { { size = 2, name = "mine" }, 'name: expected nothing ' .. shared .. '"mine"' },
  { { size = 2, sise = 2 }, "sise: unknown key" },
  { { size = 2, root_mode = "overlay", overlay = "/tmp", connect = "qemu:///embed" },
    'overlay: expected nothing ' .. shared .. '"/tmp"' },
  { { size = 2, mounts = { { type = "overlay", source = "/usr", target = "/mnt", upper = "/tmp" } },
    connect = "lxc:///" }, 'mounts[1].upper: expected nothing ' .. shared .. '"/tmp"' },
  { { size = 2, disks = { { tag = "a", source = image, format = "raw", readonly = false } } },
    "disks[1].readonly: expected true " .. shared .. "false" },
  { { size = 2, graphics = { type = "vnc", socket = "/tmp/no-such-socket" }, connect = "qemu:///embed" },
    'graphics.socket: expected nothing ' .. shared .. '"/tmp/no-such-socket"' },
}
for _, row in ipairs(rows) do row.by = "pool" end
return rows
