-- Networks: none, user, a libvirt network, a bridge.
local cases = {}

return cases
