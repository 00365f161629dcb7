-- Every row of the files named in arg is refused by lsandbox.new, or the function of the module that it names, with
-- exactly its message, before anything is asked of libvirt, and leaves nothing behind. A row is { recipe, message,
-- by = "new" }; message nil: the recipe is right. Rows that hold for containers only, or machines only, say so by their
-- recipe's connect.
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
