#!/bin/bash
# Every Lua file is clean for luacheck (.luacheckrc), every shell script for shellcheck's warnings.
cd "$(dirname "$0")/.." || exit 1
n=0 failed=0

# need COMMAND NAME: missing, it skips on a developer's machine and fails in CI
need() {
    command -v "$1" >/dev/null && return
    n=$((n + 1))
    if [ "${CI:-}" = true ]; then echo "not ok $n - $2: missing in CI: $1"; failed=1; else echo "ok $n - $2 # SKIP $1"; fi
    return 1
}

check() { # NAME COMMAND...
    local name=$1 output
    shift
    n=$((n + 1))
    if output=$("$@" 2>&1); then echo "ok $n - $name"; else
        echo "not ok $n - $name"
        echo "$output" | sed 's/^/#   /'
        failed=1
    fi
}

# files of ours that start with "#!...NAME", or end in one of the patterns
scripts_of() {
    local interpreter=$1
    shift
    { find . -path ./build -prune -o -path ./.git -prune -o -type f \( "$@" \) -print
      grep -rlE --exclude-dir=.git --exclude-dir=build "^#!.*[/ ]$interpreter( |\$)" .; } | sort -u
}

mapfile -t lua < <(scripts_of 'lua5?\.?4?' -name '*.lua' -o -name '*.rockspec')
mapfile -t shell < <(scripts_of '(ba)?sh' -name '*.sh')
need luacheck "Lua" && check "luacheck finds nothing in ${#lua[@]} files" luacheck --no-color -q "${lua[@]}"
need shellcheck "shell" && check "shellcheck finds nothing in ${#shell[@]} files" shellcheck -S warning "${shell[@]}"
echo "1..$n"
exit $failed
