-- Lints on the look of sources: what clang-format breaks when it takes C for C++, long lines and long files.
local tree = require "tree"

-- The formatter takes a file with one of these names for C++ and then breaks what follows.
local KEYWORDS = {}
for word in ([[catch class delete explicit export friend mutable namespace new operator private protected public
               template this throw try typename using virtual]]):gmatch("%a+") do KEYWORDS[word] = true end

local function each_line(code, fn)
  local number = 0
  for line in (code .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    fn(line, number)
  end
end

local function keywords(files, report)
  for _, file in ipairs(files) do
    each_line(file.code or "", function(line, number)
      for word in line:gmatch("[%a_][%w_]*") do
        if KEYWORDS[word] and not line:find("^%s*#%s*include") then
          report(file, number, ("`%s` is a keyword of C++: give the name another word"):format(word))
        end
      end
    end)
  end
end

local function operators(files, report)
  for _, file in ipairs(files) do
    each_line(file.code or "", function(line, number)
      if (line .. " "):find("[%w_%)%]] %+%+[^%w_%(%*]") or (line .. " "):find("[%w_%)%]] %-%-[^%w_%(%*]") then
        report(file, number, "a space before `++` or `--`: write `x++`, `x--`")
      end
      if line:find("G_DEFINE_QUARK%s*%([^,]*%s%-") or line:find("G_DEFINE_QUARK%s*%([^,]*%-%s") then
        report(file, number, "spaces around a `-` in G_DEFINE_QUARK become part of the name at run time: remove them")
      end
    end)
  end
end

local function comments(files, report)
  for _, file in ipairs(files) do
    for _, comment in ipairs(file.comments or {}) do
      local first, rest = comment.text:match("^/%*+([^\n]*)\n(.*)$")
      local banner = comment.text:find("^/%*+%s*%-%-%-")
      if banner and (first or not comment.text:find("%-%-%- %*/$")) then
        report(file, comment.line, "a section's banner must be one line: /* --- name --- */")
      elseif first and first:find("%S") and rest:find("\n?%s*%*/$") and not rest:find("%S[^\n]-%*/$") then
        report(file, comment.line, "the comment begins with text and ends in a lone `*/`: "
          .. "put `*/` behind the last word, or begin with a lone `/*`")
      end
    end
  end
end

-- Tests hold long tables and messages, also those in C.
local WIDTH = { c = 100, lua = 120, shell = 120 }

local function most_columns(file) return file.path:find("^tests/") and 120 or WIDTH[file.kind] end

-- An annotation for editors, as in docs/lsandbox.lua, cannot be broken over two lines.
local function is_annotation(line) return line:find("^%s*%-%-%-@") ~= nil end

local function width(files, report)
  for _, file in ipairs(files) do
    for number, line in ipairs(file.lines) do
      local columns = utf8.len(line) or #line
      if columns > most_columns(file) and not is_annotation(line) then
        report(file, number, ("%d columns, and a %s file here has at most %d: break the line"):format(columns,
          file.kind, most_columns(file)))
      end
    end
  end
end

-- A test is a list of cases that are read one by one, so its file may be longer.
local LINES, LINES_OF_TEST = 500, 600

local function length(files, report)
  for _, file in ipairs(files) do
    local limit = tree.below(file, tree.product) and LINES or LINES_OF_TEST
    if file.path:find("%.c$") and #file.lines > limit then
      report(file, limit + 1, ("%d lines, and a C file here has at most %d: split it by what its parts are about")
        :format(#file.lines, limit))
    end
  end
end

return {
  { name = "no name in C is a keyword of C++", check = keywords },
  { name = "no space is before ++ and --, nor inside a quark's name", check = operators },
  { name = "comments and banners are whole", check = comments },
  { name = "lines are at most 100 columns wide in C, 120 in Lua, shell and tests", check = width },
  { name = "C files have at most 500 lines, those of tests 600", check = length },
}
