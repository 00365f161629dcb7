/* The network of a description: its defaults, its checks, and the files that follow from it. */
#include "recipe/network/network.h"

#include <string.h>

#include "base/error.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/network/ipaddress.h"
#include "recipe/value/value.h"

enum {
    /* glibc and musl read no more from resolv.conf (MAXNS). */
    MAX_SERVERS = 3,
    /* RFC 8200, section 5 */
    LEAST_IP6_MTU = 1280,
    /* libvirt sets the MTU of a machine's interface on the host, but leaves a container's at 1500,
       which drops larger packets. */
    MOST_CONTAINER_MTU = 1500,
};

/*
 * The private network that QEMU's user networking makes for each machine: the guest, its gateway
 * (the host), and a name server that forwards to the host's. The addresses are the defaults of
 * QEMU's -netdev user (net=, host=, dns=, dhcpstart=).
 */
#define USER_ADDRESS "10.0.2.15/24"
#define USER_GATEWAY "10.0.2.2"
#define USER_DNS     "10.0.2.3"

static LsbInterface *interface_at(const LsbNetwork *network, guint i)
{
    return network->interfaces->pdata[i];
}

/* --- filling in --- */

static void add_gateway(LsbInterface *i)
{
    LsbNetRoute route = {.to = {.size = i->gateway.size}, .via = i->gateway};
    if (i->gateway.size)
        g_array_append_val(i->routes, route);
}

/* QEMU's addresses are fixed, so that the guest needs no DHCP to learn them. */
static void fill_user(LsbInterface *i)
{
    LsbNetAddress address = {.broadcast = {.size = 0}};
    LsbIp server;
    lsb_ip_parse_prefix(USER_ADDRESS, &address.ip);
    g_array_append_val(i->addresses, address);
    if (!i->gateway.size && i->routes->len == 0)
        lsb_ip_parse(USER_GATEWAY, &i->gateway);
    lsb_ip_parse(USER_DNS, &server);
    if (i->dns.servers->len == 0)
        g_array_append_val(i->dns.servers, server);
}

/* A random address with QEMU's prefix 52:54:00, which is locally administered. */
static void make_mac(LsbInterface *i)
{
    guint32 random = g_random_int();
    const guint8 mac[LSB_MAC] = {
        0x52, 0x54, 0x00, (guint8)(random >> 16), (guint8)(random >> 8), (guint8)random};
    memcpy(i->mac, mac, sizeof mac);
}

static void fill_interface(LsbInterface *i)
{
    i->device = g_strdup_printf("lsb%08x", g_random_int());
    if (!i->has_mac)
        make_mac(i);
    if (i->type == LSB_NET_NETWORK && !i->source)
        i->source = g_strdup("default");
    if (i->type == LSB_NET_USER && i->addresses->len == 0 && i->dhcp == LSB_DHCP_NOT_SAID)
        fill_user(i);
    if (i->dhcp == LSB_DHCP_NOT_SAID)
        i->dhcp = i->addresses->len ? LSB_DHCP_NO : LSB_DHCP_YES;
    add_gateway(i);
}

/* Append the interfaces' name servers and search domains to the recipe's own. */
static void collect_dns(LsbNetwork *network)
{
    for (guint n = 0; n < network->interfaces->len; n++) {
        const LsbDns *dns = &interface_at(network, n)->dns;
        g_array_append_vals(network->dns.servers, dns->servers->data, dns->servers->len);
        for (guint k = 0; k < dns->search->len; k++)
            g_ptr_array_add(network->dns.search, g_strdup(dns->search->pdata[k]));
    }
}

/* --- checks --- */

/* QEMU's own process carries the traffic of type "user"; the host has no interface for it. */
static gboolean check_user(const LsbDescription *d, const LsbInterface *i, GError **error)
{
    if (d->kind == LSB_CONTAINER)
        return lsb_fail(error, INVALID,
                        "%s.type: expected \"network\" or \"bridge\" for a container, got "
                        "\"user\", which is QEMU's own networking",
                        i->path);
    const char *extra = i->source   ? "source"
                        : i->filter ? "filter"
                        : i->bandwidth.inbound.average || i->bandwidth.outbound.average
                            ? "bandwidth"
                            : NULL;
    return !extra || lsb_fail(error, INVALID,
                              "%s.%s: expected nothing beside type = \"user\", whose traffic does "
                              "not pass through an interface of the host",
                              i->path, extra);
}

/*
 * The embedded driver would take a network or a filter of libvirtd's. libvirtd does not hear that
 * this process has ended, so a port of the network, or rules on the host, would be left.
 */
