#!/usr/bin/env bash
# The scripts that developers and CI start everything with: setup and with-libvirtd.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

readonly LIMIT=30        # seconds to wait for what must happen, because a loaded machine is slow
readonly QUICK_MS=300    # milliseconds for a setup that finds nothing missing
readonly WITH=$PWD/scripts/with-libvirtd
# with-libvirtd and all processes that it starts have this mark in their environment.
MARK=lsandbox_scripts_t_$$
export MARK_SCRIPTS_T=$MARK

tests=0 failures=0
section='' # what is tested now; printed in front of each check's name
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

ok() {   # ok STATUS NAME
    tests=$((tests + 1))
    if (($1 == 0)); then echo "ok $tests - $section: $2"; return; fi
    failures=$((failures + 1))
    echo "not ok $tests - $section: $2"
}

is() {   # is GOT EXPECTED NAME
    [[ $1 == "$2" ]]
    ok $? "$3"
    [[ $1 == "$2" ]] || printf '#      got: %q\n# expected: %q\n' "$1" "$2"
}

like() {   # like GOT PATTERN NAME
    # shellcheck disable=SC2053
    [[ $1 == $2 ]]
    ok $? "$3"
    # shellcheck disable=SC2053
    [[ $1 == $2 ]] || printf '#      got: %q\n#  pattern: %q\n' "$1" "$2"
}

skip() { tests=$((tests + 1)); echo "ok $tests - $section: $1 # SKIP $2"; }

finish() {
    echo "1..$tests"
    exit $((failures > 0))
}

# Run a condition until it is true, at most LIMIT seconds.
eventually() {
    local end=$((SECONDS + LIMIT))
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.02
    done
}

as_nobody() { runuser -u nobody -- "$@"; }

# ---------------------------------------------------------------------------------------------
# setup

# Copy setup, with a table of packages that has the lines given, so that something is missing.
setup_with() {
    mkdir -p "$work/setup"
    cp scripts/setup "$work/setup/setup"
    printf '%s\n' "$@" >"$work/setup/packages"
    chmod -R a+rX "$work/setup"
}

test_setup() {
    local output status start

    output=$(scripts/setup --check 2>&1)
    is "$?:$output" 0: '--check finds nothing missing and prints nothing'
    start=${EPOCHREALTIME/./}
    scripts/setup
    status=$?
    ok $((status || (${EPOCHREALTIME/./} - start) / 1000 > QUICK_MS)) \
        "a second run takes under $QUICK_MS ms"
    for group in build run test all; do
        scripts/setup --check --for "$group"
        is $? 0 "--check --for $group finds nothing missing"
    done
    scripts/setup --for tea 2>/dev/null
    is $? 2 'an unknown group is refused'
    scripts/setup --chekc 2>/dev/null
    is $? 2 'an unknown option is refused'

    setup_with 'build cmd:no-such-command-1|no-such-command-2 pack-a = = pack-a' \
        'build pc:no-such-module pack-b,pack-c = = pack-b,pack-c' \
        'run file:/no/{such,other}/file pack-a = = pack-a' \
        'run user:no-such-user pack-d = = pack-d' \
        'test cmd:sh pack-e = = pack-e'
    output=$("$work/setup/setup" --check 2>&1)
    is $? 1 '--check fails when something is missing'
    like "$output" \
        '*no-such-command-1 or no-such-command-2*no-such-module*file /no/*user no-such*' \
        '--check names each missing thing'
    like "$output" '*run: *install -y *pack-a pack-b pack-c pack-d' \
        '--check shows the command that installs them, with each package once'
    output=$("$work/setup/setup" --check --for test 2>&1)
    is "$?:$output" 0: '--for looks only for what that group needs'
    if ((EUID)); then
        skip 'a plain user only gets a report' 'already a plain user'
        return
    fi
    output=$(as_nobody "$work/setup/setup" 2>&1)
    is $? 1 'it fails for a plain user when something is missing'
    like "$output" '*run: sudo *pack-a*' 'it shows a plain user the command with sudo'
}

# ---------------------------------------------------------------------------------------------
# with-libvirtd

# This test's runs are known by $MARK, and by the names of their cgroups, which their commands write to a file. A cgroup
# can be removed only when no process is in it, so a run without cgroups has no daemon, QEMU or container either.
readonly NOTE_NAME="echo \"\$LSANDBOX_PRIVATE_LIBVIRTD\" >>'$work/names'"

