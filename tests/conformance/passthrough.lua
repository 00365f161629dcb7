-- What goes past us to QEMU and libvirt; recipes that are saved and loaded.
local cases = {}

return cases
