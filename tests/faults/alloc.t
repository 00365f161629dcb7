#!/bin/sh
# Lua out of memory at one place after the other; LSANDBOX_CHECK=all: at every place.
cd "$(dirname "$0")/../.." || exit 1
case ${LSANDBOX_CHECK:-} in all | few) set -- "--$LSANDBOX_CHECK" "$@" ;; esac
# shellcheck disable=SC2086 # a command with its arguments
exec ${LSANDBOX_WRAP:-} "${LSANDBOX_BUILD:-build}/tests/alloc_sweep" tests/faults/alloc.lua "$@"
