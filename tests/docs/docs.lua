-- The documentation is complete and current, and its examples do what they say they do.
local tap = require "tap"
local host = require "host"

local top = os.getenv("LSANDBOX_TOP")
package.path = top .. "/tests/docs/?.lua;" .. package.path
local markdown = require "markdown"
local registered = require "registered"

local stub = "docs/lsandbox.lua"
local files = {}
for name in host.capture("ls README.md docs/*.md"):gmatch("%S+") do files[#files + 1] = name end

local function missing(from, to)
  local names = {}
  for name in pairs(from) do
    if not to[name] then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- Both sets are the same; otherwise the check shows what is in one of them only.
local function same(documented, real, what)
  local stale, undocumented = missing(documented, real), missing(real, documented)
  tap.ok(#stale + #undocumented == 0, what, "not there: " .. table.concat(stale, " "),
    "not documented: " .. table.concat(undocumented, " "))
end

local function in_path(command) return host.line("command -v " .. command .. " || true") ~= "" end

-- --- complete and current --------------------------------------------------------------------------------

tap.ok(host.capture("scripts/docs reference " .. stub) == host.read("docs/reference.md"),
  "docs/reference.md is current", "run `make reference`")

for _, file in ipairs(files) do
  local dead = {}
  for _, target in ipairs(markdown.links(file)) do
    local path = (file:match("^.*/") or "") .. target
    if not host.read(path) and host.line("test -d " .. host.quote(path) .. " && echo dir") ~= "dir" then
      dead[#dead + 1] = target
    end
  end
  tap.ok(#dead == 0, file .. ": its links lead somewhere", table.unpack(dead))
end

tap.case("error codes", function()
  local real, documented, typed = {}, {}, {}
  for code in host.read("lsandbox/base/error.h"):gmatch('X%([%u_]+,%s*"([%l-]+)"%)') do real[code] = true end
  for code in pairs(markdown.first_column("docs/errors.md")) do
    if not code:find("^E%u+$") then documented[code] = true end
  end
  for code in host.read(stub):match("@alias lsandbox.Code\n(.-)\n\n"):gmatch('"([%l-]+)"') do typed[code] = true end
  same(documented, real, "docs/errors.md has every code of error.h, and no other")
  real.invalid = nil -- raised, so Lua sees no such code
  same(typed, real, "lsandbox.Code in the stub, too")
end)

tap.case("functions", function()
  same(registered.by_stub(stub), registered.by_module(), "every registered function is in the stub, and no other")
end)

tap.case("an example each", function()
  local without = {}
  for block, name in host.read(stub):gmatch("\n\n(%-%-%-.-)\nfunction ([%w_.:]+)%(") do
    block = block:match("^.*\n\n(.*)$") or block
    if not block:find("```lua", 1, true) and not block:find("See `", 1, true) then without[#without + 1] = name end
  end
  tap.is(table.concat(without, " "), "", "every function has an example, or says whose to see")
end)

tap.case("fields", function()
  for _, pair in ipairs {
    { "Recipe", "lsb_recipe_fields" }, { "ProgramTable", "lsb_program_fields" }, { "Mount", "mount_fields" },
    { "Disk", "disk_fields" }, { "Kernel", "kernel_fields" }, { "Seccomp", "seccomp_fields" },
    { "Security", "security_fields" }, { "Interface", "interface_fields" }, { "Rate", "rate_fields" },
    { "Address", "address_fields" }, { "Route", "route_fields" }, { "Filter", "filter_fields" },
    { "Bandwidth", "bandwidth_fields" }, { "Qemu", "qemu_fields" }, { "Device", "device_fields" },
    { "Graphics", "graphics_fields" },
  } do
    local real = registered.source_fields(pair[2])
    if pair[1] == "Recipe" then real.on = true end -- functions are no data, so the binding takes them out before
    same(registered.stub_fields(stub, pair[1]), real, "the fields of lsandbox." .. pair[1])
  end
  local recipe_page = host.read("docs/recipe.md")
  for _, class in ipairs { "Recipe", "ProgramTable" } do
    local described = {}
    for heading in recipe_page:gmatch("\n### ([^\n]+)") do
      for name in heading:gmatch("[%l_]+") do described[name] = true end
    end
    tap.is(table.concat(missing(registered.stub_fields(stub, class), described), " "), "",
      "docs/recipe.md has a section for every field of lsandbox." .. class)
  end
end)

tap.case("options", function()
  local real, documented = {}, {}
  for option in host.capture("build/lsandbox run --help"):gmatch("%-%-([%l-]+)") do real[option] = true end
  for line in host.read("docs/command.md"):match("\n## Options\n(.-)\n## "):gmatch("\n(%- [^\n]*)") do
    for option in line:gmatch("`%-%-([%l-]+)") do documented[option] = true end
  end
  real.help = nil
  same(documented, real, "docs/command.md has every option of lsandbox run, and no other")
end)

tap.case("man pages", function()
  if not tap.need(in_path("lowdown"), "lowdown", "the man pages") then return end
  local dir = host.line("mktemp -d")
  local out, ok = host.capture("env -u MAKEFLAGS -u MAKELEVEL make -s B=" .. dir .. " docs 2>&1")
  tap.ok(ok and out:gsub("  MAN [^\n]*\n", "") == "", "the man pages build without a word", out)
  for page in host.capture("ls " .. dir .. "/man"):gmatch("%S+") do
    local path = dir .. "/man/" .. page
    local lint = in_path("mandoc") and host.capture("mandoc -Tlint -Wwarning " .. path .. " 2>&1")
      or host.capture("man --warnings -E UTF-8 -l -Tutf8 -Z " .. path .. " 2>&1 >/dev/null")
    tap.is(lint, "", page .. ": no warnings")
  end
  os.execute("rm -rf " .. dir)
end)

-- --- the examples run ------------------------------------------------------------------------------------

local example = require "example"
local container = os.getenv("LSANDBOX_PRIVATE_LIBVIRTD") or os.execute("test -w /run/libvirt/libvirt-sock")
local scratch = host.line("mktemp -d")

local function run_shell(fence)
  local script = scratch .. "/example.sh"
  host.write(script, fence.text)
  local out, ok = host.capture(("cd %s && PATH=%s:$PATH TMPDIR=%s bash -eu %s 2>&1 </dev/null"):format(
    host.quote(top), host.quote(top .. "/build"), scratch, script))
  assert(ok, out)
end

local runners = { lua = example.run, sh = run_shell }
local words = { [""] = true, container = true, machine = true, norun = true }

local function run_fence(fence)
  local run = runners[fence.language]
  if not run or fence.word == "norun" then return end
  local name = ("%s:%d: the example runs"):format(fence.file, fence.line)
  if not words[fence.word] then return tap.ok(false, name, "unknown: ```" .. fence.language .. " " .. fence.word) end
  if fence.word ~= "machine" and not tap.need(container, "no libvirtd for containers", name) then return end
  local ok, why = pcall(run, fence)
  tap.ok(ok, name, why)
  collectgarbage()
end

local only = arg[1] -- a part of a file's name, to run that file's examples alone
for _, file in ipairs(files) do
  for _, fence in ipairs(markdown.fences(file)) do
    if not only or file:find(only, 1, true) then run_fence(fence) end
  end
end
os.execute("rm -rf " .. scratch)

host.mark_own()
collectgarbage()
local left = host.wait_clean(5)
tap.ok(#left == 0, "nothing is left behind", table.unpack(left))
tap.done()
