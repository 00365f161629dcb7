#!/bin/sh
# Owners of machines that die at the worst moments. In a PID namespace of its own, where all that is left ends.
cd "$(dirname "$0")/../.." || exit 1
[ "$(id -u)" = 0 ] || exec tests/lib/run tests/faults/deaths.lua machine
exec scripts/with-libvirtd tests/lib/run tests/faults/deaths.lua machine
