#!/bin/sh
# What the command says to unknown words and wrong results.
top=$(cd "$(dirname "$0")/../.." && pwd)
LUA=${LSANDBOX_BUILD:-$top/build}/tests/fake-lsandbox
export LUA
timeout -k 5 60 "$top/tests/lib/run" "$top/tests/faults/command.lua" </dev/null
