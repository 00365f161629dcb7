#!/bin/sh
# Wrong recipes and their messages; tests/wrong/*.lua are tables of them, by area.
cd "$(dirname "$0")/.." && exec tests/lib/run tests/wrong.lua tests/wrong/*.lua
