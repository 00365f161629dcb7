-- Shared by the rows about templates: whether this build has templates, and a template made before the measuring
-- starts.
local process = require "process"
local run = require "run"
local templates = {}
local LIMIT = 60 -- seconds that publishing may take in the background

local known

--- Why there is nothing to measure; nil where there is.
function templates.missing()
  if known == nil then known = run.knows "--template" end
  return not known and "not built" or nil
end

--- The command of a cold start.
function templates.cold(...)
  if templates.missing() then return "build/lsandbox", "run", "--accel", "tcg", ... end
  return "build/lsandbox", "run", "--accel", "tcg", "--template=off", ...
end

--- The command of a start from a template, which fails where there is none.
function templates.command(...) return "build/lsandbox", "run", "--accel", "tcg", "--template=require", ... end

local made

--- Have the template made: a first run makes it on its way, and publishes it when the run has ended.
function templates.make()
  if made then return end
  run.seconds("build/lsandbox", "run", "--accel", "tcg", "--", "/bin/true")
  for _ = 1, LIMIT do
    made = pcall(run.seconds, templates.command("--", "/bin/true"))
    if made then return end
    process.wait(process.spawn { "sleep", "1" }, 2)
  end
  error("no template after " .. LIMIT .. " s", 0)
end

return templates
