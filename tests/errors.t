#!/bin/sh
# Every error code, provoked; in a private libvirtd where we may make one.
cd "$(dirname "$0")/.." || exit 1
set -- timeout -k 5 200 tests/lib/run tests/errors.lua "$@"
[ "$(id -u)" = 0 ] && set -- scripts/with-libvirtd "$@"
exec "$@"
