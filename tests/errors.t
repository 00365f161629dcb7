#!/bin/sh
# Every error code is provoked; root gives the test a private libvirtd.
cd "$(dirname "$0")/.." || exit 1
set -- timeout -k 5 200 tests/lib/run tests/errors.lua "$@"
[ "$(id -u)" = 0 ] && set -- scripts/with-libvirtd "$@"
exec "$@"
