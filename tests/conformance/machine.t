#!/bin/sh
# Conformance on a machine of the embedded driver.
cd "$(dirname "$0")/../.." && exec tests/lib/run tests/conformance/run.lua machine "$@"
