#!/bin/sh
# Nothing grows with the number of sandboxes. LSANDBOX_CHECK=all makes more of them, and machines.
cd "$(dirname "$0")/../.." || exit 1
new="new 5000" containers="container 40" machines=
[ "${LSANDBOX_CHECK:-}" = all ] && containers="container 200" machines="machine 20"
# shellcheck disable=SC2086
if [ "$(id -u)" = 0 ]; then
    exec scripts/with-libvirtd tests/lib/run tests/faults/growth.lua $new $containers $machines
fi
[ -w /run/libvirt/libvirt-sock ] || containers=
# shellcheck disable=SC2086
exec tests/lib/run tests/faults/growth.lua $new $containers $machines