our_cgroups() {
    local name
    while read -r name; do
        find /sys/fs/cgroup -type d -name "$name" -prune 2>/dev/null
    done <"$work/names"
}

our_processes() {
    local dir comm
    for dir in /proc/[0-9]*; do
        grep -qsz "^MARK_SCRIPTS_T=$MARK\$" "$dir/environ" || continue   # a zombie has none
        read -r comm 2>/dev/null <"$dir/comm" || continue
        case $comm in   # not the test itself and what it runs right now
        with-libvirtd|virt*d|libvirt*|qemu*|unshare|sleep) echo "${dir##*/} $comm" ;;
        esac
    done
}

nothing_left() { [[ ! $(our_processes) && ! $(our_cgroups) ]]; }

left_nothing() {   # left_nothing AFTER-WHAT
    eventually nothing_left
    ok $? "nothing is left after $1"
    { our_processes; our_cgroups; } | sed 's/^/# left: /'
    is "$(grep -c with-libvirtd /proc/self/mounts)" 0 "no mount is left after $1"
}

# Run the shell script $2 by with-libvirtd in the background, and send the signal $1 when the script calls `ready`.
# Signals are reset, because a background job of a script ignores SIGINT.
interrupt() {
    local signal=$1 script=$2
    rm -f "$work/ready"
    env --default-signal=INT,QUIT \
        "$WITH" sh -c "ready() { $NOTE_NAME; : >'$work/ready'; }; $script" 2>"$work/stderr" &
    child=$!
    eventually test -e "$work/ready" || echo "# the command did not start"
    kill -s "$signal" "$child"
    wait "$child" 2>/dev/null
    status=$?
}

test_plain_user() {
    local output
    output=$(CI='' as_nobody "$WITH" true 2>&1)
    is $? 77 'a plain user gets the status that means skip'
    like "$output" '*needs root*' 'the message says why'
    is "$(wc -l <<<"$output")" 1 'the message is one line'
    CI=true as_nobody "$WITH" true 2>/dev/null
    is $? 1 'in CI a plain user gets a failure'
}

test_pass_through() {
    local output
    output=$("$WITH" true 2>&1 </dev/null)
    is "$?:$output" 0: 'true gives status 0, and nothing is printed'
    "$WITH" sh -c "$NOTE_NAME; exit 7"
    is $? 7 'the exit status is passed on'
    output=$("$WITH" sh -c 'kill -9 $$' 2>&1)
    is "$?:$output" 137: 'a command killed by signal 9 gives 137'
    "$WITH" /no/such/program 2>/dev/null
    is $? 127 'a program that does not exist gives 127'
    "$WITH" /etc/passwd 2>/dev/null
    is $? 126 'a program that cannot be executed gives 126'
    head -c 1000000 /dev/urandom >"$work/random"
    "$WITH" cat <"$work/random" >"$work/copy" 2>&1
    cmp -s "$work/copy" "$work/random"
    ok $? 'stdin and stdout are untouched'
    output=$("$WITH" sh -c 'echo out; echo err >&2' 2>"$work/stderr")
    is "$output:$(<"$work/stderr")" out:err 'stdout and stderr stay apart'
    is "$("$WITH" printf '<%s>' 'a  b' '' '*')" '<a  b><><*>' 'arguments are untouched'
    is "$("$WITH" pwd)" "$PWD" 'the working directory is kept'
    # shellcheck disable=SC2016   # the inner shell's parent is init, so no second with-libvirtd is in between
    is "$("$WITH" "$WITH" sh -c 'echo "$PPID"')" 1 'inside itself it just runs the command'
    left_nothing 'normal ends'
}

test_signals() {
    interrupt TERM 'ready; exec sleep 1000'
    is "$status:$(<"$work/stderr")" 143: 'TERM ends the command'
    interrupt TERM 'trap "exit 5" TERM; ready; while :; do sleep 0.05; done'
    is "$status" 5 'TERM reaches the command, whose answer counts'
    interrupt INT 'ready; exec sleep 1000'
    is "$status" 130 'INT ends the command'
    interrupt TERM 'trap "" TERM; ready; exec sleep 1000'
    is "$status" 137 'a command that ignores TERM is killed'
    left_nothing 'TERM and INT'
    interrupt KILL 'setsid sleep 1000 & ready; exec sleep 1000'
    is "$status" 137 'KILL'
    left_nothing 'KILL'
}

