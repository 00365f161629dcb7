#!/bin/sh
# The sources keep the rules of the house: tests/lint/ has the lints, and luacheck and shellcheck find nothing.
# LUA names the interpreter.
cd "$(dirname "$0")/.." || exit 1
LUA_PATH="tests/lint/?.lua;tests/lib/?.lua;;" exec "${LUA:-lua5.4}" tests/lint/lint.lua .
