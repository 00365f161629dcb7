#!/bin/sh
# Recipes that inherit, on fake sandboxes.
top=$(cd "$(dirname "$0")/../.." && pwd)
LUA=${LSANDBOX_BUILD:-$top/build}/tests/fake-lsandbox
export LUA
timeout -k 5 60 "$top/tests/lib/run" "$top/tests/faults/inherit.lua" </dev/null
