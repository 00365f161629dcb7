#!/bin/sh
# The documentation: complete, current, and its examples run. Those that do not say "machine" run in containers, in a
# private libvirtd where we may make one.
cd "$(dirname "$0")/.." || exit 1
LIBVIRT_DEFAULT_URI=lxc:///
export LIBVIRT_DEFAULT_URI
set -- timeout -k 5 300 tests/lib/run tests/docs/docs.lua "$@"
[ "$(id -u)" = 0 ] && set -- scripts/with-libvirtd "$@"
exec "$@"
