#!/bin/sh
# What scripts can do to the loop and its tasks, on fake sandboxes. A hang is a failure.
top=$(cd "$(dirname "$0")/../.." && pwd)
LUA=${LSANDBOX_BUILD:-$top/build}/tests/fake-lsandbox
export LSANDBOX_LUA="$LUA"
export LUA
timeout -k 5 120 "$top/tests/lib/run" "$top/tests/faults/scheduler.lua" </dev/null