static gboolean check_networks(const LsbDescription *d, const LsbInterface *i, GError **error)
{
    if (lsb_drivers[d->driver].has_networks)
        return TRUE;
    if (i->type == LSB_NET_NETWORK)
        return lsb_fail(error, INVALID,
                        "%s.type: expected \"user\" or \"bridge\" on " LSB_URI_EMBED
                        ", got \"network\", which only a libvirtd can end when this process is "
                        "killed; use connect = \"qemu:///system\"",
                        i->path);
    return !i->filter ||
           lsb_fail(error, INVALID,
                    "%s.filter: expected nothing on " LSB_URI_EMBED
                    ", as only a libvirtd can end a filter when this process is killed; use "
                    "connect = \"qemu:///system\"",
                    i->path);
}

static gboolean check_interface_source(const LsbInterface *i, GError **error)
{
    enum { MOST = 15 }; /* IFNAMSIZ with its NUL is 16 */
    if (i->type == LSB_NET_BRIDGE && !i->source)
        return lsb_fail(error, INVALID, "%s.source: expected a bridge of the host, got nothing",
                        i->path);
    if (i->type == LSB_NET_BRIDGE &&
        (strlen(i->source) > MOST || strpbrk(i->source, "/ ") || strcmp(i->source, ".") == 0 ||
         strcmp(i->source, "..") == 0)) {
        g_autofree char *shown = lsb_text_show(i->source);
        return lsb_fail(error, INVALID,
                        "%s.source: expected an interface's name of at most %d bytes without "
                        "\"/\" and spaces, got %s",
                        i->path, MOST, shown);
    }
    if (i->type == LSB_NET_NETWORK && strchr(i->source, '/')) {
        g_autofree char *shown = lsb_text_show(i->source);
        return lsb_fail(error, INVALID, "%s.source: expected a network's name, got %s", i->path,
                        shown);
    }
    return TRUE;
}

static gboolean is_on_link(const LsbInterface *i, const LsbIp *ip)
{
    if (i->dhcp == LSB_DHCP_YES || lsb_ip_is_link_local(ip))
        return TRUE;
    for (guint k = 0; k < i->addresses->len; k++)
        if (lsb_ip_is_in(ip, &g_array_index(i->addresses, LsbNetAddress, k).ip))
            return TRUE;
    return FALSE;
}

/* The kernel refuses a route through a router that is on no link. */
static gboolean check_routers(const LsbInterface *i, GError **error)
{
    for (guint k = 0; k < i->routes->len; k++) {
        const LsbNetRoute *r = &g_array_index(i->routes, LsbNetRoute, k);
        if (!r->via.size || is_on_link(i, &r->via))
            continue;
        g_autofree char *text = lsb_ip_text(&r->via);
        gboolean gateway = i->gateway.size && k == i->routes->len - 1;
        g_autofree char *field =
            gateway ? g_strdup("gateway") : g_strdup_printf("routes[%u].via", k + 1);
        return lsb_fail(error, INVALID,
                        "%s.%s: expected an address in a network of the interface's addresses, "
                        "got \"%s\"",
                        i->path, field, text);
    }
    return TRUE;
}

static gboolean check_mtu(const LsbDescription *d, const LsbInterface *i, GError **error)
{
    if (d->kind == LSB_CONTAINER && i->mtu > MOST_CONTAINER_MTU)
        return lsb_fail(error, INVALID,
                        "%s.mtu: expected at most %d for a container, as libvirt leaves its "
                        "interface on the host at that, got %u",
                        i->path, MOST_CONTAINER_MTU, i->mtu);
    for (guint k = 0; i->mtu && i->mtu < LEAST_IP6_MTU && k < i->addresses->len; k++)
        if (g_array_index(i->addresses, LsbNetAddress, k).ip.size == LSB_IP6)
            return lsb_fail(error, INVALID,
                            "%s.mtu: expected at least %d beside an IPv6 address, got %u", i->path,
                            LEAST_IP6_MTU, i->mtu);
    return TRUE;
}

static gboolean check_twins(const LsbNetwork *network, guint n, GError **error)
{
    const LsbInterface *i = interface_at(network, n);
    for (guint k = 0; k < n; k++) {
        const LsbInterface *earlier = interface_at(network, k);
        if (memcmp(i->mac, earlier->mac, LSB_MAC) == 0) {
            g_autofree char *mac = lsb_mac_text(i->mac);
            return lsb_fail(error, INVALID,
                            "%s.mac: expected an address of its own, got \"%s\", which an earlier "
                            "interface has",
                            i->path, mac);
        }
        if (i->type == LSB_NET_USER && earlier->type == LSB_NET_USER)
            return lsb_fail(error, INVALID,
                            "%s.type: expected at most one interface of type \"user\", as all of "
                            "them are the network 10.0.2.0/24, got another",
                            i->path);
    }
    return TRUE;
}

