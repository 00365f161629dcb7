-- Networks by their effect: bridges, DHCP, filters and bandwidth between sandboxes; and nothing is left of them.
-- tests/network.t runs this in the network that tests/lib/netns makes.
local tap = require "tap"
local helpers = require "helpers"
local host = require "host"
local lsandbox = require "lsandbox"

do local _ <close> = assert(lsandbox.connect "lxc:///") end -- makes this process's run directory
host.mark_own()
local kinds = {
  { name = "container", uri = "lxc:///", system = "lxc:///" },
  { name = "machine", uri = "qemu:///embed", system = "qemu:///system" },
}
local only = arg[1]

local function output(sb, script) return assert(sb:run { "bash", "-c", script }).stdout end

-- Whether a TCP connection to a port succeeds. bash(1), REDIRECTION: /dev/tcp/host/port
local function reaches(sb, where, seconds)
  return assert(sb:run { "timeout", tostring(seconds or 5), "bash", "-c", "exec 3<>/dev/tcp/" .. where }).ok
end

-- A server on the host that sends BYTES to each client.
local function serve(port, bytes)
  local script = [[use IO::Socket::INET;
    my $s = IO::Socket::INET->new(LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die;
    $SIG{PIPE} = "IGNORE"; $| = 1; print "$$\n";
    while (my $c = $s->accept) { print $c "x" x $ARGV[1]; close $c }]]
  local f = assert(io.popen(("exec perl -e %s %d %d"):format(host.quote(script), port, bytes)))
  local pid = f:read("l")
  return function() os.execute("kill " .. pid) f:close() end
end

-- Interfaces of the host, and rules, that a sandbox may leave.
local function left()
  return host.capture("ip -o link | grep -oE '(vnet|lsb[0-9a-f]{8})[^:@]*'; "
    .. "iptables-save | grep -E '^-A .*(vnet|lsb[0-9a-f]{8})'; ebtables -t nat -L | grep -E 'vnet|lsb[0-9a-f]{8}'")
end

local function check_nothing_left(what)
  local deadline = os.time() + 10
  while left() ~= "" and os.time() < deadline do host.capture("sleep 0.05") end
  tap.is(left(), "", what)
end

local function static(kind)
  local sb <close> = assert(lsandbox.start { connect = kind.uri, network = {
    { type = "bridge", source = "lsbr0", mac = "52:54:00:aa:bb:01", mtu = 1450, gateway = "192.168.77.1",
      addresses = { "192.168.77.21/24", "fd77::21/64",
        { address = "10.11.12.13", prefix = 28, broadcast = "10.11.12.12" } },
      routes = { { to = "10.99.0.0/16", via = "192.168.77.9" }, { to = "10.98.0.0/16" },
        { to = "default", via = "fd77::1" }, { to = "fd99::/16", via = "fd77::1" } },
      bandwidth = { inbound = { average = "1M", burst = "64K" }, outbound = { average = "2M" } } },
    { type = "bridge", source = "lsbr0", mac = "52:54:00:aa:bb:00", dhcp = false },
  } })
  local addresses = output(sb, "ip address show eth0; ip link show eth1; ip -6 address show eth1")
  for _, pattern in ipairs { "eth0.* mtu 1450 ", "52:54:00:aa:bb:01", "inet 192.168.77.21/24 brd 192.168.77.255 ",
    "inet 10.11.12.13/28 brd 10.11.12.12 ", "inet6 fd77::21/64 ", "eth1.*52:54:00:aa:bb:00" } do
    tap.like(addresses, (pattern:gsub("[-]", "%%-")), "" .. pattern)
  end
  local routes = output(sb, "ip route; ip -6 route")
  for _, route in ipairs { "default via 192.168.77.1 dev eth0", "10.99.0.0/16 via 192.168.77.9 dev eth0",
    "10.98.0.0/16 dev eth0", "default via fd77::1 dev eth0", "fd99::/16 via fd77::1 dev eth0" } do
    tap.ok(routes:find(route, 1, true), "route " .. route, routes)
  end
  tap.ok(reaches(sb, "192.168.77.1/53"), "reaches a server by IPv4")
  tap.ok(reaches(sb, "fd77::1/53"), "and by IPv6")
  tap.ok(not reaches(sb, "192.168.77.1/54"), "a port where nobody listens refuses")
  local r = assert(sb:run { "ip", "link", "set", "eth0", "down" })
  tap.ok(not r.ok, "a program has no power over the interface")

  local size = 3000000
  local _ <close> = setmetatable({}, { __close = serve(7001, size) })
  local function seconds(who)
    local start = tonumber(host.line("date +%s.%N"))
    tap.is(output(who, "cat < /dev/tcp/192.168.77.1/7001 | wc -c"), size .. "\n", "3 MB arrive")
    return tonumber(host.line("date +%s.%N")) - start
  end
  local limited = seconds(sb)
  local free <close> = assert(lsandbox.start { connect = "lxc:///",
    network = { type = "bridge", source = "lsbr0", addresses = { "192.168.77.22/24" } } })
  local unlimited = seconds(free)
  tap.note(("%s: 3 MB at 1M a second took %.2f s, without a limit %.2f s"):format(kind.name, limited, unlimited))
  tap.ok(limited > 1.8 and limited < 20, "bandwidth holds what comes in to about its average",
    limited)
  tap.ok(limited > 2 * unlimited, "which is not how fast it could be", unlimited)
  tap.ok(sb:stats().net.rx_bytes > size, "stats count what came in", sb:stats().net.rx_bytes)
  local ok, message, code = sb:tune { network = { { bandwidth = {
    inbound = { average = "200M", burst = "4M" }, outbound = "200M" } } } }
  if kind.name == "machine" then
    tap.ok(ok, "the bandwidth of a running machine is changed", message)
    tap.like(host.capture("tc class show dev vnet0"), "rate 1638Mbit",
      "the host holds it to the new one")
  else
    tap.is(code, "unsupported", "libvirt cannot change the bandwidth of a running container")
  end

  local listener <close> = assert(free:spawn { "perl", "-MIO::Socket::INET", "-e",
    [[$s = IO::Socket::INET->new(LocalPort => 7002, Listen => 1) or die; $| = 1; print "on\n";
      $c = $s->accept; print <$c>]],
    stdout = "pipe" })
  tap.is(listener.stdout:read("l"), "on", "another sandbox listens")
  assert(sb:run { "bash", "-c", "echo hello > /dev/tcp/192.168.77.22/7002" })
  tap.is(listener.stdout:read("a"), "hello\n", "two sandboxes talk")
end

-- The machine that the template was made from (in static) had the same interfaces, with other addresses and in the
-- other order. The bridge has learned by which of the host's ends a frame of eth0 comes in; libvirt gives that end the
-- sandbox's MAC address with another first byte.
local function from_template(kind)
  if kind.name ~= "machine" then return end
  local function start()
    return assert(lsandbox.start { connect = kind.uri, template = "require", network = {
      { type = "bridge", source = "lsbr0", mac = "52:54:00:aa:bb:00", mtu = 1450, dhcp = true },
      { type = "bridge", source = "lsbr0", mac = "52:54:00:aa:bb:01", dhcp = false } } })
  end
  local sb = start()
  if sb:info().start ~= "template" then -- the template was still being published
    sb:close()
    sb = start()
  end
  local _ <close> = sb
  tap.is(sb:info().start, "template", "starts from a template")
  local text = output(sb, "cat /sys/class/net/eth0/address /sys/class/net/eth1/address; ip -4 address show eth0")
  tap.like(text, "^52:54:00:aa:bb:00\n52:54:00:aa:bb:01\n", "with its own MAC addresses in place")
  tap.like(text, "inet 192%.168%.77%.1%d%d/24", "and a lease")
  tap.ok(reaches(sb, "192.168.77.1/53"), "reaches a server")
  local port = host.capture("bridge fdb show br lsbr0"):match("52:54:00:aa:bb:00 dev (%S+)")
  tap.like(host.capture("ip -o link show " .. tostring(port)), "fe:54:00:aa:bb:00",
    "by the right end on the host")
end

local function outbound()
  local skipped = host.read(os.getenv "LSANDBOX_TC_LOG") or ""
  if skipped:find("police") then
    tap.like(skipped, "police rate 2097kbps",
      "libvirt was told the limit of what goes out; this kernel has no act_police")
  end
end

local function lease(kind)
  local sb <close> = assert(lsandbox.start { connect = kind.uri, network = { type = "bridge", source = "lsbr0" } })
  local text = output(sb, "ip -4 address show eth0; ip route; cat /etc/resolv.conf")
  for _, pattern in ipairs { "inet 192%.168%.77%.1%d%d/24 brd 192%.168%.77%.255", " mtu 1400 ",
    "default via 192%.168%.77%.1 ", "search lease%.test\n", "nameserver 192%.168%.77%.1\n" } do
    tap.like(text, pattern, "lease " .. pattern)
  end
  tap.like(output(sb, "getent hosts server"), "^192%.168%.77%.1%s", "and names are found by it")
  tap.ok(not assert(sb:run { "ls", "/dev/.lsandbox-net" }).ok, "the client's files are root's")
  tap.ok(not host.read("/etc/resolv.conf"):find("lease.test", 1, true),
    "the host's resolv.conf is as it was")
end

-- Each DHCP client, with those before it hidden. One kind of sandbox is enough, because the guest init is the same.
local function clients()
  local plain = os.tmpname()
  local found = {}
  for _, name in ipairs { "dhclient", "udhcpc", "dhcpcd" } do
    local path = host.line("PATH=/sbin:/usr/sbin:/bin:/usr/bin command -v " .. name)
    if path ~= "" then found[#found + 1] = { name = name, path = host.line("realpath " .. path) } end
  end
  tap.need(#found > 0, "a DHCP client", "a lease")
  local hidden = {}
  for i = 1, #found + 1 do
    local client = found[i]
    local sb, why, code = lsandbox.start { connect = "lxc:///", mounts = hidden, user = "root",
      network = { { type = "bridge", source = "lsbr0", dhcp = true, dns = { "192.168.77.9", search = "own.test" } } } }
    if client then
      tap.ok(sb, client.name .. " gets a lease", why)
      if sb then
        local text = output(sb, "cat /proc/[0-9]*/comm; ip -4 address show eth0; cat /etc/resolv.conf")
        tap.ok(text:find(client.name, 1, true) or client.path:find("busybox"), client.name .. " is who runs", text)
        tap.like(text, "inet 192%.168%.77%.1%d%d/24", client.name .. ": the address")
        tap.like(text, "search own%.test\nnameserver 192%.168%.77%.9\n$",
          client.name .. ": the recipe's name servers stay")
        sb:close()
      end
      hidden[i] = { type = "bind", source = plain, target = client.path }
    else
      tap.is(code, "boot-failed", "without a client it does not start")
      tap.like(why, "install the package isc%-dhcp%-client, udhcpc or dhcpcd", "and the message names packages")
    end
  end
  os.remove(plain)
end

local function no_server()
  assert(os.execute "ip link add lsbr1 type bridge && ip link set lsbr1 up")
  local start = os.time()
  local sb, why, code = lsandbox.start { connect = "lxc:///",
    network = { { type = "bridge", source = "lsbr1", dhcp = true } } }
  tap.ok(not sb, "no DHCP server: it does not start")
  tap.is(code, "boot-failed", "and says so")
  tap.like(why, "get a lease for eth0 by DHCP: no server gave one to %S+ within 15 s", "in words")
  tap.ok(os.time() - start <= 18, "within seconds")
  os.execute "ip link del lsbr1"
end

-- Now and then a start failed on a network of libvirt's. Its bridges have the spanning tree protocol on, and so pass
-- nothing for twice their forward delay. libvirt's dnsmasq then answers only after 3 s, in which it asks whether
-- another host has the address. The clients, with growing pauses between their questions, had only 10 s in all.
local function silent_bridge()
  local xml = os.tmpname()
  host.write(xml, [[<network><name>lsb-slow</name><bridge name="lsbr3" stp="on" delay="7"/>
    <ip address="192.168.79.1" netmask="255.255.255.0">
    <dhcp><range start="192.168.79.100" end="192.168.79.150"/></dhcp></ip>
    </network>]])
  tap.ok(os.execute("virsh -q -c network:///system net-create " .. xml .. " >/dev/null"),
    "a network with a forward delay of 7 s")
  os.remove(xml)
  local began = helpers.now()
  local sb <close>, why = lsandbox.start { connect = "lxc:///", network = {
    { type = "network", source = "lsb-slow" }, { type = "bridge", source = "lsbr0", dhcp = true } } }
  local took = helpers.now() - began
  tap.ok(sb, "a bridge that is silent for 14 s: a lease comes in spite of it", why)
  local text = sb and output(sb, "ip -4 address show") or ""
  tap.like(text, "inet 192%.168%.79%.1%d%d/24", "it is from there")
  tap.like(text, "inet 192%.168%.77%.1%d%d/24", "and one from another bridge is there too")
  tap.ok(took < 14 + 15, "in the time that leases have together", took)
  tap.note(("two leases took %.1f s"):format(took))
  os.execute "virsh -q -c network:///system net-destroy lsb-slow >/dev/null"
end

-- Many short-lived sandboxes must not use up a server's addresses, which it would give them for an hour.
local function short_leases()
  local sb <close> = assert(lsandbox.start { connect = "lxc:///", network = { { type = "bridge", source = "lsbr0" } } })
  local address = output(sb, "ip -4 address show eth0"):match "inet ([0-9.]+)/24"
  local leases = host.read(os.getenv "LSANDBOX_NETNS_LEASES")
  local ends = leases:match("(%d+) %S+ " .. address:gsub("%.", "%%."))
  local remains = tonumber(ends) - tonumber(host.line "date +%s")
  tap.ok(remains > 500 and remains <= 600, "a lease is for 10 minutes, where the server's own time is an hour", remains)
end

local network_xml = [[<network><name>lsb-test</name><bridge name="lsbr2" stp="off" delay="0"/><domain name="virt.test"/>
  <ip address="192.168.78.1" netmask="255.255.255.0">
    <dhcp><range start="192.168.78.100" end="192.168.78.150"/></dhcp></ip></network>]]
local filter_xml = [[<filter name="lsb-test">
  <rule action="accept" direction="out" priority="100"><tcp dstipaddr="$IP" dstportstart="$PORT"/></rule>
  <rule action="drop" direction="out" priority="500"><tcp/></rule></filter>]]

local function define()
  for what, xml in pairs { ["network:///system net-create"] = network_xml,
    ["nwfilter:///system nwfilter-define"] = filter_xml } do
    local path = os.tmpname()
    host.write(path, xml)
    tap.ok(os.execute("virsh -q -c " .. what .. " " .. path .. " >/dev/null"), "virsh " .. what)
    os.remove(path)
  end
end

local filtered = [[{
  connect = %q,
  network = {
    { type = "network", source = "lsb-test" },
    { type = "bridge", source = "lsbr0", addresses = { "192.168.77.31/24" },
      filter = { name = "lsb-test", parameters = { IP = "192.168.77.1", PORT = 53 } } },
  },
}]]

local function filter(kind)
  local sb <close> = assert(lsandbox.start(load("return " .. filtered:format(kind.system))()))
  local text = output(sb, "ip -4 address show eth0; cat /etc/resolv.conf")
  tap.like(text, "inet 192%.168%.78%.1%d%d/24", "a lease from a network of libvirt's")
  tap.like(text, "nameserver 192%.168%.78%.1\n", "with its name server")
  tap.ok(reaches(sb, "192.168.77.1/53"), "a filter passes what it names")
  tap.ok(not reaches(sb, "192.168.77.9/53", 1), "and blocks the rest")
end

local function refused(kind)
  local function why_not(interface)
    local _, message, code = lsandbox.start { connect = kind.system, network = { interface } }
    return tostring(code) .. ": " .. tostring(message)
  end
  tap.is(why_not { type = "network", source = "nope" },
    "not-found: network[1].source: libvirt has no network \"nope\" on " .. kind.system,
    "no such network")
  tap.is(why_not { type = "bridge", source = "nobr", dhcp = false },
    "not-found: network[1].source: the host has no bridge \"nobr\"", "no such bridge")
  tap.is(why_not { type = "bridge", source = "lsbr0", dhcp = false, filter = "nofilter" },
    "not-found: network[1].filter: libvirt has no filter \"nofilter\" on " .. kind.system,
    "no such filter")
  tap.like(why_not { type = "bridge", source = "lsbr0", dhcp = false, filter = "lsb-test" },
    "unresolvable variables.*: ", "a filter without its parameters")
end

local function killed(kind)
  local recipes = { filtered:format(kind.system) }
  if kind.uri ~= kind.system then
    recipes[2] = ("{ connect = %q, network = { { type = 'bridge', source = 'lsbr0', dhcp = false } } }")
      :format(kind.uri)
  end
  for _, recipe in ipairs(recipes) do
    local owner = assert(io.popen(("echo $$; exec %s tests/network/owner.lua %s")
      :format(os.getenv "LUA" or arg[-1], host.quote(recipe))))
    local pid = owner:read("l")
    tap.is(owner:read("l"), "started", "an owner has started a sandbox with a network")
    tap.ok(left() ~= "", "which has interfaces on the host")
    os.execute("kill -KILL " .. pid)
    owner:close()
    check_nothing_left("nothing of them is left when it was killed")
  end
end

local function run(name, fn, kind)
  name = kind and kind.name .. ": " .. name or name
  if not only or name:find(only, 1, true) then tap.case(name, fn, kind) end
end

define()
for _, kind in ipairs(kinds) do
  run("static", static, kind)
  run("from a template", from_template, kind)
  run("lease", lease, kind)
  run("filter", filter, kind)
  run("refused", refused, kind)
  check_nothing_left(kind.name .. ": nothing is left on the host")
  run("killed", killed, kind)
end
run("outbound", outbound)
run("clients", clients)
run("no server", no_server)
run("silent bridge", silent_bridge)
run("short leases", short_leases)
check_nothing_left("nothing is left on the host")
local files = host.wait_clean(10)
tap.ok(#files == 0, "nor anything else", table.unpack(files))
tap.done()
