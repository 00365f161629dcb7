#!/bin/sh
# Owners of containers that die at the worst moments.
cd "$(dirname "$0")/../.." || exit 1
exec scripts/with-libvirtd tests/lib/run tests/faults/deaths.lua container
