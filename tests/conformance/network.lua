-- No network, user networking, name servers and host names. Cases that need interfaces of the host are in
-- tests/network.t.
local helpers = require "helpers"
local host = require "host"

local start = helpers.start
local cases = {}
local function case(name, fn) cases[#cases + 1] = { name = name, fn = fn } end

local function output(sb, script) return assert(sb:run { "bash", "-c", script }).stdout end

case("network: name servers and host names of its own", function(t, kind)
  local before = host.read("/etc/hosts")
  local sb <close> = start(kind,
    { hostname = "workshop", dns = { "192.0.2.53", "2001:db8::53", search = { "a.test", "b.test" } },
    hosts = { alpha = "192.0.2.1", ["beta.a.test"] = "2001:db8::2" }, network = kind.machine and {
      type = "user", mac = "52:54:00:0a:0b:0c", mtu = 1400 } or nil })
  t.is(output(sb, "cat /etc/resolv.conf"), "search a.test b.test\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n"
    .. (kind.machine and "nameserver 10.0.2.3\n" or ""), "resolv.conf")
  t.like(output(sb, "getent hosts alpha"), "^192%.0%.2%.1%s+alpha", "a host's name")
  t.like(output(sb, "getent ahosts beta.a.test"), "^2001:db8::2", "by IPv6")
  t.like(output(sb, "getent hosts workshop localhost"), "workshop.*localhost", "its own name and localhost")
  t.ok(not assert(sb:run { "bash", "-c", "echo x > /etc/resolv.conf" }).ok, "a user cannot change them")
  t.is(host.read("/etc/hosts"), before, "the host's are as they were")
  if not kind.machine then return end
  local text = output(sb,
    "cat /sys/class/net/eth0/{address,mtu} /proc/net/route; cat /proc/net/if_inet6; ls /sys/class/net")
  t.like(text, "^52:54:00:0a:0b:0c\n1400\n", "MAC address and MTU")
  t.like(text, "eth0\t00000000\t0202000A\t", "the default route is 10.0.2.2")
  t.ok(not text:find("fec0", 1, true), "no address that a router advertises")
  t.like(text, "eth0\nlo\n$", "and no other interface")
end)

-- The root's /etc/hosts names the host, so `getent hosts $(hostname)` and `hostname -f` failed in every sandbox.
case("network: the sandbox's own name resolves", function(t, kind)
  local before, own = host.read("/etc/hosts"), "getent hosts $(hostname) && hostname -f && hostname -s"
  do
    local sb <close> = start(kind, { hostname = "lsb-box", domainname = "lab.test", user = "root" })
    t.is(output(sb, own):gsub(" +", " "), "127.0.1.1 lsb-box.lab.test lsb-box\nlsb-box.lab.test\nlsb-box\n",
      "without a network, with a domain name")
    t.is(output(sb, "head -c " .. #before .. " /etc/hosts"), before, "the names of the root's file stay")
    t.is(output(sb, "echo 192.0.2.9 later >> /etc/hosts && getent hosts later"):gsub(" +", " "), "192.0.2.9 later\n",
      "root inside may add names")
  end
  do
    local sb <close> = start(kind, { hostname = "lsb-box.lab.test", hosts = { db = "192.0.2.7" }, user = "root" })
    t.is(output(sb, own):gsub(" +", " "), "127.0.1.1 lsb-box.lab.test lsb-box\nlsb-box.lab.test\nlsb-box\n",
      "beside hosts, by a full name")
  end
  if kind.machine then
    local sb <close> = start(kind, { root_mode = "overlay", user = "root", privileged = true })
    t.is(output(sb, "getent hosts sandbox && sed -i s/127.0.1.1/127.0.1.2/ /etc/hosts && getent hosts sandbox")
      :gsub(" +", " "), "127.0.1.1 sandbox\n127.0.1.2 sandbox\n", "a writable root has the file, which may be replaced")
  end
  t.is(host.read("/etc/hosts"), before, "the host's is as it was")
end)

case("network: user networking reaches the host's network, by DHCP too", function(t, kind)
  if not kind.machine then return end
  local port, stop = helpers.serve_hello()
  local sb <close> = start(kind, { network = { type = "user", dhcp = true } })
  local text = output(sb, "cat /proc/net/route /etc/resolv.conf")
  t.like(text, "eth0\t00000000\t0202000A\t", "the lease's router")
  t.like(text, "nameserver 10%.0%.2%.3\n", "and name server")
  t.is(output(sb, "cat < /dev/tcp/10.0.2.2/" .. port), "hello\n", "the host's loopback is 10.0.2.2")
  stop()
end)

return cases