# Bash alone cannot connect to libvirt, so this needs virsh, which comes with libvirt's clients.
test_container() {
    if ! command -v virsh >/dev/null; then
        skip 'a container runs' 'virsh is not installed (libvirt-clients)'
        return
    fi
    cat >"$work/container.xml" <<'END'
<domain type='lxc'><name>scripts-t</name><memory unit='MiB'>64</memory>
<os><type>exe</type><init>/bin/sleep</init><initarg>1000</initarg></os>
<devices><filesystem type='mount'><source dir='/usr'/><target dir='/usr'/></filesystem>
<console type='pty'/></devices></domain>
END
    local virsh='virsh -q -c lxc:///' script
    script="$virsh create '$work/container.xml' >&2 && $virsh list --name"
    "$WITH" sh -c "$NOTE_NAME; $script" >"$work/stdout" 2>"$work/stderr"
    like "$(<"$work/stdout")" 'scripts-t*' 'a container runs' ||
        sed 's/^/# /' "$work/stderr"
    left_nothing 'a container that nobody stopped'
    interrupt KILL "$script; ready; exec sleep 1000" >"$work/stdout"
    like "$(<"$work/stdout")" 'scripts-t*' 'a container runs when KILL comes'
    left_nothing 'KILL with a container'
    like "$("$WITH" virsh -c qemu:///system version 2>&1)" '*QEMU*' 'qemu:///system answers'
}

test_two_at_once() {
    # Each says that it runs, waits for the other, and exits with a number of its own.
    local one two script="$NOTE_NAME; cd '$work'; touch \$0
        until test -e \$1; do sleep 0.02; done; exit \$2"
    timeout "$LIMIT" "$WITH" sh -c "$script" one two 3 & one=$!
    timeout "$LIMIT" "$WITH" sh -c "$script" two one 4 & two=$!
    wait "$one"; is $? 3 'two at once: the first'
    wait "$two"; is $? 4 'two at once: the second'
    left_nothing 'two at once'
}

# Now and then a container did not start: "Unable to write to '/sys/fs/cgroup/blkio/machine/lxc-.../tasks': No such file
# or directory". Another run in a process namespace of its own, for the root of another distribution, did not see the
# processes of this run. So it took this run's control groups for leftovers and removed those that were still empty.
test_other_namespace() {
    local one dir=$work/other
    # shellcheck disable=SC2016   # the inner shell expands these
    local count='find /sys/fs/cgroup -name inner 2>/dev/null | wc -l' script='cd "$1"
        for procs in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do
            test ! -e "$procs" || mkdir -p "${procs%/*}/inner"
        done
        eval "$2" >before; echo "$LSANDBOX_PRIVATE_LIBVIRTD" >name; mv name ready
        until test -e go; do sleep 0.02; done
        eval "$2" >after'
    mkdir "$dir"
    timeout "$LIMIT" "$WITH" sh -c "$NOTE_NAME; $script" sh "$dir" "$count" & one=$!
    until [[ -e $dir/ready ]] || ! kill -0 "$one" 2>/dev/null; do sleep 0.02; done # it ends within LIMIT
    find /sys/fs/cgroup -type d -name "$(<"$dir/ready")" -exec touch -d '1 hour ago' {} + 2>/dev/null
    unshare --pid --fork --mount-proc timeout "$LIMIT" "$WITH" true
    touch "$dir/go"
    wait "$one"
    is $(($(<"$dir/before") > 0)) 1 'a run has control groups'
    is "$(<"$dir/after")" "$(<"$dir/before")" 'a run in another process namespace leaves them alone'
    left_nothing 'another namespace'
}

test_with_libvirtd() {
    local child status
    if ((EUID)); then
        "$WITH" true 2>/dev/null
        status=$?
        if [[ ${CI-} == true ]]; then
            is 'a plain user' 'root' 'it can be tested'
        else
            is "$status" 77 'a plain user gets the status that means skip'
            skip 'all else' 'needs root'
        fi
        return
    fi
    if [[ ${LSANDBOX_PRIVATE_LIBVIRTD-} ]]; then
        skip 'all' 'already inside one'
        return
    fi
    test_plain_user
    test_pass_through
    test_signals
    test_container
    test_two_at_once
    test_other_namespace
}

section=setup
test_setup
section=with-libvirtd
test_with_libvirtd
finish
