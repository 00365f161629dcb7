-- A small TAP producer (testanything.org). Every test file ends with tap.done().
local tap = { count = 0, failed = 0 }

local function show(v)
  if type(v) == "string" then
    return #v > 200 and string.format("%q... (%d bytes)", v:sub(1, 200), #v) or string.format("%q", v)
  end
  return tostring(v)
end

function tap.ok(passed, name, ...)
  tap.count = tap.count + 1
  if not passed then tap.failed = tap.failed + 1 end
  print((passed and "ok " or "not ok ") .. tap.count .. " - " .. name)
  if not passed then
    local info = debug.getinfo(2, "Sl")
    if info.short_src:match("tap%.lua$") then info = debug.getinfo(3, "Sl") end
    print("#   at " .. info.short_src .. ":" .. info.currentline)
    for _, line in ipairs { ... } do print("#   " .. tostring(line):gsub("\n", "\n#   ")) end
  end
  io.stdout:flush()
  return passed
end

function tap.is(got, expected, name)
  return tap.ok(got == expected, name, "expected: " .. show(expected), "     got: " .. show(got))
end

function tap.like(got, pattern, name)
  return tap.ok(type(got) == "string" and got:find(pattern) ~= nil, name, "pattern: " .. pattern, "    got: " .. show(got))
end

-- A missing prerequisite: skips on a developer's machine, fails in CI.
function tap.need(present, what, name)
  if present then return true end
  if os.getenv("CI") == "true" then
    return tap.ok(false, name, "missing in CI: " .. what) and nil
  end
  tap.count = tap.count + 1
  print("ok " .. tap.count .. " - " .. name .. " # SKIP " .. what)
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

-- Run a group of checks so that an error in it is a failure of the group and not the end of the file.
function tap.group(name, fn, ...)
  local passed, why = xpcall(fn, debug.traceback, ...)
  if not passed then tap.ok(false, name, why) end
end

return tap
