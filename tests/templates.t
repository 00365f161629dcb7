#!/bin/sh
# A template never gives a wrong answer, whatever happens to it. LSANDBOX_CHECK=all runs the slow cases, too. The test
# has a cache of its own, which links to the user's boot images and probed QEMU, because those take seconds to make.
cd "$(dirname "$0")/.." || exit 1
if [ "$(id -u)" = 0 ]; then user=/var/cache/lsandbox; else user=${XDG_CACHE_HOME:-$HOME/.cache}/lsandbox; fi
user=${LSANDBOX_CACHE:-$user}
LSANDBOX_CACHE=$(mktemp -d /tmp/lsb-tc.XXXXXX) || exit 1
trap 'rm -rf "$LSANDBOX_CACHE"' EXIT
trap 'exit 1' INT TERM
export LSANDBOX_CACHE
[ "$(id -u)" = 0 ] && chmod 0755 "$LSANDBOX_CACHE"
for part in boot emulator libvirt; do
    if [ -d "$user/$part" ]; then ln -s "$user/$part" "$LSANDBOX_CACHE/$part"; fi
done
tests/lib/run tests/templates/templates.lua "$@"
