#!/bin/sh
# C programs that embed lsandbox, and what is left of a process that ends in one of many ways.
cd "$(dirname "$0")/.." || exit 1
tmp=$(mktemp -d /tmp/lsb-embed.XXXXXX) || exit 1
trap 'rm -rf "$tmp"' EXIT
chmod 0755 "$tmp"
# Install into a tree of this test's own, with the usual prefix, so that no object must be compiled anew.
env -u MAKEFLAGS -u MAKELEVEL \
    "${MAKE:-make}" DESTDIR="$tmp" PREFIX=/usr/local LIBDIR=/usr/local/lib install >"$tmp/log" 2>&1 || {
    sed 's/^/# /' "$tmp/log"
    echo "1..1"
    echo "not ok 1 - installs"
    exit 1
}
export LSANDBOX_EMBED="$tmp" LSANDBOX_LIBEXEC="$tmp/usr/local/libexec/lsandbox"
kinds=machine
if [ "$(id -u)" = 0 ]; then
    exec_in=scripts/with-libvirtd
    kinds="machine container"
elif [ "${CI:-}" = true ]; then
    echo "# containers need root"
fi
# shellcheck disable=SC2086
$exec_in tests/lib/run tests/embed/embed.lua $kinds
