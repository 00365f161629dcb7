#!/bin/sh
# The conformance suite on a machine of the embedded driver, which starts from a template where there is one.
cd "$(dirname "$0")/../.." || exit 1
[ "${LSANDBOX_CHECK:-}" = all ] && export LSANDBOX_START="${LSANDBOX_START:-template}"
exec tests/lib/run tests/conformance/run.lua machine "$@"
