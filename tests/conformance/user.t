#!/bin/sh
# As root: the machine suite again as a plain user, embedded and over qemu:///session.
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" != 0 ]; then
    exec tests/lib/run tests/conformance/run.lua session
fi
# a user of our own would have to be added to the system; nobody is on every one
home=$(mktemp -d /tmp/lsb-home.XXXXXX) || exit 1
chown nobody "$home" && chmod 0755 "$home"
# the session's own daemons would idle for two minutes more
end_daemons() {
    for pid in "$home"/run/libvirt/*.pid "$home"/cache/libvirt/*.pid; do
        [ -s "$pid" ] && kill "$(cat "$pid")" 2>/dev/null
    done
    rm -rf "$home"
}
trap end_daemons EXIT
mkdir -m 0700 "$home/run" && chown nobody "$home/run"
as_nobody() {
    setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups env -u LSANDBOX_RUN HOME="$home" XDG_RUNTIME_DIR="$home/run" \
        XDG_CACHE_HOME="$home/cache" XDG_CONFIG_HOME="$home/config" "$@"
}
as_nobody tests/lib/run tests/conformance/run.lua session
