#!/bin/sh
# Lua runs out of memory at one place after the other, or at every place with LSANDBOX_CHECK=all.
cd "$(dirname "$0")/../.." || exit 1
case ${LSANDBOX_CHECK:-} in all | few) set -- "--$LSANDBOX_CHECK" "$@" ;; esac
log=$(mktemp /tmp/lsb-alloc.XXXXXX) || exit 1
trap 'rm -f "$log"' EXIT
# lsandbox reports on stderr what it loses for lack of memory, hundreds of times; show that only when a test fails.
# shellcheck disable=SC2086 # a command with its arguments
${LSANDBOX_WRAP:-} "${LSANDBOX_BUILD:-build}/tests/alloc_sweep" tests/faults/alloc.lua "$@" 2>"$log"
status=$?
[ $status = 0 ] || sed 's/^/# /' "$log"
exit $status
