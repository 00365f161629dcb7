#!/bin/sh
# Lua out of memory at one place after the other; LSANDBOX_CHECK=all: at every place.
cd "$(dirname "$0")/../.." || exit 1
case ${LSANDBOX_CHECK:-} in all | few) set -- "--$LSANDBOX_CHECK" "$@" ;; esac
log=$(mktemp /tmp/lsb-alloc.XXXXXX) || exit 1
trap 'rm -f "$log"' EXIT
# what is lost for want of memory is reported on stderr, hundreds of times: shown only when something is wrong
# shellcheck disable=SC2086 # a command with its arguments
${LSANDBOX_WRAP:-} "${LSANDBOX_BUILD:-build}/tests/alloc_sweep" tests/faults/alloc.lua "$@" 2>"$log"
status=$?
[ $status = 0 ] || sed 's/^/# /' "$log"
exit $status