/* Check that each address and each destination of a route is in the whole sandbox only once. */
static gboolean check_unique(const LsbInterface *i, GHashTable *seen, GError **error)
{
    for (guint k = 0; k < i->addresses->len; k++) {
        char *text = lsb_ip_text(&g_array_index(i->addresses, LsbNetAddress, k).ip);
        if (!g_hash_table_add(seen, text))
            return lsb_fail(error, INVALID,
                            "%s.addresses[%u]: expected an address of its own, got one for the "
                            "second time",
                            i->path, k + 1);
    }
    for (guint k = 0; k < i->routes->len; k++) {
        const LsbNetRoute *r = &g_array_index(i->routes, LsbNetRoute, k);
        g_autofree char *to = lsb_ip_text(&r->to);
        if (!g_hash_table_add(seen, g_strdup_printf("%s/%u", to, r->to.prefix)))
            return lsb_fail(error, INVALID,
                            "%s: expected one route to each network, got a second one to %s/%u%s",
                            i->path, to, r->to.prefix,
                            r->to.prefix ? "" : " (the default; gateway is one)");
    }
    return TRUE;
}

static gboolean check_interface(const LsbDescription *d, guint n, GHashTable *seen, GError **error)
{
    const LsbInterface *i = interface_at(&d->network, n);
    return (i->type != LSB_NET_USER || check_user(d, i, error)) && check_networks(d, i, error) &&
           check_interface_source(i, error) && check_routers(i, error) && check_mtu(d, i, error) &&
           check_twins(&d->network, n, error) && check_unique(i, seen, error);
}

gboolean lsb_network_finish(LsbDescription *d, GError **error)
{
    LsbNetwork *network = &d->network;
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint n = 0; n < network->interfaces->len; n++)
        fill_interface(interface_at(network, n));
    for (guint n = 0; n < network->interfaces->len; n++)
        if (!check_interface(d, n, seen, error))
            return FALSE;
    collect_dns(network);
    return network->dns.servers->len <= MAX_SERVERS ||
           lsb_fail(error, INVALID,
                    "dns: expected at most %d name servers, which is all that programs read, got "
                    "%u",
                    MAX_SERVERS, network->dns.servers->len);
}

/* --- questions --- */

char *lsb_network_mac(const LsbNetwork *network, guint index)
{
    if (index >= network->interfaces->len)
        return NULL;
    return lsb_mac_text(interface_at(network, index)->mac);
}

gboolean lsb_network_has_type(const LsbNetwork *network, LsbNetType type)
{
    for (guint n = 0; n < network->interfaces->len; n++)
        if (interface_at(network, n)->type == type)
            return TRUE;
    return FALSE;
}

gboolean lsb_network_has_dhcp(const LsbNetwork *network)
{
    for (guint n = 0; n < network->interfaces->len; n++)
        if (interface_at(network, n)->dhcp == LSB_DHCP_YES)
            return TRUE;
    return FALSE;
}

/* The root's file counts if there are no name servers and no DHCP, which may bring some. */
char *lsb_network_resolv_conf(const LsbNetwork *network)
{
    const LsbDns *dns = &network->dns;
    if (!dns->servers->len && !dns->search->len && !lsb_network_has_dhcp(network))
        return NULL;
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < dns->search->len; i++)
        g_string_append_printf(text, "%s%s", i ? " " : "search ",
                               (const char *)dns->search->pdata[i]);
    g_string_append(text, dns->search->len ? "\n" : "");
    for (guint i = 0; i < dns->servers->len; i++) {
        g_autofree char *server = lsb_ip_text(&g_array_index(dns->servers, LsbIp, i));
        g_string_append_printf(text, "nameserver %s\n", server);
    }
    return g_string_free(text, FALSE);
}

/* The full name comes first, as `hostname -f` needs it; the guest init does the same. */
static char *own_names(const char *hostname, const char *domainname)
{
    const char *dot = strchr(hostname, '.');
    if (dot && dot > hostname)
        return g_strdup_printf("%s %.*s", hostname, (int)(dot - hostname), hostname);
    return domainname ? g_strdup_printf("%s.%s %s", hostname, domainname, hostname)
                      : g_strdup(hostname);
}

char *lsb_network_hosts(const LsbNetwork *network, const char *hostname, const char *domainname)
{
    if (network->hosts->len == 0)
        return NULL;
    GString *text = g_string_new("127.0.0.1\tlocalhost\n::1\tlocalhost\n");
    gboolean named = FALSE;
    for (guint i = 0; i < network->hosts->len; i++) {
        const LsbHostName *h = network->hosts->pdata[i];
        g_autofree char *ip = lsb_ip_text(&h->ip);
        g_string_append_printf(text, "%s\t%s\n", ip, h->name);
        named = named || strcmp(h->name, hostname) == 0;
    }
    g_autofree char *names = own_names(hostname, domainname);
    if (!named) /* as Debian does it (debian-reference, 5.1.1) */
        g_string_append_printf(text, "127.0.1.1\t%s\n", names);
    return g_string_free(text, FALSE);
}
