-- The files of `lsandbox run --trace`, and its line on stderr. The working directory is empty.
local tap = require "tap"
local host = require "host"
local json = require "json"

local command = os.getenv("LSANDBOX_BUILD") .. "/tests/fake-lsandbox run "

-- Stdout and stderr as one, and the status.
local function run(arguments)
  local out, ok, _, code = host.capture("timeout 30 " .. command .. arguments .. " 2>&1")
  return out, ok and 0 or code
end

local function files() return host.capture("ls -A") end

-- --- what is written -------------------------------------------------------------------------------------

local out, status = run "--trace a.json -n one -- sh -c 'echo hi; exit 3'"
tap.is(status, 3, "the status is the program's")
tap.like(out, "^hi\nlsandbox: trace: %d+ ms: [^\n]*%d+[^\n]*\n$", "what the program says, and one line of ours")
tap.is(files(), "a.json\n", "one file")
tap.is(host.line("stat -c %a a.json"), ("%o"):format(tonumber("666", 8) & ~tonumber(host.line("umask"), 8)),
  "its mode is the user's")

local trace = json(host.read("a.json"))
local lanes, spans, process = {}, {}, nil
for _, event in ipairs(trace.traceEvents) do
  if event.ph == "M" and event.name == "thread_name" then lanes[event.tid] = event.args.name end
  if event.ph == "M" and event.name == "process_name" then process = event.args.name end
  if event.ph == "X" then spans[#spans + 1] = event end
end
tap.is(process, "one", "the process is the sandbox")
tap.is(table.concat(lanes, " "), "host libvirt qemu kernel init mounts program end", "the threads are the lanes")

local seen, sound, before = {}, true, 0
for _, span in ipairs(spans) do
  sound = sound and math.type(span.ts) == "integer" and math.type(span.dur) == "integer" and span.ts >= before and
    span.dur >= 0 and lanes[span.tid] == span.cat
  before, seen[span.cat .. " " .. span.name] = span.ts, span
end
tap.ok(sound, "each span is in its thread, and they are in order")
local function after(a, b) return seen[b].ts >= seen[a].ts + seen[a].dur end
tap.ok(after("init ready", "program start") and after("program start", "program run") and
  after("program run", "end hang up"), "the program is between the guest's readiness and the end")

out = run "--trace a.svg -n two -- true"
local svg = host.read("a.svg")
tap.like(out, "^lsandbox: trace: ", "the same line with a picture")
tap.like(svg, '^<svg xmlns="http://www.w3.org/2000/svg".*</svg>\n$', "an SVG")
for _, text in ipairs { ">two: %d+ ms<", ">program<", ">run [%d.]+ ms<", ">ready [%d.]+ ms<" } do
  tap.like(svg, text, "that shows " .. text)
end
tap.ok(not svg:find("href", 1, true) and not svg:find("<script", 1, true), "and fetches nothing")
if tap.need(os.execute("command -v xmllint >/dev/null"), "xmllint", "well-formed XML") then
  tap.is(host.capture("xmllint --noout a.svg 2>&1"), "", "well-formed XML")
end

host.write("a.svg", "old")
tap.is(select(2, run "--trace a.json --trace a.svg -- true"), 0, "the last one counts")
tap.like(host.read("a.svg"), "^<svg", "and takes the place of an old file")

local _, missing = run "--trace a.json -- /no/such/program"
tap.is(missing, 127, "a program that is not there keeps its status")
tap.ok(json(host.read("a.json")).traceEvents, "and has a trace")

-- --- what is refused: nothing runs, nothing is there afterwards ------------------------------------------

local before_refused = files()
local function refused(name, arguments, pattern)
  local said, code = run(arguments .. " -- sh -c 'echo ran >&2; touch ran'")
  tap.is(code, 125, name .. ": status")
  tap.like(said, "^lsandbox: %-%-trace: [^\n]*" .. pattern .. "[^\n]*\n$", name .. ": one line")
  tap.is(files(), before_refused, name .. ": nothing ran, nothing was left")
end

os.execute("mkdir dir.svg && mkfifo pipe.json")
before_refused = files()
refused("another ending", "--trace a.png", 'expected a file name that ends in .svg or .json, got "a.png" %[invalid%]')
refused("no ending", "--trace ''", 'ends in .svg or .json, got ""')
refused("a directory that is not there", "--trace no/a.svg", "no/a.svg: No such file or directory %[ENOENT%]")
refused("a directory in its place", "--trace dir.svg", "dir.svg: Is a directory %[EISDIR%]")
refused("a pipe in its place", "--trace pipe.json", "pipe.json: File exists %[EEXIST%]")
refused("where nobody can write", "--trace /proc/a.json", "/proc/a.json: ")
refused("nothing to trace", "--trace a.json --xml", "start nothing")

tap.done()
