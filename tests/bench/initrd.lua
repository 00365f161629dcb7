-- Append one file, as /init, to an initramfs: initrd.lua OLD PROGRAM NEW. The kernel unpacks archives that
-- follow each other, and the last /init wins (Documentation/driver-api/early-userspace/buffer-format.rst).
local function read(path)
  local f = assert(io.open(path, "rb"))
  local data = f:read("a")
  f:close()
  return data
end

local function pad(s) return s .. ("\0"):rep(-#s % 4) end

local function entry(name, mode, data)
  local header = "070701" .. ("%08X"):rep(13):format(1, mode, 0, 0, 1, 0, #data, 0, 0, 0, 0, #name + 1, 0)
  return pad(header .. name .. "\0") .. pad(data)
end

local out = assert(io.open(arg[3], "wb"))
out:write(pad(read(arg[1])), entry("init", 0x81ED, read(arg[2])), entry("TRAILER!!!", 0, ""))
out:close()
