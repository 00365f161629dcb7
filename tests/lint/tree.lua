-- A tree of sources as the lints see it: its files by kind, and C split into code and comments.
local tree = {}

-- The lines of TEXT, without their ends.
local function lines_of(text)
  local lines = {}
  for line in (text:gsub("\n?$", "\n")):gmatch("(.-)\n") do lines[#lines + 1] = line end
  return lines
end

-- TEXT with a space for each character but the ends of lines, so that line numbers stay.
local function blank(text) return (text:gsub("[^\n]", " ")) end

-- Where the string or character that begins at FROM with QUOTE ends.
local function end_of_string(text, from, quote)
  local at = from + 1
  while true do
    local found = text:find('[\\\n' .. quote .. ']', at)
    if not found then return #text end
    if text:sub(found, found) ~= "\\" then return found end
    at = found + 2
  end
end

-- Split C: the code with strings and comments blanked, and the comments with their first lines.
local function split_c(text)
  local code, comments = {}, {}
  local at, line = 1, 1
  local function count(piece) line = line + select(2, piece:gsub("\n", "")) end
  while true do
    local start = text:find('["\'/]', at)
    if not start then break end
    local plain, mark = text:sub(at, start - 1), text:sub(start, start + 1)
    code[#code + 1] = plain
    count(plain)
    local stop = start
    if mark == "/*" then
      stop = select(2, text:find("*/", start + 2, true)) or #text
      comments[#comments + 1] = { line = line, text = text:sub(start, stop) }
    elseif mark == "//" then
      stop = (text:find("\n", start, true) or #text + 1) - 1
      comments[#comments + 1] = { line = line, text = text:sub(start, stop) }
    elseif mark:sub(1, 1) ~= "/" then
      stop = end_of_string(text, start, mark:sub(1, 1))
    end
    local piece = text:sub(start, stop)
    code[#code + 1] = mark:sub(1, 1) == "/" and #piece == 1 and piece or blank(piece)
    count(piece)
    at = stop + 1
  end
  code[#code + 1] = text:sub(at)
  return table.concat(code), comments
end

-- CODE without its preprocessor directives.
local function without_directives(code)
  local continued = false
  return (code:gsub("[^\n]*", function(line)
    local directive = continued or line:find("^%s*#") ~= nil
    continued = directive and line:sub(-1) == "\\"
    return directive and blank(line) or nil
  end))
end

-- What stands before a `{` or a `;` at the outermost level, with its first line: { text, line, ends_in }.
local function statements(code)
  local found, depth, line = {}, 0, 1
  local start, start_line = 1, nil
  for at, char in code:gmatch("()([\n;{}])") do
    if not start_line then
      local first = code:find("%S", start)
      if first and first <= at and char ~= "\n" or first and first < at then start_line = line end
    end
    if char == "\n" then
      line = line + 1
    else
      if depth == 0 and char ~= "}" then
        found[#found + 1] = { text = code:sub(start, at - 1), line = start_line or line, ends_in = char }
      end
      if char == "{" then depth = depth + 1 elseif char == "}" then depth = math.max(0, depth - 1) end
      if depth == 0 then start, start_line = at + 1, nil end
    end
  end
  return found
end

-- The function that STATEMENT declares or defines, or nil, and whether it is static.
local function function_in(statement)
  local text = statement.text:gsub("__attribute__%s*%b()", ""):gsub("G_DEFINE[%w_]*%s*%b()", "")
  text = text:gsub("G_GNUC_[%u_]+%s*%b()", ""):gsub("_Static_assert%s*%b()", "")
  if text:find("=", 1, true) or text:find("^%s*typedef%f[^%w_]") then return nil end
  local name = text:match("[%w_%*]%s+%**([%a_][%w_]*)%s*%(")
  return name, text:find("%f[%w_]static%f[^%w_]") ~= nil
end

-- Functions of a C file: { name, line, static, defined } in their order.
local function functions_of(file)
  local found = {}
  for _, statement in ipairs(statements(without_directives(file.code))) do
    local name, static = function_in(statement)
    if name then
      found[#found + 1] = { name = name, line = statement.line, static = static, defined = statement.ends_in == "{" }
    end
  end
  return found
end

-- What a C file includes: { path, line, quoted } in their order.
local function includes_of(file)
  local found = {}
  for number, line in ipairs(file.lines) do
    local open, path = line:match('^%s*#%s*include%s*([<"])([^>"]+)')
    if path then found[#found + 1] = { path = path, line = number, quoted = open == '"' } end
  end
  return found
end

local function read(path)
  local f = assert(io.open(path, "rb"))
  local text = f:read("a")
  f:close()
  return text
end

-- "c", "lua" or "shell", by name and else by the first line; nil for another file.
local function kind_of(path, text)
  if path:find("%.[ch]$") then return "c" end
  if path:find("%.lua$") or path:find("%.rockspec$") then return "lua" end
  local interpreter = text:match("^#![^\n]*") or ""
  if interpreter:find("[/ ]lua") then return "lua" end
  if path:find("%.sh$") or interpreter:find("[/ ]b?a?sh%f[^%w]") then return "shell" end
end

local function new_file(root, path)
  local text = read(root .. "/" .. path)
  local file = { path = path, text = text, kind = kind_of(path, text), lines = lines_of(text) }
  file.folder, file.name = path:match("^(.-)/?([^/]*)$")
  if file.kind == "c" then
    file.code, file.comments = split_c(text)
    file.functions, file.includes = functions_of(file), includes_of(file)
  end
  return file
end

-- All sources below the folder ROOT, in the order of their paths. What the build makes is left out.
function tree.read(root)
  local list = {}
  local find = [[cd '%s' && find . -path ./build -prune -o -name .git -prune -o -type f -print | LC_ALL=C sort]]
  local names = assert(io.popen(find:format(root)))
  for name in names:lines() do
    local file = new_file(root, (name:gsub("^%./", "")))
    if file.kind then list[#list + 1] = file end
  end
  names:close()
  return list
end

-- Whether FILE lies below one of the folders that PARTS names.
function tree.below(file, parts)
  for _, part in ipairs(parts) do
    if file.path:sub(1, #part + 1) == part .. "/" then return true end
  end
  return false
end

-- The folders of what is installed, as against tests.
tree.product = { "lsandbox", "runtime", "guest-init", "launcher", "shared" }

return tree
