#!/bin/bash
# The caller's umask changes nothing: with each, as root and as a plain user, both kinds start with a cache and a run
# directory that are new, and what is made there is nobody else's to write. A run directory that QEMU's user or a
# container cannot enter is used or passed over, but never a failure.
top=$(cd "$(dirname "$0")/../.." && pwd)
if [ "$(id -u)" = 0 ] && [ -z "${LSANDBOX_PRIVATE_LIBVIRTD-}" ]; then exec "$top/scripts/with-libvirtd" "$0"; fi
n=0 failed=0
result() { # ok|"not ok" NAME DETAILS
    n=$((n + 1))
    echo "$1 $n - $2"
    [ "$1" = ok ] && return
    failed=1
    printf '%s\n' "${3-}" | sed 's/^/#   /'
}
is() { # GOT EXPECTED NAME
    if [ "$1" = "$2" ]; then result ok "$3"; else result 'not ok' "$3" "got: $1"; fi
}
like() { # GOT PATTERN NAME
    # shellcheck disable=SC2254 # a pattern
    case $1 in $2) result ok "$3" ;; *) result 'not ok' "$3" "got: $1" ;; esac
}
command=${LSANDBOX_BUILD:-$top/build}/lsandbox
work=$(mktemp -d /var/tmp/lsb-umask.XXXXXX) || exit 1
chmod 0755 "$work"
trap 'rm -rf "$work"' EXIT

# What others may write below the directories given, links and what is sticky aside. The group bits of sockets, and of
# libvirt's directory "dbus", are its owner's own group's.
others_may_write() {
    find "$@" ! -type l ! -name dbus '(' -perm -0002 ! -perm -1000 -o -perm -0020 ! -type s ')' \
        -printf '%M %U:%G %p\n' 2>/dev/null
}

# As the user AS (a prefix command), with umask MASK: run on URI, look at what is made while it runs and afterwards.
try() {
    local name=$1 mask=$2 uri=$3 out during after tries=0
    shift 3
    mkdir -m 0711 "$work/$name"
    [ $# = 0 ] || chown 1234:1234 "$work/$name"
    mkfifo "$work/$name.go"
    chmod 0666 "$work/$name.go"
    (
        umask "$mask"
        HOME=$work/$name LSANDBOX_CACHE=$work/$name/cache LSANDBOX_RUN=$work/$name/run timeout 100 \
            "$@" "$command" run -c "$uri" -- sh -c 'echo up; read x; id -u; umask' \
            <"$work/$name.go" >"$work/$name.out" 2>&1
        echo "status $?" >>"$work/$name.out"
    ) &
    exec 7>"$work/$name.go"
    until grep -q '^up\|^status' "$work/$name.out" 2>/dev/null || [ $((tries += 1)) -gt 1000 ]; do sleep 0.1; done
    during=$(others_may_write "$work/$name")
    (trap '' PIPE; echo >&7) 2>/dev/null # it may have ended
    exec 7>&-
    wait $!
    after=$(others_may_write "$work/$name")
    out=$(tr '\n' ' ' <"$work/$name.out")
    like "$out" 'up * 0022 status 0 *' "$name: a program runs, with the sandbox's own umask"
    is "$during" '' "$name: while it runs, others may write nothing"
    is "$after" '' "$name: nor in what stays"
    is "$(find "$work/$name/run" -mindepth 1 2>/dev/null)" '' "$name: the run directory is empty afterwards"
    rm -rf "${work:?}/$name" "$work/$name".*
}

# A part of the conformance suite with umask MASK, and with a cache that the runs of one user share.
smoke() { # NAME MASK KIND PREFIX...
    local name=$1 mask=$2 kind=$3 out
    shift 3
    mkdir -p "$work/home-$kind-$#" && chmod 0755 "$work/home-$kind-$#"
    [ $# = 0 ] || chown 1234:1234 "$work/home-$kind-$#"
    out=$(umask "$mask" && HOME=$work/home-$kind-$# LSANDBOX_CACHE=$work/home-$kind-$#/cache LSANDBOX_PART=some \
        timeout 300 "$@" "$top/tests/lib/run" "$top/tests/conformance/run.lua" "$kind" 2>&1 </dev/null) ||
        { result 'not ok' "$name: a part of the conformance suite" "$out" && return; }
    result ok "$name: a part of the conformance suite"
    is "$(others_may_write "$work/home-$kind-$#")" '' "$name: others may write nothing in what stays"
}

plain=(setpriv --reuid 1234 --regid 1234 --clear-groups env -u XDG_RUNTIME_DIR -u XDG_CACHE_HOME)
for mask in 000 022 027 077; do
    if [ "$(id -u)" = 0 ]; then
        try "root-container-$mask" $mask lxc:///
        try "root-machine-$mask" $mask qemu:///embed
        try "user-machine-$mask" $mask qemu:///embed "${plain[@]}"
        smoke "root-container-$mask" $mask container
    else
        try "machine-$mask" $mask qemu:///embed
    fi
done
for mask in 000 077; do
    if [ "$(id -u)" = 0 ]; then
        smoke "root-machine-$mask" $mask machine
        smoke "user-machine-$mask" $mask machine "${plain[@]}"
    else
        smoke "machine-$mask" $mask machine
    fi
done

# A cache that an earlier version has made with the wrong modes is put right, or refused by name.
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$work/cache/libvirt/qemu/capabilities"
    chmod 0777 "$work/cache/libvirt" "$work/cache/libvirt/qemu" "$work/cache/libvirt/qemu/capabilities"
    out=$(LSANDBOX_CACHE=$work/cache timeout 100 "$command" run -- echo fine 2>&1 </dev/null)
    case $out in
    *"$work/cache"*) result ok "a cache that others may write in is refused by name" ;;
    *) is "$out $(others_may_write "$work/cache")" 'fine ' 'a cache that others may write in is put right' ;;
    esac
fi

# So is the launcher, which becomes QEMU: another user could have put a program of their own in its place.
run_machine() { HOME=$work LSANDBOX_CACHE=$work/cache timeout 100 "$command" run -- echo fine 2>&1 </dev/null; }
is "$(run_machine)" fine 'a machine starts with that cache'
for dir in "$work"/cache/emulator/*/; do
    touch "$dir/foreign" && chmod 0777 "$dir"
done
is "$(run_machine)$(others_may_write "$work/cache")" fine "the launcher's directory is put right as well"
is "$(find "$work/cache" -name foreign)" '' 'with nothing of what was in it'
chmod 0777 "$work/cache/emulator"
like "$(run_machine)" "*other users can write in the cache directory $work/cache/emulator;*" \
    "where that may be another's as a whole it is refused by name"
rm -rf "$work/cache"

# A run directory that only root may enter, and one below such a directory.
if [ "$(id -u)" = 0 ]; then
    mkdir -m 0700 "$work/own" "$work/closed"
    mkdir -m 0711 "$work/closed/run"
    for dir in own closed/run; do
        for uri in lxc:/// qemu:///embed; do
            is "$(LSANDBOX_RUN=$work/$dir timeout 60 "$command" run -c "$uri" -- echo fine 2>&1 </dev/null)" fine \
                "$uri: with the run directory $dir of root's alone"
            is "$(find "$work/$dir" -mindepth 1)" '' "$uri: which is passed over"
        done
    done
fi

echo "1..$n"
exit $failed
