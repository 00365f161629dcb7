-- Run the conformance suite on one kind: run.lua machine|container|session [PART OF A NAME]
-- LSANDBOX_START makes machines start in one way (ways.lua), and LSANDBOX_PART=some runs a few cases on one sandbox.
local tap = require "tap"
local host = require "host"

local kinds = {
  machine = { uri = "qemu:///embed", machine = true },
  session = { uri = "qemu:///session", machine = true },
  container = { uri = "lxc:///" },
}
local kind = assert(kinds[arg[1]], "expected machine, session or container")
local lsandbox = require "lsandbox"
local ways = arg[1] == "machine" and require "ways" -- before any case keeps a function of the module
local only = arg[2]

local function matching(name) return not only or name:find(only, 1, true) end

-- Cases that do not depend on the user are run again over qemu:///session in the long version only.
local shared = { "cases", "tasks", "terminal", "files" }
local own = { "recipes", "life", "names", "hostroot", "snapshots", "mounts", "images", "network", "identity", "limits",
  "passthrough", "templates", "pool" }
if arg[1] == "session" and os.getenv("LSANDBOX_CHECK") ~= "all" then
  shared, own = { "cases" }, { "recipes", "mounts", "images", "network", "identity" }
end

local step = 1
if os.getenv("LSANDBOX_PART") == "some" then shared, own, step = { "cases" }, {}, 4 end
if ways then ways.prepare(tap, kind) end

-- The cases that can share a sandbox. When it does not start there is no second try, because that would hide the fault.
do
  local sb <close> = assert(lsandbox.start { connect = kind.uri })
  host.mark_own()
  assert(sb:exec { "true" }) -- the timeline is about the first program, so that must be one that starts
  for _, name in ipairs(shared) do
    for i, case in ipairs(require(name)) do
      if matching(case.name) and i % step == 0 then tap.case(case.name, case.fn, tap, sb, kind) end
    end
  end
  tap.is(sb:state(), "running", "the sandbox still runs after all of that")
end

for _, name in ipairs(own) do
  for _, case in ipairs(require(name)) do
    if matching(case.name) then tap.case(case.name, case.fn, tap, kind) end
  end
end

if ways then ways.finish(tap) end
collectgarbage()
local left = host.wait_clean(3)
tap.ok(#left == 0, "nothing is left behind", table.unpack(left))
tap.done()
