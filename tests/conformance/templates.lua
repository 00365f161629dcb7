-- Machines from one template. Each must have its own identity, clock and random numbers, and every field of the recipe
-- that is not in the template. All checks share one shape of machine, so it is booted once.
local helpers = require "helpers"
local host = require "host"

local start = helpers.start
local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

local function mac(n) return ("52:54:00:00:aa:%02x"):format(n) end

local function recipe(dir, n)
  return { vcpus = 2, hostname = "clone" .. n, root_mode = "overlay", template = n > 1 and "require" or nil,
    mounts = { { type = "bind", source = dir, target = "/mnt", readonly = false },
      { type = "ram", target = "/srv", size = "8M" } },
    network = { type = "user", mac = mac(n) } }
end

-- The template is published while the machine that it was made from runs.
local function clone(kind, dir, n)
  local sb = start(kind, recipe(dir, n))
  for _ = 1, 3 do
    if sb:info().start == "template" then break end
    sb:close()
    sb = start(kind, recipe(dir, n))
  end
  return sb
end

-- Values that would be the same in two machines with the same random state. The first program's come first.
local function secrets(sb)
  local text = assert(sb:run { "cat", "/proc/self/maps", "/proc/sys/kernel/random/uuid",
    "/proc/sys/kernel/random/boot_id", "/etc/machine-id", "/sys/devices/virtual/dmi/id/product_uuid" }).stdout
  local other = assert(sb:run { "taskset", "-c", "1", "cat", "/proc/self/maps" }).stdout
  local found = { program = text:match("^%x+"), stack = text:match("(%x+)[^\n]*%[stack%]"),
    heap = text:match("(%x+)[^\n]*%[heap%]"),
    library = text:match("(%x+)%-[^\n]*/libc%."), ["program on the other processor"] = other:match("^%x+"),
    ["stack on the other processor"] = other:match("(%x+)[^\n]*%[stack%]"),
    urandom = assert(sb:run { "head", "-c", "16", "/dev/urandom" }).stdout }
  local ids = { "uuid", "boot id", "machine id", "product id" }
  for id in text:gmatch("\n(%x[%x-]+)%f[\n]") do found[table.remove(ids, 1)] = id end
  return found
end

-- The error of the guest's clock in ms, and how exact that is. A file made inside gets the time of the host's last
-- tick, and a tick is usually 4 ms long.
local function clock_error(sb, dir)
  local script = "for i in 1 2 3 4 5 6; do a=$EPOCHREALTIME; : > /mnt/$i; b=$EPOCHREALTIME; echo $i $a $b; done"
  local best, error = math.huge, nil
  for i, a, b in assert(sb:run { "bash", "-c", script }).stdout:gmatch("(%d+) (%S+) (%S+)\n") do
    local took = (b - a) * 1000
    if took < best then
      best, error = took, ((a + b) / 2 - host.line(("stat -c %%.9Y %s/%s"):format(dir, i))) * 1000
    end
  end
  assert(sb:run { "bash", "-c", "rm /mnt/?" })
  return error, best / 2 + 4
end

local function check_clock(t, sb, dir, what)
  local error, doubt = clock_error(sb, dir)
  t.ok(math.abs(error) <= 10 + doubt, what .. ": its clock is right within 10 ms",
    ("off by %.1f ms, give or take %.1f"):format(error, doubt))
end

local function check_rest(t, sb, n)
  local text = assert(sb:run { "bash", "-c", [[echo "$HOSTNAME"; cat /sys/class/net/eth0/address; nproc
    grep -c 0202000A /proc/net/route; echo kept > /srv/x && cat /srv/x]] }).stdout
  t.is(text, ("clone%d\n%s\n2\n1\nkept\n"):format(n, mac(n)),
    "clone " .. n .. ": its host name, MAC address, processors, route and memory filesystem")
  t.is(assert(sb:run { "sh", "-c", "echo own > /usr/share/lsb-own && cat /usr/share/lsb-own", user = "root" }).stdout,
    "own\n", "clone " .. n .. ": its root is an overlay")
end

case("template: identity, clock and network of each clone", function(t, kind)
  if kind.uri ~= "qemu:///embed" then return end
  helpers.scratch(function(dir)
    os.execute("chmod 0777 " .. dir)
    local seen = {}
    local first <close> = start(kind, recipe(dir, 1))
    check_clock(t, first, dir, "the first")
    for name, value in pairs(secrets(first)) do seen[name] = { [value] = true } end
    for n = 2, 3 do
      local sb <close> = clone(kind, dir, n)
      t.is(sb:info().start, "template", "clone " .. n .. " is from a template")
      for name, value in pairs(secrets(sb)) do
        t.ok(seen[name] and not seen[name][value], ("clone %d: %s is its own"):format(n, name), value)
        seen[name][value] = true
      end
      check_clock(t, sb, dir, "clone " .. n)
      check_rest(t, sb, n)
    end
  end)
end)

-- QEMU 10 loads a periodic HPET wrongly when its tick has just come due (lsandbox/domain/xml/kernelcmdline.c).
case("template: the timer has no period when init runs", function(t, kind)
  if kind.uri ~= "qemu:///embed" then return end
  local sb <close> = start(kind, { template = "off" })
  if sb:info().accel ~= "tcg" then return end
  local config = sb:qemu_monitor("xp /1wx 0xfed00100", { hmp = true }):match(": (0x%x+)")
  t.is(tonumber(config) & 0xc, 4, "the HPET's first timer is on, for one event at a time")
end)

return cases
