#!/bin/bash
# The rock: `luarocks make` in a clean copy of the tree gives a module and a command that find their helpers.
cd "$(dirname "$0")/.." || exit 1
if ! command -v luarocks >/dev/null; then
    if [ "${CI:-}" = true ]; then printf '1..1\nnot ok 1 - missing in CI: luarocks\n'; exit 1; fi
    echo "1..0 # SKIP luarocks"
    exit 0
fi
tmp=$(mktemp -d /tmp/lsb-rock.XXXXXX) || exit 1
trap 'rm -rf "$tmp"' EXIT
chmod 0755 "$tmp"
. tests/lib/check.sh
unset MAKELEVEL LSANDBOX_LIBEXEC LUA_PATH LUA_CPATH LIBVIRT_DEFAULT_URI
export MAKEFLAGS=-j2 LSANDBOX_RUN=$tmp/run LUAROCKS_CONFIG=/dev/null HOME=$tmp/home
mkdir -m 0711 "$LSANDBOX_RUN"
mkdir -p "$HOME" "$tmp/source"
readonly LUA=${LUA:-$(command -v lua5.4 || command -v lua)} SPEC=rockspec/lsandbox-scm-1.rockspec

# The server is a folder that does not exist, so that luarocks fetches nothing.
rocks() (
    cd "$tmp/source" || exit 1
    timeout 120 luarocks --lua-version 5.4 --tree "$tmp/tree" --only-server "$tmp/none" "$@"
)
installed() { luarocks --lua-version 5.4 --tree "$tmp/tree" list --porcelain | grep -q '^lsandbox.scm-1'; }
gone() { ! find "$tmp/tree" -name '*lsandbox*' ! -type d | grep .; }
run_directory_is_empty() { ! find "$LSANDBOX_RUN" -mindepth 1 | grep .; }

# Root tests a container in a private libvirtd, another user a machine.
in_sandbox() { if [ "$(id -u)" = 0 ]; then scripts/with-libvirtd "$@"; else "$@"; fi; }
connect=qemu:///embed
[ "$(id -u)" = 0 ] && connect=lxc:///

script="local lsandbox = require 'lsandbox'
assert(package.searchpath('lsandbox', package.cpath):find('$tmp/tree', 1, true))
local result = assert(lsandbox.run { 'echo', 'from the rock', connect = '$connect' })
assert(result.stdout == 'from the rock\n')"
tar -c --exclude=./build --exclude=./.git . | tar -x -C "$tmp/source"

check "luarocks lint accepts the rockspec" luarocks lint "$SPEC"
check "luarocks make builds and installs the rock" rocks make "$SPEC" CFLAGS="-O0 -fPIC"
check "luarocks lists the rock" installed
check "the rock's module runs a program, with the rock's own helpers" in_sandbox \
    env LUA_CPATH="$tmp/tree/lib/lua/5.4/?.so" timeout 60 "$LUA" -e "$script"
check "the rock's command runs a program" in_sandbox timeout 60 "$tmp/tree/bin/lsandbox" run -c "$connect" -- true
check "luarocks remove removes the rock" rocks remove lsandbox
check "no file of the rock is left" gone
check "nothing is left in the run directory" run_directory_is_empty
finish
