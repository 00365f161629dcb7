#!/bin/bash
# The launcher and the keeper, from outside: what a process started by the launcher can and cannot do, and
# that nothing outlives its owner. TAP, for prove. Run as root it does all of it twice, as root and as a
# plain user; run as a plain user, once.
#
#   LSANDBOX_LAUNCHER, LSANDBOX_KEEPER   the binaries to test; built into a temporary directory if unset
#   CC                                   compiler for that and for the helper program (cc)
#   CI                                   when set, what would be skipped fails
#   LSANDBOX_TEST_USER                   the plain user (nobody)
set -u
here=$(cd "$(dirname "$0")" && pwd)
source=$here/../../launcher
flags=(-std=gnu11 -O1 -g -Wall -Wextra -Werror)

# ---- TAP ----

count=0 failed=0 who=

check() { # NAME COMMAND...
    local name=$1
    shift
    if "$@"; then
        echo "ok $((++count)) - $who: $name"
    else
        echo "not ok $((++count)) - $who: $name"
        printf '# tried: %s\n' "$*"
        sed 's/^/# /' <<<"status $rc, output: $out"
        failed=1
    fi
}

skip() { # NAME REASON
    if [ -n "${CI:-}" ]; then
        echo "not ok $((++count)) - $who: $1 (would be skipped: $2)"
        failed=1
    else
        echo "ok $((++count)) - $who: $1 # SKIP $2"
    fi
}

out='' rc=0
says() { grep -qxF -- "$1" <<<"$out"; }
like() { grep -qE -- "$1" <<<"$out"; }
refuses() { [ "$rc" = 125 ] && grep -qE -- "^lsandbox-launcher: .*$1" <<<"$out"; }
absent() { [ ! -e "$1" ] && [ ! -L "$1" ]; }
until_true() { # COMMAND..., for at most 10 s
    for _ in $(seq 200); do
        "$@" && return 0
        read -r -t 0.05 <> <(:) # the shell's own way to wait a little
    done
    return 1
}

# ---- owners and keepers ----

owners=()

# Start the helper's PART as the owner of a keeper; sets sock, owner, keeper_pid, and ctl to talk to it.
own() { # NAME [PART]
    sock=$dir/$1.sock
    mkfifo "$dir/$1.in" "$dir/$1.out"
    "$helper" "${2:-owner}" "$keeper" "$sock" <"$dir/$1.in" >"$dir/$1.out" 2>&1 &
    owner=$!
    owners+=("$owner")
    exec {ctl}>"$dir/$1.in" {from}<"$dir/$1.out"
    read -r -t 10 _ keeper_pid <&"$from"
    [ "${2:-owner}" = heir ] && read -r -t 10 _ heir <&"$from"
    read -r -t 10 out <&"$from"
}

