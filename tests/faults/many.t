#!/bin/sh
cd "$(dirname "$0")/../.." && exec tests/lib/run tests/faults/many.lua
