#!/bin/sh
# Conformance on a machine of the embedded driver; from a template where there is one.
cd "$(dirname "$0")/../.." || exit 1
[ "${LSANDBOX_CHECK:-}" = all ] && export LSANDBOX_START="${LSANDBOX_START:-template}"
exec tests/lib/run tests/conformance/run.lua machine "$@"