# For a run that is broken off: with its owner each keeper ends all that is its.
end_owners() { [ ${#owners[@]} = 0 ] || kill -9 "${owners[@]}" 2>/dev/null; }

tell() { printf '%s\n' "$1" >&"$ctl"; }

# All that was told before has been obeyed once the answer to a wrong message is back.
settle() {
    tell "settled?"
    until [ "$out" = "error settled?: Invalid argument" ]; do
        read -r -t 10 out <&"$from" || return 1
    done
}

end_owner() { # SIGNAL, or END
    if [ "$1" = END ]; then tell END; else kill -"$1" "$owner" 2>/dev/null; fi
    wait "$owner" 2>/dev/null
    exec {ctl}>&- {from}<&-
}

# Processes must be gone within 2 s. The keeper itself has longer, for it removes directories on a disk that
# others use too.
gone() { "$helper" gone 2 "$@"; }
keeper_gone() { "$helper" gone 20 "$@"; }

# ---- the launcher ----

via=()

jail_file() { # RECORD...
    printf '%s\0' "keeper=$sock" "$@" >"$dir/jail"
}

# Run the stand-in for QEMU with these records; sets out and rc.
jailed() { # RECORD... -- OP ARG...
    local records=()
    while [ "$1" != -- ]; do
        records+=("$1")
        shift
    done
    shift
    jail_file "${records[@]}"
    out=$(LSANDBOX_JAIL=$dir/jail "${via[@]}" "$emulator" try "$@" 2>&1 </dev/null)
    rc=$?
}

# The same in the background, until killed; sets stub.
jailed_pause() { # RECORD...
    jail_file "$@"
    LSANDBOX_JAIL=$dir/jail "$emulator" try state pause </dev/null >"$dir/stub.txt" 2>&1 &
    stub=$!
    disown "$stub" # or the shell tells of its death
    until_true grep -qs . "$dir/stub.txt"
}

test_without_jail() {
    mkdir "$dir/plain"
    cp "$launcher" "$dir/plain/qemu-system-x86_64"
    ln -s "$(command -v cat)" "$dir/plain/qemu"
    out=$("$dir/plain/qemu-system-x86_64" "$0" | cksum) rc=$?
    check "without a jail file QEMU runs with its arguments" [ "$out" = "$(cksum <"$0")" ]
    out=$("$emulator" try state 2>&1) rc=$?
    check "without a jail file no_new_privs is set" like 'nnp=1'
    out=$(exec -a qemu-system-x86_64 "$emulator" 2>&1) rc=$?
    check "a relative argv[0] is refused" refuses 'absolute path'
    rm "$dir/plain/qemu"
    out=$("$dir/plain/qemu-system-x86_64" 2>&1) rc=$?
    check "a missing link to QEMU is reported" refuses 'cannot read the link'
    ln -s /nonexistent/qemu "$dir/plain/qemu"
    out=$("$dir/plain/qemu-system-x86_64" 2>&1) rc=$?
    check "a missing QEMU is reported" refuses 'cannot execute /nonexistent/qemu'
}

test_bad_jails() {
    local record message
    out=$(LSANDBOX_JAIL=$dir/none "$emulator" 2>&1) rc=$?
    check "a missing jail file is reported" refuses 'cannot open the jail file'
    out=$(LSANDBOX_JAIL='' "$emulator" 2>&1) rc=$?
    check "an empty LSANDBOX_JAIL is no probe" refuses 'cannot open the jail file'
    printf 'read=/' >"$dir/jail"
    out=$(LSANDBOX_JAIL=$dir/jail "$emulator" 2>&1) rc=$?
    check "a jail file cut short is refused" refuses 'cut short'
    printf 'read=/\0' >"$dir/jail"
    out=$(LSANDBOX_JAIL=$dir/jail "$emulator" 2>&1) rc=$?
    check "a jail file without keeper is refused" refuses 'no keeper='
    while IFS='|' read -r record message; do
        jailed "$record" -- state
        check "jail record \"$record\" is refused" refuses "$message"
    done <<-EOF
	raed=/|unknown record "raed=/"
	read|no value
	|unknown record
	keeper=/x|keeper: given twice
	read=tmp|plain absolute path, got "tmp"
	hide=/a/../b|plain absolute path
	hide=/a/.|plain absolute path
	uid=1|uid= and gid= belong
	group=1|group= without uid
	uid=-1|expected a number
	gid=4294967295|expected a number
	uid=0x10|expected a number
	network=yes|expected 0 or 1
	landlock=off|expected required or auto
	read=$dir/none|cannot open $dir/none
	device=$dir/t/top|is no device
	EOF
}

test_no_keeper() {
    local real=$sock
    sock=$dir/nobody-listens
    jailed -- state
    check "without a keeper there is no QEMU" refuses 'cannot reach the keeper'
    sock=$dir/$(printf '%0120d' 0)
    jailed -- state
    check "a keeper path too long for a socket is reported" refuses 'too long'
    sock=$real
}

test_process_state() {
    jailed read=/ -- state exec /nonexistent
    check "no_new_privs" like 'nnp=1'
    check "no core dumps" like 'core=0,0'
    check "umask is passed on" like "umask=0*$(umask | sed 's/^0*//')( |$)"
    check "LSANDBOX_JAIL is not passed on" like 'jail=unset'
    check "dumpable as exec makes it" like 'dumpable=1'
    jail_file
    LSANDBOX_JAIL=$dir/jail "$emulator" try state >"$dir/state" 2>&1 &
    wait $!
    out=$(<"$dir/state")
    check "the process id stays" like "pid=$!\$"
    exec {extra}<"$0"
    jail_file
    out=$(LSANDBOX_JAIL=$dir/jail "$emulator" try read "/proc/self/fd/$extra" 2>&1)
    check "a file open before can't be opened anew" says "read /proc/self/fd/$extra: EACCES"
    mkdir "$dir/cat"
    cp "$launcher" "$dir/cat/qemu-system-x86_64"
    ln -s "$(command -v cat)" "$dir/cat/qemu"
    out=$(LSANDBOX_JAIL=$dir/jail "$dir/cat/qemu-system-x86_64" <&"$extra" | cksum)
    check "but its descriptor works" [ "$out" = "$(cksum <"$0")" ]
    exec {extra}<&-
}

make_tree() {
    mkdir -p "$dir/t/open/sub" "$dir/t/home/me/public" "$dir/t/w/a" "$dir/t/w/b/secret" "$dir/t/real"
    echo x | tee "$dir/t/open/file" "$dir/t/open/sub/file" "$dir/t/home/file" "$dir/t/home/me/file" \
        "$dir/t/home/me/public/file" "$dir/t/top" "$dir/t/w/file" "$dir/t/w/b/secret/file" \
        "$dir/t/real/file" >/dev/null
    ln -s ../home "$dir/t/open/to-home"
    ln -s real "$dir/t/alias"
    chmod -R a+rwX "$dir/t"
}

# $1 on the file names $2...: all of them
all() {
    local verdict=$1 op=$2 path
    shift 2
    for path; do says "$op $path: $verdict" || return 1; done
}

test_reading() {
    local t=$dir/t
    jailed "read=$t" "hide=$t/home" -- read "$t/open/file" read "$t/open/sub/file" read "$t/top" \
        read "$t/home/file" read "$t/home/me/file" read "$t/open/to-home/file" list "$t" write "$t/top" \
        create "$t/new" create "$t/open/new" unlink "$t/top" rename "$t/top" "$t/top2" \
        truncate "$t/open/file" read "$t/home/me/public/file" read /etc/passwd exec "$t/open/file"
    check "files of a read tree can be read" all ok read "$t/open/file" "$t/open/sub/file" "$t/top"
    check "hidden files can't" all EACCES read "$t/home/file" "$t/home/me/file" "$t/open/to-home/file"
    check "a directory on the way can be listed" says "list $t: ok"
    check "nothing can be written" all EACCES write "$t/top"
    check "nothing can be created" all EACCES create "$t/new" "$t/open/new"
    check "nothing can be removed or renamed" like "^(unlink|rename) $t/top: (EACCES|EXDEV)"
    check "nothing can be truncated" says "truncate $t/open/file: EACCES"
    check "nothing in it can be executed" says "exec $t/open/file: EACCES"
    check "nothing else can be read" says "read /etc/passwd: EACCES"

    jailed "read=$t" "hide=$t/home" "read=$t/home/me/public" -- read "$t/home/me/public/file" \
        read "$t/home/me/file"
    check "a tree named by itself is granted inside a hidden one" says "read $t/home/me/public/file: ok"
    check "and what is around it stays hidden" says "read $t/home/me/file: EACCES"
    jailed "read=$t" "hide=$t/home" "read=$t/home" -- read "$t/home/file"
    check "a path both read= and hide= was asked for by name" says "read $t/home/file: ok"
    jailed "read=/$t" "hide=/$t//home/" -- read "$t/home/file" read "$t/top"
    check "extra slashes hide as well" says "read $t/home/file: EACCES"
    check "extra slashes read as well" says "read $t/top: ok"
    jailed "read=$t" "hide=$t/alias" -- read "$t/real/file" read "$t/alias/file"
    check "a symlink in hide= hides what it points to" all EACCES read "$t/real/file" "$t/alias/file"
    jailed "read=$t/alias" -- read "$t/real/file"
    check "a symlink in read= grants what it points to" says "read $t/real/file: ok"
    jailed "read=$t" "hide=$t/home/later/deep" -- read "$t/home/me/file" create "$t/home/later"
    check "hiding what is not there yet harms nothing else" says "read $t/home/me/file: ok"
    jailed "read=$t/top" -- read "$t/top" read "$t/open/file"
    check "a single file can be read" says "read $t/top: ok"
    check "and only that" says "read $t/open/file: EACCES"
}

# What is made after the rules were: a hidden path, in a tree that is otherwise granted. Opening a fifo waits
# for the other side, so the two meet twice: past the rules, and after the file was made.
test_hidden_later() {
    local t=$dir/t pid writer
    mkfifo "$dir/go" "$dir/made"
    jail_file "read=$t" "read=$dir/go" "read=$dir/made" "hide=$t/open/later"
    LSANDBOX_JAIL=$dir/jail "$emulator" try read "$dir/go" read "$dir/made" read "$t/open/later" \
        >"$dir/later.txt" 2>&1 </dev/null &
    pid=$!
    (: >"$dir/go" && echo x >"$t/open/later" && : >"$dir/made") &
    writer=$!
    wait $pid
    kill $writer 2>/dev/null
    wait $writer 2>/dev/null
    out=$(<"$dir/later.txt")
    check "a hidden path made later is hidden" says "read $t/open/later: EACCES"
    rm -f "$t/open/later" "$dir/go" "$dir/made"
}

test_writing() {
    local t=$dir/t
    jailed "write=$t/w" "hide=$t/w/b/secret" "read=$t/open" -- write "$t/w/file" create "$t/w/a/new" \
        mkdir "$t/w/a/dir" read "$t/w/b/secret/file" create "$t/w/b/new" rmdir "$t/w/a/dir"
    check "a hidden tree in a write tree can't be read" says "read $t/w/b/secret/file: EACCES"
    check "nothing can be created on the way to it" says "create $t/w/b/new: EACCES"
    check "the rest can be written" all ok create "$t/w/a/new"
    rm -f "$t/w/a/new"
    jailed "write=$t/w" "read=$t/open" -- write "$t/w/file" create "$t/w/a/new" mkdir "$t/w/a/dir" \
        rename "$t/w/a/new" "$t/w/b/moved" truncate "$t/w/b/moved" unlink "$t/w/b/moved" \
        rmdir "$t/w/a/dir" mknod "$t/w/node" rename "$t/w/file" "$t/open/out" \
        rename "$t/open/file" "$t/w/in" exec "$t/w/file"
    check "write= opens for writing" says "write $t/w/file: ok"
    check "write= creates" all ok create "$t/w/a/new"
    check "write= makes and removes directories" says "rmdir $t/w/a/dir: ok"
    check "write= renames between directories" says "rename $t/w/a/new: ok"
    check "write= truncates" says "truncate $t/w/b/moved: ok"
    check "write= removes" says "unlink $t/w/b/moved: ok"
    check "write= makes no device nodes" says "mknod $t/w/node: EACCES"
    check "nothing moves out of it" like "^rename $t/w/file: (EACCES|EXDEV)"
    check "nothing moves into it" like "^rename $t/open/file: (EACCES|EXDEV)"
    check "nothing in it can be executed" says "exec $t/w/file: EACCES"
    jailed "write=$t/top" -- write "$t/top" truncate "$t/top" create "$t/other"
    check "a single file can be written" all ok write "$t/top"
    check "and its neighbours not" says "create $t/other: EACCES"
}

test_network_and_devices() {
    jailed -- tcp 9 read /dev/urandom write /dev/null ioctl /dev/full signal $$
    [ "$abi" -ge 4 ] && check "no TCP by default" says "tcp 9: EACCES"
    [ "$abi" -ge 5 ] && check "no ioctl on a device not granted" says "ioctl /dev/full: EACCES"
    [ "$abi" -ge 6 ] && check "no signal to outside" says "signal $$: EPERM"
    check "/dev/urandom can be read" says "read /dev/urandom: ok"
    check "/dev/null can be written" says "write /dev/null: ok"
    jailed network=1 device=/dev/full -- tcp 9 ioctl /dev/full
    check "network=1 leaves TCP alone" like '^tcp 9: (ok|ECONNREFUSED)'
    check "device= allows ioctl" says "ioctl /dev/full: ENOTTY"
}

# Older kernels, by having the version question answered with a smaller number.
test_abis() {
    local t=$dir/t a
    via=("$helper" abi 0)
    jailed read=/ -- state
    check "no landlock: refused by default" refuses 'no landlock'
    jailed read=/ landlock=required -- state
    check "no landlock: refused when required" refuses 'no landlock'
    jailed "read=$t" landlock=auto -- state read "$t/top" read /etc/passwd
    check "no landlock: auto goes on, and says so" like '^lsandbox-launcher: no landlock'
    check "no landlock: the rest still holds" like 'nnp=1 core=0,0'
    for a in $(seq "$abi"); do
        via=("$helper" abi "$a")
        jailed "read=$t/open" "write=$t/w" -- read "$t/open/file" read "$t/top" create "$t/w/a/x" \
            rename "$t/w/a/x" "$t/w/b/x" unlink "$t/w/a/x" unlink "$t/w/b/x" tcp 9 ioctl /dev/full
        check "ABI $a: granted and refused" all ok read "$t/open/file"
        check "ABI $a: refuses the rest" says "read $t/top: EACCES"
        check "ABI $a: rename between directories" \
            says "rename $t/w/a/x: $([ "$a" -ge 2 ] && echo ok || echo EXDEV)"
        check "ABI $a: TCP" like "^tcp 9: $([ "$a" -ge 4 ] && echo EACCES || echo '(ok|ECONNREFUSED)')"
        check "ABI $a: ioctl" says "ioctl /dev/full: $([ "$a" -ge 5 ] && echo EACCES || echo ENOTTY)"
    done
    via=()
}

test_identity_root() {
    local id
    id=$(id -u "$user"):$(id -g "$user")
    jailed "uid=${id%:*}" "gid=${id#*:}" group=12345 group=12346 -- ids caps root
    check "uid, gid and groups are taken" \
        says "$(printf 'ids uid=%s,%s,%s gid=%s,%s,%s groups=12345,12346' \
            "${id%:*}" "${id%:*}" "${id%:*}" "${id#*:}" "${id#*:}" "${id#*:}")"
    check "no capability is left" says 'caps 00 00 00 bounding=0'
    check "there is no way back" says 'root -: EPERM'
    jailed uid=0 gid=0 -- ids caps
    check "root asked for by name has no groups" says 'ids uid=0,0,0 gid=0,0,0 groups='
    check "root asked for by name has no capabilities" says 'caps 00 00 00 bounding=0'
    jailed -- ids
    check "without uid= the identity stays" like "^ids uid=0,0,0 "
    chmod 700 "$dir/t/home"
    jailed "uid=${id%:*}" "gid=${id#*:}" "read=$dir/t/home" -- ids read "$dir/t/home/file"
    check "rules are opened as root, permissions still count" says "read $dir/t/home/file: EACCES"
    chmod 755 "$dir/t/home"
}

# The key is in root's directory, as libvirt run by root leaves it; masterkey.h
test_master_key() {
    local key=$dir/lib/domain-1-x/master-key.aes id gid
    id=$(id -u "$user") gid=$(id -g "$user")
    (umask 077 && mkdir -p "${key%/*}" && echo secret >"$key")
    chmod 755 "$dir/lib"
    secret() { printf '{"qom-type":"secret","id":"masterKey0","format":"raw","file":"%s"}' "$1"; }
    jailed "uid=$id" "gid=$gid" "read=$dir/t" -- -object "$(secret "$key")" read "$key"
    check "without libvirt= the master key stays closed" says "read $key: EACCES"
    check "and untouched" [ "$(stat -c %a "$key")" = 600 ]
    jailed "uid=$id" "gid=$gid" "libvirt=$dir/li" -- -object "$(secret "$key")" read "$key"
    check "so it does below another directory" says "read $key: EACCES"
    jailed "uid=$id" "gid=$gid" "libvirt=$dir/lib" -- -object "$(secret "$dir/lib/../t/top")" \
        read "$dir/t/top"
    check "and by a detour" says "read $dir/t/top: EACCES"
    jailed "uid=$id" "gid=$gid" "libvirt=$dir/lib" -- -object "$(secret "$key")" read "$key" \
        write "$key" list "${key%/*}"
    check "the master key can be read by QEMU's user" says "read $key: ok"
    check "and not be written" says "write $key: EACCES"
    check "nor its directory listed" says "list ${key%/*}: EACCES"
    ln -s "$key" "$dir/lib/domain-1-x/link"
    jailed "uid=$id" "gid=$gid" "libvirt=$dir/lib" -- -object "$(secret "$dir/lib/domain-1-x/link")"
    check "a symlink is no master key" refuses 'cannot open'
}

test_identity_plain() {
    jailed uid=0 gid=0 -- ids
    check "another identity can't be taken" refuses 'not root'
    jailed "uid=$(id -u)" "gid=$(id -g)" -- ids caps
    check "the own identity can be named" like "^ids uid=$(id -u),"
    check "no capability" like '^caps 00 00 00 '
}

test_cost() {
    local t0 t1 records=()
    for name in root home proc sys dev run tmp; do records+=("hide=/$name"); done
    jail_file read=/ "${records[@]}"
    t0=${EPOCHREALTIME/[.,]/}
    for _ in 1 2 3 4 5 6 7 8 9 10; do LSANDBOX_JAIL=$dir/jail "$emulator" try >/dev/null; done
    t1=${EPOCHREALTIME/[.,]/}
    echo "# launcher and its exec: $(((t1 - t0) / 10)) microseconds, mean of 10"
    # Generous, for a busy machine: the mean is about 2 ms on an idle one.
    check "the launcher takes less than 50 ms" [ $((t1 - t0)) -lt 500000 ]
}

# ---- the keeper ----

test_keeper_basics() {
    check "the keeper says it is ready" [ "$out" = ready ]
    check "its socket is its user's only" [ "$(stat -c %a "$sock")" = 600 ]
    check "it has a name" [ "$(</proc/"$keeper_pid"/comm)" = lsandbox-keeper ]
    check "it leads a session of its own" [ "$(ps -o sid= -p "$keeper_pid" | tr -d ' ')" = "$keeper_pid" ]
    check "it holds no directory" [ "$(readlink /proc/"$keeper_pid"/cwd)" = / ]
    check "it keeps no descriptor it was not given" fds_are "$IDLE_FDS"
    kill -TERM "$keeper_pid" && kill -INT "$keeper_pid" && kill -HUP "$keeper_pid"
    kill -QUIT "$keeper_pid" && kill -PIPE "$keeper_pid"
    jailed -- state
    check "it takes no notice of signals that end others" like 'nnp=1'
    tell "dir relative"
    read -r -t 10 out <&"$from"
    check "a relative directory is refused" like '^error relative:'
    tell "starting ../x"
    read -r -t 10 out <&"$from"
    check "a path for the name of a container is refused" like '^error ../x:'
    tell "process"
    read -r -t 10 out <&"$from"
    check "a process without its descriptor is refused" like '^error process:'
    tell "dir /$(printf '%09000d' 0)"
    read -r -t 10 out <&"$from"
    check "a message too long is refused" like '^error message:'
}

# A keeper that watches no process has these open: 0 1 2, control, owner, listener.
readonly IDLE_FDS=6

fds_are() { [ "$(ls /proc/"$keeper_pid"/fd | wc -l)" = "$1" ]; }

# The keeper drops a process that an earlier test registered a moment after that has ended.
test_keeper_qemu_ends() {
    check "processes that ended before are dropped" until_true fds_are "$IDLE_FDS"
    jailed_pause read=/
    check "a registered process is watched" until_true fds_are $((IDLE_FDS + 1))
    kill -9 "$stub"
    check "a process that ended is dropped" until_true fds_are "$IDLE_FDS"
    check "its keeper and owner live on" kill -0 "$keeper_pid" "$owner"
}

make_victims() {
    mkdir -p "$dir/outside" "$dir/gone/a/b" "$dir/gone/full" "$dir/stays" "$dir/forgotten"
    echo precious >"$dir/outside/file"
    ln -s "$dir/outside" "$dir/gone/link"
    ln -s "$dir/outside/file" "$dir/gone/a/link"
    ln -s "$dir/outside" "$dir/linked"
    mkfifo "$dir/gone/a/fifo"
    touch "$dir/gone/a/b/"{1..50} "$dir/gone/.hidden" "$dir/gone/.lsandbox-removed-0"
    "$helper" deep "$dir/gone/full" 3000
    mkdir "$dir/gone/a/locked"
    touch "$dir/gone/a/locked/file"
    chmod 000 "$dir/gone/a/locked"
    chmod 500 "$dir/gone/a/b"
}

test_keeper_owner_killed() {
    make_victims
    own killed
    tell "dir $dir/gone"
    tell "dir $dir/linked/"
    tell "dir $dir/forgotten"
    tell "forget $dir/forgotten/"
    read -r -t 600 <> <(:) &
    local watched=$!
    disown "$watched"
    tell "process $watched"
    settle
    jailed_pause "read=/"
    local first=$stub
    jailed_pause "read=/"
    end_owner KILL
    check "SIGKILL to the owner ends its processes within 2 s" gone "$first" "$stub"
    check "and a process the owner named" gone "$watched"
    check "and the keeper" keeper_gone "$keeper_pid"
    check "its directory is gone" absent "$dir/gone"
    check "its socket is gone" absent "$dir/killed.sock"
    check "a symlink in it was not followed" [ "$(cat "$dir/outside/file")" = precious ]
    check "one that the owner named went itself" [ ! -L "$dir/linked" ]
    check "a forgotten directory stays" [ -d "$dir/forgotten" ]
    jailed -- state
    check "a launcher that comes after that is refused" refuses 'cannot reach the keeper'
}

# The launcher has connected, but the keeper has not looked yet when the owner dies.
test_keeper_late_launcher() {
    own late
    kill -STOP "$keeper_pid"
    jail_file read=/
    LSANDBOX_JAIL=$dir/jail "$emulator" try state pause </dev/null >"$dir/queued.txt" 2>&1 &
    local late=$!
    until_true connected "$sock"
    end_owner KILL
    kill -CONT "$keeper_pid"
    wait $late
    rc=$?
    out=$(<"$dir/queued.txt")
    check "a launcher in the queue when the owner dies never becomes QEMU" refuses 'keeper'
    check "and the keeper ends" keeper_gone "$keeper_pid"
}

# A connected but not yet accepted peer shows as a second line with the path in /proc/net/unix.
connected() { [ "$(grep -cF -- "$1" /proc/net/unix)" -ge 2 ]; }

test_keeper_ways_to_end() {
    mkdir "$dir/d1" "$dir/d2" "$dir/d3"
    own polite
    tell "dir $dir/d1"
    settle
    end_owner END
    check "the owner's normal end ends the keeper" keeper_gone "$keeper_pid"
    check "and removes its directories" absent "$dir/d1"

    out=$("$helper" quick-owner "$keeper" "$dir/quick.sock" "dir $dir/d2")
    check "an owner that never listened: the keeper ends" keeper_gone "${out#keeper }"
    check "an owner that never listened: its directory is gone" absent "$dir/d2"
    check "an owner that never listened: no socket left" absent "$dir/quick.sock"

    own heir heir
    tell "dir $dir/d3"
    settle
    end_owner KILL
    check "a child that inherited the control socket does not keep the keeper" keeper_gone "$keeper_pid"
    check "nor the directories" absent "$dir/d3"
    kill -9 "$heir"
}

test_keeper_many() {
    own many
    "$helper" many "$sock" 300 >"$dir/many.txt" 2>&1 &
    local many=$! children
    until_true grep -qs . "$dir/many.txt"
    out=$(<"$dir/many.txt")
    check "300 processes register" says registered
    children=$(pgrep -P $many | tr '\n' ' ')
    end_owner KILL
    # shellcheck disable=SC2086
    check "and all of them end with the owner" gone $children "$keeper_pid"
    wait $many 2>/dev/null
}

test_keeper_limit() {
    own_limited
    "$helper" many "$sock" 60 >"$dir/limit.txt" 2>&1 &
    local many=$! children
    until_true grep -qs . "$dir/limit.txt"
    children=$(pgrep -P $many | tr '\n' ' ')
    out=$(<"$dir/limit.txt")
    check "beyond its descriptors the keeper refuses" like 'a child failed|register'
    jailed -- state
    check "and says why" refuses 'refused: .*(open files|descriptors)'
    end_owner KILL
    # shellcheck disable=SC2086
    check "and ends what it took" gone $children "$keeper_pid"
    wait $many 2>/dev/null
}

own_limited() {
    local real=$keeper
    printf '#!/bin/bash\nulimit -n 40\nexec "%s" "$1"\n' "$keeper" >"$dir/limited"
    chmod +x "$dir/limited"
    keeper=$dir/limited
    own limited
    keeper=$real
}

test_keeper_bad_path() {
    touch "$dir/taken.sock"
    own taken
    check "a socket path in use is an error" like "^error $dir/taken.sock: Address.* in use"
    check "and that keeper has ended" keeper_gone "$keeper_pid"
    end_owner KILL
    check "and left alone what was there" [ -f "$dir/taken.sock" ]
}

test_keeper_stranger() {
    own stranger
    chmod 666 "$sock"
    jail_file
    chmod 644 "$dir/jail"
    out=$(LSANDBOX_JAIL=$dir/jail setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups \
        "$emulator" try state 2>&1)
    rc=$?
    check "another user's launcher is refused" refuses 'not the same user'
    end_owner KILL
    keeper_gone "$keeper_pid"
}

test_keeper_mounts() {
    mkdir -p "$dir/mnt/a/b/m" "$dir/mnt/top"
    if ! unshare -m true 2>/dev/null; then
        skip "the keeper does not enter mounts" "no mount namespaces"
        return
    fi
    out=$(unshare -m --propagation private bash -c '
        mount -t tmpfs none "$1/mnt/a/b/m" && echo precious >"$1/mnt/a/b/m/file"
        mount -t tmpfs none "$1/mnt/top" && echo valuable >"$1/mnt/top/file"
        pid=$("$2" quick-owner "$3" "$1/mount.sock" "dir $1/mnt")
        "$2" gone 5 "${pid#keeper }"
        find "$1/mnt" -name file -exec cat {} +' - "$dir" "$helper" "$keeper")
    check "the keeper does not enter mounts" says precious
    check "nor one right below the directory" says valuable
}

# ---- the real QEMU ----

qmp() { # ARGUMENT...: start the real QEMU under the launcher, and end it over its monitor
    out=$(printf '{"execute":"%s"}\n' qmp_capabilities query-status quit |
        LSANDBOX_JAIL=$dir/jail timeout 120 "$dir/real/qemu-system-x86_64" -nodefaults -display none \
            -no-user-config -qmp stdio "$@" 2>&1)
    rc=$?
}

find_qemu() {
    qemu=$(command -v qemu-system-x86_64) || return 1
    mkdir -p "$dir/real"
    cp "$launcher" "$dir/real/qemu-system-x86_64"
    ln -sf "$(readlink -f "$qemu")" "$dir/real/qemu"
}

# $1: the identity records
test_qemu() {
    local kernel hides=() name
    if ! find_qemu; then
        skip "QEMU starts" "no qemu-system-x86_64"
        return
    fi
    for name in root home proc sys dev run tmp; do hides+=("hide=/$name"); done
    jail_file "$@" read=/ "${hides[@]}"
    qmp -accel tcg -machine pc -m 64 -S \
        -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap \
        -device virtio-9p-pci,fsdev=root,mount_tag=lsb0
    check "QEMU starts with a read-only export of /" like '"status": "prelaunch"'
    check "and ends when told" [ $rc = 0 ]
    check "and has nothing to complain about" [ "$(grep -vc '^{' <<<"$out")" = 0 ]
    libvirt_like "$@"
    kernel=$(for name in /boot/vmlinuz-*; do [ -r "$name" ] && echo "$name"; done | sort -V | tail -1)
    if [ -n "$kernel" ]; then boot "$kernel"; else skip "QEMU boots" "no readable kernel in /boot"; fi
}

# The command line libvirt 9.0 writes, with its descriptors replaced by ours: a socket handed over, seccomp
# on, and a channel socket that QEMU makes in its own directory.
libvirt_like() {
    mkdir -p "$dir/run"
    chmod 777 "$dir/run"
    jail_file "$@" read=/boot "write=$dir/run"
    qmp -name guest=lsandbox-1,debug-threads=on -S \
        -machine pc,usb=off,dump-guest-core=off,memory-backend=pc.ram,acpi=off -accel tcg -cpu qemu64 \
        -m 64 -object '{"qom-type":"memory-backend-ram","id":"pc.ram","size":67108864}' \
        -overcommit mem-lock=off -smp 1,sockets=1,cores=1,threads=1 \
        -uuid 2f1c3c0e-9d5a-4c8e-8a68-0a5b7d6f1a11 -rtc base=utc -no-shutdown -boot strict=on \
        -device virtio-serial-pci,id=virtio-serial0 \
        -chardev "socket,id=charchannel0,path=$dir/run/relay,server=on,wait=off" \
        -device virtserialport,chardev=charchannel0,id=channel0,name=org.lsandbox.relay.0 \
        -chardev "file,id=charserial0,path=$dir/run/console.log,append=on" \
        -device isa-serial,chardev=charserial0,id=serial0 -audiodev '{"id":"audio1","driver":"none"}' \
        -object rng-random,id=rng0,filename=/dev/urandom -device virtio-rng-pci,rng=rng0 \
        -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny \
        -msg timestamp=on
    check "QEMU starts with libvirt's kind of command line" like '"status": "prelaunch"'
    check "and complains about nothing" [ "$(grep -vc '^{' <<<"$out")" = 0 ]
    rm -rf "$dir/run"
    jail_file "$@" read=/boot
}

boot() { # KERNEL, which panics for want of a root filesystem, and that ends QEMU
    out=$(LSANDBOX_JAIL=$dir/jail timeout 240 "$dir/real/qemu-system-x86_64" -nodefaults -display none \
        -no-user-config -accel tcg -machine pc -m 256 -no-reboot -serial stdio -kernel "$1" \
        -append 'console=ttyS0 panic=-1 no_timer_check' -sandbox on,spawn=deny 2>&1 | tr -d '\r')
    check "a kernel boots" like 'Linux version '
    check "up to looking for its root" like 'Unable to mount root fs|Kernel panic - not syncing: VFS'
}

# ---- all of it ----

suite() {
    umask 022
    emulator=$dir/emulator/qemu-system-x86_64
    mkdir -p "$dir/emulator"
    cp "$launcher" "$emulator"
    ln -s "$helper" "$dir/emulator/qemu"
    make_tree
    abi=$("$helper" try abi)
    abi=${abi#abi }
    own main
    test_keeper_basics
    test_without_jail
    test_no_keeper
    if [ "$abi" -ge 1 ]; then
        test_bad_jails
        test_process_state
        test_reading
        test_hidden_later
        test_writing
        test_network_and_devices
        test_abis
        if [ "$(id -u)" = 0 ]; then
            test_identity_root
            test_master_key
        else
            test_identity_plain
        fi
        test_cost
        if [ "$(id -u)" = 0 ]; then
            test_qemu "uid=$(id -u "$user")" "gid=$(id -g "$user")"
        else
            test_qemu
        fi
    else
        skip "the jail" "no landlock in this kernel"
    fi
    test_keeper_qemu_ends
    end_owner KILL
    check "after all that the keeper ends" keeper_gone "$keeper_pid"
    test_keeper_owner_killed
    test_keeper_late_launcher
    test_keeper_ways_to_end
    test_keeper_many
    test_keeper_limit
    test_keeper_bad_path
    [ "$(id -u)" = 0 ] && test_keeper_stranger
    [ "$(id -u)" = 0 ] && test_keeper_mounts
}

build() {
    local cc=${CC:-cc}
    launcher=${LSANDBOX_LAUNCHER:-$tmp/lsandbox-launcher}
    keeper=${LSANDBOX_KEEPER:-$tmp/lsandbox-keeper}
    helper=$tmp/helper
    "$cc" "${flags[@]}" "$here/launcher_helper.c" -o "$helper" || return 1
    [ -n "${LSANDBOX_KEEPER:-}" ] ||
        "$cc" "${flags[@]}" "$source/keeper.c" "$source/../shared/treeremove.c" -o "$keeper" || return 1
    local parts=() part
    for part in "$source"/*.c; do
        [[ $part = */keeper.c ]] || parts+=("$part")
    done
    [ -n "${LSANDBOX_LAUNCHER:-}" ] || "$cc" "${flags[@]}" "${parts[@]}" -o "$launcher"
}

# The plain user's part, in a process of its own. It says how far it counted on descriptor 9.
if [ "${1:-}" = --plain ]; then
    read -r count launcher keeper helper dir user <<<"$2"
    who=user
    trap end_owners EXIT
    suite
    echo "$count $failed" >&9
    exit
fi

tmp=$(mktemp -d)
trap 'end_owners; rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
if ! build; then
    echo 'Bail out! cannot build'
    exit 1
fi
user=${LSANDBOX_TEST_USER:-nobody}
dir=$tmp/w who=$([ "$(id -u)" = 0 ] && echo root || echo user)
mkdir "$dir"
suite
if [ "$who" = root ]; then
    mkdir "$tmp/p"
    chown "$user" "$tmp/p"
    setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups --inh-caps=-all \
        bash "$0" --plain "$count $launcher $keeper $helper $tmp/p $user" 9>"$tmp/count"
    read -r count plain_failed <"$tmp/count" || plain_failed=1
    [ "$plain_failed" = 0 ] || failed=1
fi
who=all
check "no process is left" [ "$(pgrep -cf -- "$tmp/")" = 0 ]
echo "1..$count"
exit $failed
