#!/bin/sh
# Bad input and broken hosts, with machines.
cd "$(dirname "$0")/../.." && exec tests/lib/run tests/faults/faults.lua machine
