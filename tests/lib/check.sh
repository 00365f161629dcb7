# shellcheck shell=bash disable=SC2154 # the test sets $tmp
# TAP (testanything.org) for tests in the shell, which source this file. $tmp is a directory of the test's own.
n=0 failed=0

# check NAME COMMAND...: the command succeeds. Its output is shown only when it fails.
check() {
    local name=$1
    shift
    n=$((n + 1))
    if "$@" > "$tmp/log" 2>&1; then echo "ok $n - $name"; else
        echo "not ok $n - $name"
        sed 's/^/#   /' "$tmp/log"
        failed=1
    fi
}

finish() {
    echo "1..$n"
    exit $failed
}
