#!/bin/sh
# The documentation is complete and current, and its examples run. Examples that do not say "machine" run in containers;
# root gives them a private libvirtd.
cd "$(dirname "$0")/.." || exit 1
LIBVIRT_DEFAULT_URI=lxc:///
export LIBVIRT_DEFAULT_URI
set -- timeout -k 5 300 tests/lib/run tests/docs/docs.lua "$@"
[ "$(id -u)" = 0 ] && set -- scripts/with-libvirtd "$@"
exec "$@"
