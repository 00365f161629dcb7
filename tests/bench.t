#!/bin/bash
# The bench itself: its chart, the order and the marks of its rows, and a case that needs no sandbox.
cd "$(dirname "$0")/.." || exit 1
tmp=$(mktemp -d /tmp/lsb-bench-t.XXXXXX) || exit 1
trap 'rm -rf "$tmp"' EXIT
. tests/lib/check.sh
readonly LUA=${LUA:-$(command -v lua5.4 || command -v lua)}
export LUA

draw() { LUA_PATH="tests/bench/?.lua;tests/lib/?.lua" "$LUA" tests/bench/chart.lua "$1"; }

drawn() {
    draw tests/bench/sample.json > "$tmp/chart.svg" && xmllint --noout "$tmp/chart.svg" &&
        grep -q 'from a template' "$tmp/chart.svg" && [ "$(grep -c 'goal missed</text>' "$tmp/chart.svg")" = 1 ]
}
alone() { ! grep -v xmlns= "$1" | grep -E 'https?:|@import|href|url\('; }
check "the chart of a whole run is well-formed, and marks the goal that was missed" drawn
check "the chart loads nothing" alone "$tmp/chart.svg"
check "the README's chart is well-formed" xmllint --noout docs/bench.svg
check "it loads nothing" alone docs/bench.svg

groups() (
    export CASES='ours late absent' BENCH_ROWS=$tmp/rows LUA_PATH="tests/bench/?.lua;tests/lib/?.lua"
    "$LUA" - > "$tmp/table" <<'END' || return
local measure = require "measure"
local order = {}
local function row(name, values, more)
  more.name, more.unit = name, "s"
  more.run = function(i) order[#order + 1] = name; return values[i] end
  return more
end
measure.group(3, { row("floor", { 2, 1, 3 }, {}), row("ours", { 3, 9, 1 }, { floor = "floor", times = 1.6 }),
  row("late", { 1, 2, 3 }, { goal = 1.5 }), row("unasked", {}, {}),
  { name = "absent", unit = "s", run = function() return nil, "no such peer" end } })
assert(table.concat(order, " ") == ("floor ours late "):rep(3):sub(1, -2), table.concat(order, " "))
END
    grep -q '^ours  *3 s .* 1.50 x floor (2) .*goal: at most 1.6 x floor$' "$tmp/table" &&
        grep -q '^late  *2 s .*goal: at most 1.5 s - MISSED$' "$tmp/table" &&
        grep -q '^absent  *not measured: no such peer$' "$tmp/table" && ! grep -q unasked "$tmp/table" &&
        grep -q '"missed": true, "name": "late"' "$tmp/rows"
)
check "runs are interleaved, with the floors of what CASES chooses; medians, multiples and missed goals are told" groups

one_case() {
    CASES='lsandbox%.new' RUNS=1 BENCH_OUT=$tmp/bench LSANDBOX_PRIVATE_LIBVIRTD='' scripts/bench &&
        grep -q '"name": "machine: lsandbox.new"' "$tmp/bench.json" && xmllint --noout "$tmp/bench.svg"
}
check "a case that needs no sandbox is measured" one_case
finish
