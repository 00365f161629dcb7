#!/bin/sh
# The machine suite as a plain user, over qemu:///session. Root runs it as the user nobody.
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" != 0 ]; then
    exec tests/lib/run tests/conformance/run.lua session
fi
# A user made for this test would have to be added to the system, but nobody is there on every system.
home=$(mktemp -d /tmp/lsb-home.XXXXXX) || exit 1
chown nobody "$home" && chmod 0755 "$home"
# The daemons of libvirt's session would stay idle for two more minutes.
end_daemons() {
    for pid in "$home"/run/libvirt/*.pid "$home"/cache/libvirt/*.pid; do
        [ -s "$pid" ] && kill "$(cat "$pid")" 2>/dev/null
    done
    rm -rf "$home"
}
trap end_daemons EXIT
mkdir -m 0700 "$home/run" && chown nobody "$home/run"
as_nobody() {
    setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups \
        env -u LSANDBOX_RUN HOME="$home" XDG_RUNTIME_DIR="$home/run" \
        XDG_CACHE_HOME="$home/cache" XDG_CONFIG_HOME="$home/config" "$@"
}
as_nobody tests/lib/run tests/conformance/run.lua session
