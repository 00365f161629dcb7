-- Limits that hold: CPU, memory, processes, disk, and their changes while a sandbox runs.
local cases = {}

return cases
