#!/bin/sh
# lua-luv in the same process.
cd "$(dirname "$0")/../.." && exec tests/lib/run tests/faults/luv.lua
