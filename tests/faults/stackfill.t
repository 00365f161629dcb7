#!/bin/sh
# Waits in tasks, however full the stack is, on fake sandboxes. A hang is a failure.
top=$(cd "$(dirname "$0")/../.." && pwd)
LUA=${LSANDBOX_BUILD:-$top/build}/tests/fake-lsandbox
export LUA
timeout -k 5 300 "$top/tests/lib/run" "$top/tests/faults/stackfill.lua" </dev/null
