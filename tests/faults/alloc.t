#!/bin/sh
# Lua out of memory at one place after the other; LSANDBOX_CHECK=all: at every place.
cd "$(dirname "$0")/../.." || exit 1
[ "${LSANDBOX_CHECK:-}" = all ] && set -- --all "$@"
exec "${LSANDBOX_BUILD:-build}/tests/alloc_sweep" tests/faults/alloc.lua "$@"
