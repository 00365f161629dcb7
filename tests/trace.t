#!/bin/sh
# `lsandbox run --trace`, on fake sandboxes.
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d /tmp/lsb-trace.XXXXXX) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
LUA=${LSANDBOX_BUILD:-$top/build}/tests/fake-lsandbox \
    timeout -k 5 100 "$top/tests/lib/run" "$top/tests/trace.lua" </dev/null
