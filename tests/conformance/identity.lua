-- Who programs are and what they may do: users, groups, capabilities, seccomp, labels.
local cases = {}

return cases
