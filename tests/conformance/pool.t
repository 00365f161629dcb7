#!/bin/sh
# Machines that start in a pool: a few cases on one machine, or the whole suite with LSANDBOX_CHECK=all.
cd "$(dirname "$0")/../.." || exit 1
[ "${LSANDBOX_CHECK:-}" = all ] || export LSANDBOX_PART=some
LSANDBOX_START=pool exec tests/lib/run tests/conformance/run.lua machine "$@"
