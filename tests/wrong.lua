-- Wrong recipes. Each row of the files named in arg is refused with exactly its message, before lsandbox asks libvirt
-- anything, and leaves nothing behind. A row is { recipe, message, by = "new" }: `by` names the function of the module
-- to call, and a message of nil means that the recipe is right. A row for containers or machines only sets `connect`
-- in its recipe.
local tap = require "tap"
local host = require "host"
local lsandbox = require "lsandbox"

host.mark_own()
local libvirt_drivers = "libvirt_driver_%w+%.so"

local function message_of(recipe, by)
  local ok, why = pcall(lsandbox[by or "new"], recipe)
  if ok then why:close() return nil end
  return tostring(why)
end

local rows = 0
for _, file in ipairs(arg) do
  local area = file:match("([^/]+)%.lua$")
  local wrong = 0
  for i, row in ipairs(dofile(file)) do
    rows = rows + 1
    local got = message_of(row[1], row.by)
    if got ~= row[2] then
      wrong = wrong + 1
      tap.is(got, row[2], ("%s[%d]"):format(area, i))
    end
  end
  tap.is(wrong, 0, area .. ": every row has its message")
end
tap.note(rows .. " rows")
tap.ok(not host.read("/proc/self/maps"):find(libvirt_drivers), "libvirt was not asked")
local left = host.wait_clean(3)
tap.ok(#left == 0, "nothing is left behind", table.unpack(left))
tap.done()
