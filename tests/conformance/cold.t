#!/bin/sh
# Machines that start cold; LSANDBOX_CHECK=all: the whole suite on them, else what one of them is enough for.
cd "$(dirname "$0")/../.." || exit 1
[ "${LSANDBOX_CHECK:-}" = all ] || export LSANDBOX_PART=some
LSANDBOX_START=cold exec tests/lib/run tests/conformance/run.lua machine "$@"
