#!/bin/sh
# Pools in every situation, on fake sandboxes whose starts the test holds up and breaks. A hang is a failure.
top=$(cd "$(dirname "$0")/../.." && pwd)
LSANDBOX_FAKE=$(mktemp -d /tmp/lsb-pool.XXXXXX) || exit 1
export LSANDBOX_FAKE
trap 'rm -rf "$LSANDBOX_FAKE"' EXIT
LUA=${LSANDBOX_BUILD:-$top/build}/tests/fake-lsandbox
export LUA LSANDBOX_LUA="$LUA"
timeout -k 5 120 "$top/tests/lib/run" "$top/tests/faults/pool.lua" </dev/null
