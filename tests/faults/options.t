#!/bin/sh
# Mistakes in tables of options.
top=$(cd "$(dirname "$0")/../.." && pwd)
LSANDBOX_TOP=$top LUA=${LSANDBOX_BUILD:-$top/build}/tests/fake-lsandbox \
    exec timeout -k 5 120 "$top/tests/lib/run" "$top/tests/faults/options.lua" </dev/null
