-- Lints on how a C file shows what it is for: a first comment, and a header of its own name for what others call.
local tree = require "tree"

-- Functions that their callers find elsewhere: the program's start, and what the public header declares.
local ELSEWHERE = { main = true, luaopen_lsandbox = true }
-- This library replaces calls of the C library in QEMU, so the C library's headers declare its functions.
local REPLACES_CALLS = "launcher/preload.c"

-- The path of a header's or a C file's pair, without its ending: "lsandbox/base/job" for all of job.c, job.h
-- and job_private.h.
local function stem(file) return (file.path:gsub("%.[ch]$", ""):gsub("_private$", "")) end

-- Whether HEADER is the one for FILE: of its name, or for files_list.c the files.h that all files_*.c share.
local function is_own(header, file)
  return stem(header) == stem(file) or stem(header) == stem(file):match("^(.*)_[^_/]*$")
end

-- Headers that declare a function, by its name: a list of { file, line }.
local function declarations(files)
  local found = {}
  for _, file in ipairs(files) do
    for _, fn in ipairs(file.path:find("%.h$") and tree.below(file, tree.product) and file.functions or {}) do
      if not fn.static and not fn.defined then
        found[fn.name] = found[fn.name] or {}
        table.insert(found[fn.name], { file = file, line = fn.line })
      end
    end
  end
  return found
end

-- FN of FILE is declared in the file's own header and in no other. DECLARED lists the headers that declare it.
local function check_function(file, fn, declared, report)
  local own = false
  for _, one in ipairs(declared) do
    if is_own(one.file, file) then
      own = true
    elseif one.file.path:match("^[^/]+") == file.path:match("^[^/]+") then
      report(one.file, one.line, ("%s() is defined in %s: declare it in that file's own header")
        :format(fn.name, file.path))
    end
  end
  if not own then
    report(file, fn.line, ("%s() is neither static nor declared in %s.h: do the one or the other")
      :format(fn.name, stem(file)))
  end
end

local function own_header(files, report)
  local declared = declarations(files)
  for _, file in ipairs(files) do
    local product = file.path:find("%.c$") and tree.below(file, tree.product) and file.path ~= REPLACES_CALLS
    for _, fn in ipairs(product and file.functions or {}) do
      if fn.defined and not fn.static and not ELSEWHERE[fn.name] then
        check_function(file, fn, declared[fn.name] or {}, report)
      end
    end
  end
end

-- Where a name is searched for, one answer comes.
local function unique(files, report)
  local first = {}
  for _, file in ipairs(files) do
    for _, fn in ipairs(tree.below(file, tree.product) and file.functions or {}) do
      local other = fn.defined and fn.name ~= "main" and first[fn.name]
      if other and other ~= file.path then
        report(file, fn.line, ("%s() is defined in %s, too: give one of them a more specific name")
          :format(fn.name, other))
      end
      if fn.defined then first[fn.name] = first[fn.name] or file.path end
    end
  end
end

local function first_comment(files, report)
  for _, file in ipairs(files) do
    local first = file.kind == "c" and file.comments[1]
    if file.kind == "c" and not (first and file.text:find("^%s*/[/%*]")) then
      report(file, 1, "begins with no comment: say in one sentence what the file is about")
    elseif first and (first.text:find("TODO", 1, true) or not first.text:find("%a+%s+%a+")) then
      report(file, first.line, "begins with a comment that says nothing: write one sentence on what the file is about")
    end
  end
end

return {
  { name = "what other files call is declared in the header of its file's name", check = own_header },
  { name = "a function's name is defined in one file only", check = unique },
  { name = "each C file begins with a comment that says what it is about", check = first_comment },
}
