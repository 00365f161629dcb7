-- Disk images: as the root, as mounts, as disks.
local cases = {}

return cases
