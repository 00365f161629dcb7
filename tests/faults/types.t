#!/bin/sh
# Wrong types for every argument of every function, on fake sandboxes. The working directory is empty, because some
# calls take a path. A hang is a failure.
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d /tmp/lsb-types.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
LUA=${LSANDBOX_BUILD:-$top/build}/tests/fake-lsandbox \
    timeout -k 5 300 "$top/tests/lib/run" "$top/tests/faults/types.lua" </dev/null
