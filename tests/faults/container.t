#!/bin/sh
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" != 0 ]; then
    echo "1..0 # SKIP containers need root, for a libvirtd of our own"
    exit 0
fi
exec scripts/with-libvirtd tests/lib/run tests/faults/faults.lua container
