# shellcheck shell=bash disable=SC2154 # $tmp is the caller's
# TAP for tests in the shell. Sourced; wants $tmp, a directory of the test's own.
n=0 failed=0

check() { # NAME COMMAND...
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
