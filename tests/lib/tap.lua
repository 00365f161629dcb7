-- A small TAP producer (testanything.org). Every test file ends with tap.done().
local tap = { count = 0, failed = 0 }

-- The names of the cases that run now, the outermost first.
local cases = {}

local function show(v)
  if type(v) == "string" then
    return #v > 200 and string.format("%q... (%d bytes)", v:sub(1, 200), #v) or string.format("%q", v)
  end
  return tostring(v)
end

-- Where the check stands in the test: the first caller outside of this file.
local function place()
  local level = 3
  while debug.getinfo(level, "S").short_src:match("tap%.lua$") do level = level + 1 end
  local info = debug.getinfo(level, "Sl")
  return info.short_src .. ":" .. info.currentline
end

-- The name of a check with that of its case in front: "case: check".
local function full_name(name) return table.concat(cases, ": ") .. (#cases > 0 and ": " or "") .. name end

-- A check with NAME; what follows the name is shown when PASSED is false.
function tap.ok(passed, name, ...)
  tap.count = tap.count + 1
  if not passed then tap.failed = tap.failed + 1 end
  print((passed and "ok " or "not ok ") .. tap.count .. " - " .. full_name(name))
  if not passed then
    print("#   at " .. place())
    for _, line in ipairs { ... } do print("#   " .. tostring(line):gsub("\n", "\n#   ")) end
  end
  io.stdout:flush()
  return passed
end

function tap.is(got, expected, name)
  return tap.ok(got == expected, name, "expected: " .. show(expected), "     got: " .. show(got))
end

function tap.like(got, pattern, name)
  return tap.ok(type(got) == "string" and got:find(pattern) ~= nil, name, "pattern: " .. pattern,
    "    got: " .. show(got))
end

-- WHAT is a prerequisite of the check with NAME. Where it is missing, the check is skipped on a developer's machine and
-- fails in CI, and the result is false or nil.
function tap.need(present, what, name)
  if present then return true end
  if os.getenv("CI") == "true" then
    return tap.ok(false, name, "missing in CI: " .. what) and nil
  end
  tap.count = tap.count + 1
  print("ok " .. tap.count .. " - " .. full_name(name) .. " # SKIP " .. what)
  return false
end

function tap.skip_all(why)
  if os.getenv("CI") == "true" then
    print("1..1\nnot ok 1 - must not be skipped in CI: " .. why)
    os.exit(1)
  end
  print("1..0 # SKIP " .. why)
  os.exit(0)
end

function tap.note(text) print("# " .. tostring(text):gsub("\n", "\n# ")) end

function tap.done()
  print("1.." .. tap.count)
  os.exit(tap.failed == 0 and 0 or 1, true)
end

-- Run FN, the case with NAME. Its checks have the case's name in front, and an error in it is a failure of the case and
-- not the end of the file.
function tap.case(name, fn, ...)
  cases[#cases + 1] = name
  local passed, why = xpcall(fn, debug.traceback, ...)
  if not passed then tap.ok(false, "runs without an error", why) end
  cases[#cases] = nil
end

return tap
