-- Build and install from a copy of the tree: luarocks --lua-version 5.4 make rockspec/lsandbox-scm-1.rockspec
-- It needs what `scripts/setup --check --for build` names. The helpers stay in the rock's own directory, whose path
-- is compiled into the module and the command.
rockspec_format = "3.0"
package = "lsandbox"
version = "scm-1"
source = { url = "git+file:." }
description = {
  summary = "Run programs in sandboxes made from this host",
  detailed = [[
Runs any program installed on a Linux host in a sandbox made from that host's own root filesystem: a QEMU machine with a
kernel of its own, or an LXC container, both through libvirt. A C module for Lua 5.4, and a command.]],
  license = "MIT",
  labels = { "sandbox", "virtualization", "linux" },
}
supported_platforms = { "linux" }
dependencies = { "lua >= 5.4" }
build = {
  type = "make",
  variables = {
    CFLAGS = "$(CFLAGS)",
    PREFIX = "$(PREFIX)",
    BINDIR = "$(BINDIR)",
    LUA_CMOD = "$(LIBDIR)",
    LIBEXECDIR = "$(PREFIX)/libexec",
    LIBDIR = "$(PREFIX)/c", -- what C programs link is no Lua module
    DOCDIR = "$(PREFIX)/doc",
  },
  build_target = "all",
}
