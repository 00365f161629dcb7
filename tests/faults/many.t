#!/bin/sh
# Several commands at once that share an empty cache.
cd "$(dirname "$0")/../.." && exec tests/lib/run tests/faults/many.lua
