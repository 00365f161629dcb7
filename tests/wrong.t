#!/bin/sh
# Wrong recipes: tests/wrong/*.lua are tables of them, by area.
cd "$(dirname "$0")/.." && exec tests/lib/run tests/wrong.lua tests/wrong/*.lua
