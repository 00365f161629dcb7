-- Lints over a tree of sources: lua lint.lua ROOT. Each lint is a check, and its findings are printed as
-- file:line: text. Then luacheck and shellcheck run over the scripts. In the end each lint runs over small bad trees
-- (bad.lua), in which it must find what is bad.
local tap, tree, bad = require "tap", require "tree", require "bad"
local root = arg[1] or "."

local lints = {}
for _, module in ipairs { "rooms", "declarations", "layout" } do
  for _, lint in ipairs(require(module)) do lints[#lints + 1] = lint end
end

-- What LINT finds in FILES, one line a finding.
local function findings(lint, files)
  local found = {}
  lint.check(files, function(file, line, text)
    found[#found + 1] = ("%s:%d: %s"):format(file.path, line, text)
  end)
  return found
end

-- Run COMMAND over all files of KIND: it must end with success, and what it prints is shown if it does not.
local function outside(program, command, kind, files)
  local paths = {}
  for _, file in ipairs(files) do
    if file.kind == kind then paths[#paths + 1] = "'" .. file.path .. "'" end
  end
  local name = ("%s finds nothing in %d files"):format(program, #paths)
  if not tap.need(os.execute("command -v " .. program .. " >/dev/null"), program, name) then return end
  local pipe = assert(io.popen(("cd '%s' && %s %s 2>&1"):format(root, command, table.concat(paths, " "))))
  local output = pipe:read("a")
  tap.ok(pipe:close(), name, output)
end

local function check_tree()
  local files = tree.read(root)
  tap.ok(#files > 0, ("%d sources are read"):format(#files))
  for _, lint in ipairs(lints) do
    local found = findings(lint, files)
    tap.ok(#found == 0, lint.name, table.unpack(found))
  end
  outside("luacheck", "luacheck --no-color -q", "lua", files)
  outside("shellcheck", "shellcheck -S warning", "shell", files)
end

-- A lint that finds nothing may be one that cannot find anything.
local function check_lints()
  for _, lint in ipairs(lints) do
    local cases = bad[lint.name] or {}
    tap.ok(#cases > 0, "a bad tree is there for: " .. lint.name)
    for _, case in ipairs(cases) do
      bad.with_tree(case.files, function(bad_root)
        local found = findings(lint, tree.read(bad_root))
        tap.is((found[1] or "nothing"):match("^%S+"), case.finds .. ":", "in a bad tree, " .. case.finds
          .. " breaks: " .. lint.name)
      end)
    end
  end
end

check_tree()
check_lints()
tap.done()
