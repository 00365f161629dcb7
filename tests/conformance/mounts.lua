-- Mounts of directories and files, overlays, the home, and what is included.
local cases = {}

return cases
