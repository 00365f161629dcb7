-- report.lua FILE: write the measured rows, and on which host they were measured, to one JSON file. Fails when a row
-- failed.
local json = require "json"

local function line_of(command)
  local p <close> = assert(io.popen(command))
  return p:read("l")
end

local rows, failed = {}, false
for line in io.lines(assert(os.getenv "BENCH_ROWS")) do
  local row = json(line)
  rows[#rows + 1] = line
  failed = failed or row.failed
end
local about = {
  cores = tonumber(line_of "nproc"), processor = line_of "sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1",
  qemu = line_of "qemu-system-x86_64 --version":match("version ([%d.]+)"), kernel = line_of "uname -r",
  N = tonumber(os.getenv "N"), RUNS = tonumber(os.getenv "RUNS"), cases = os.getenv "CASES",
  date = os.date("!%Y-%m-%d"), commit = line_of "git describe --always --dirty 2>/dev/null || echo unknown",
}
local out <close> = assert(io.open(arg[1], "w"))
out:write('{"about": ', json.encode(about), ',\n"rows": [\n', table.concat(rows, ",\n"), "\n]}\n")
os.exit(not failed, true)
