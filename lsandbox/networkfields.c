#include "networkfields.h"

#include <stddef.h>
#include <string.h>

#include "error.h"

enum {
    MAX_INTERFACES = 8,
    /* What Linux takes (ETH_MIN_MTU); libvirt and virtio go no higher than 16 bits. */
    LEAST_MTU = 68,
    MOST_MTU = 65535,
    MAX_DOMAIN = 253, /* RFC 1035 2.3.4, as text */
};

static const char *const type_words[] = {"user", "network", "bridge", NULL};
static const LsbRange mtu_range = {LEAST_MTU, MOST_MTU};

/* --- addresses ---------------------------------------------------------------------------------
 */

static gboolean parse_ip(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error)
{
    static const char what[] = "an IP address like \"192.168.5.1\" or \"fd00::1\"";
    (void)arg;
    const char *text = lsb_value_text(value, path, what, error);
    return text && (lsb_ip_parse(text, out) || lsb_field_error(error, path, what, value));
}

/* The same, of one host. */
static gboolean parse_host_ip(const LsbValue *value, const char *path, gpointer out,
                              gconstpointer arg, GError **error)
{
    return parse_ip(value, path, out, arg, error) &&
           (!lsb_ip_is_group(out) ||
            lsb_field_error(error, path, "the address of one host", value));
}

/* What an address of an interface is in a table. */
typedef struct {
    LsbIp ip, broadcast;
    guint prefix;
} AddressDraft;

static const LsbRange prefix_range = {1, 128};

static const LsbField address_fields[] = {
    {"address", parse_host_ip, offsetof(AddressDraft, ip), NULL},
    {"prefix", lsb_field_uint, offsetof(AddressDraft, prefix), &prefix_range},
    {"broadcast", parse_ip, offsetof(AddressDraft, broadcast), NULL},
    {NULL, NULL, 0, NULL},
};

static gboolean read_address_table(const LsbValue *value, const char *path, AddressDraft *a,
                                   GError **error)
{
    if (!lsb_fields_read(value, path, address_fields, a, error))
        return FALSE;
    if (!a->ip.size || !a->prefix)
        return lsb_fail(error, INVALID, "%s.%s: expected %s, got nothing", path,
                        a->ip.size ? "prefix" : "address",
                        a->ip.size ? "an integer" : "an IP address");
    if (a->prefix > lsb_ip_bits(&a->ip))
        return lsb_fail(error, INVALID,
                        "%s.prefix: expected an integer from 1 to %u for this address, got %u",
                        path, lsb_ip_bits(&a->ip), a->prefix);
    a->ip.prefix = a->prefix;
    return TRUE;
}

static gboolean read_address_text(const LsbValue *value, const char *path, AddressDraft *a,
                                  GError **error)
{
    static const char what[] =
        "an address with its prefix like \"192.168.5.2/24\" or \"fd00::2/64\"";
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    if (!lsb_ip_parse_prefix(text, &a->ip) || a->ip.prefix == 0)
        return lsb_field_error(error, path, what, value);
    return !lsb_ip_is_group(&a->ip) ||
           lsb_field_error(error, path, "the address of one host", value);
}

/* In an IPv4 network of four addresses and more the first and the last one are no host's. */
static gboolean check_address(const AddressDraft *a, const char *path, GError **error)
{
    g_autofree char *text = lsb_ip_text(&a->ip);
    if (a->ip.size == LSB_IP4 && a->ip.prefix < 31 &&
        (lsb_ip_host_is(&a->ip, FALSE) || lsb_ip_host_is(&a->ip, TRUE)))
        return lsb_fail(error, INVALID,
                        "%s: expected the address of one host, got %s, which is the %s of its /%u",
                        path, text, lsb_ip_host_is(&a->ip, FALSE) ? "first" : "last", a->ip.prefix);
    if (a->broadcast.size && (a->ip.size != LSB_IP4 || a->broadcast.size != LSB_IP4))
        return lsb_fail(error, INVALID,
                        "%s.broadcast: expected an IPv4 address beside an IPv4 address, as IPv6 "
                        "has no broadcast",
                        path);
    if (a->broadcast.size && !lsb_ip_is_in(&a->broadcast, &a->ip)) {
        g_autofree char *broadcast = lsb_ip_text(&a->broadcast);
        return lsb_fail(error, INVALID, "%s.broadcast: expected an address in %s/%u, got \"%s\"",
                        path, text, a->ip.prefix, broadcast);
    }
    return TRUE;
}

static gboolean add_address(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    AddressDraft a = {.prefix = 0};
    (void)arg;
    if (!(lsb_value_is_named(value) ? read_address_table : read_address_text)(value, path, &a,
                                                                              error) ||
        !check_address(&a, path, error))
        return FALSE;
    LsbNetAddress address = {a.ip, a.broadcast};
    g_array_append_val(*(GArray **)out, address);
    return TRUE;
}

static gboolean parse_addresses(const LsbValue *value, const char *path, gpointer out,
                                gconstpointer arg, GError **error)
{
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of addresses", value);
    return lsb_fields_each(value, path, add_address, out, arg, error);
}

/* --- routes ------------------------------------------------------------------------------------
 */

typedef struct {
    LsbNetRoute route;
    gboolean is_default;
} RouteDraft;

static gboolean parse_route_to(const LsbValue *value, const char *path, gpointer out,
                               gconstpointer arg, GError **error)
{
    static const char what[] = "\"default\" or a network like \"10.0.0.0/8\" or \"fd00::/8\"";
    (void)arg;
    RouteDraft *r = out;
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    r->is_default = strcmp(text, "default") == 0;
    if (!r->is_default && !lsb_ip_parse_prefix(text, &r->route.to))
        return lsb_field_error(error, path, what, value);
    if (r->is_default || lsb_ip_host_is(&r->route.to, FALSE))
        return TRUE;
    LsbIp network = lsb_ip_with_host(&r->route.to, FALSE);
    g_autofree char *right = lsb_ip_text(&network);
    return lsb_fail(error, INVALID, "%s: expected a network, got \"%s\"; did you mean \"%s/%u\"?",
                    path, text, right, network.prefix);
}

static const LsbField route_fields[] = {
    {"to", parse_route_to, 0, NULL},
    {"via", parse_host_ip, offsetof(RouteDraft, route.via), NULL},
    {NULL, NULL, 0, NULL},
};

static gboolean check_route(RouteDraft *r, const char *path, GError **error)
{
    LsbNetRoute *route = &r->route;
    if (!r->is_default && !route->to.size)
        return lsb_fail(error, INVALID, "%s.to: expected \"default\" or a network, got nothing",
                        path);
    if (r->is_default && !route->via.size)
        return lsb_fail(error, INVALID, "%s.via: expected a router's IP address, got nothing",
                        path);
    if (r->is_default)
        route->to.size = route->via.size; /* with prefix 0 */
    if (route->via.size && route->via.size != route->to.size)
        return lsb_fail(error, INVALID, "%s.via: expected an %s address as to is, got an %s one",
                        path, route->to.size == LSB_IP4 ? "IPv4" : "IPv6",
                        route->via.size == LSB_IP4 ? "IPv4" : "IPv6");
    return TRUE;
}

static gboolean add_route(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    RouteDraft r = {.is_default = FALSE};
    (void)arg;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of to and via", value);
    if (!lsb_fields_read(value, path, route_fields, &r, error) || !check_route(&r, path, error))
        return FALSE;
    g_array_append_val(*(GArray **)out, r.route);
    return TRUE;
}

static gboolean parse_routes(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error)
{
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of routes", value);
    return lsb_fields_each(value, path, add_route, out, arg, error);
}

/* --- names -------------------------------------------------------------------------------------
 */

/* A name of the DNS; underscores are in use, though not in host names. */
static gboolean is_domain(const char *text)
{
    gsize ok = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    return *text && !text[ok] && ok <= MAX_DOMAIN && text[0] != '.' && text[0] != '-' &&
           !strstr(text, "..");
}

static gboolean add_domain(const LsbValue *value, const char *path, gpointer list,
                           gconstpointer arg, GError **error)
{
    static const char what[] = "a domain name like \"example.org\"";
    (void)arg;
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    if (!is_domain(text))
        return lsb_field_error(error, path, what, value);
    g_ptr_array_add(list, g_strdup(text));
    return TRUE;
}

static gboolean parse_search(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error)
{
    GPtrArray *list = *(GPtrArray **)out;
    if (value->kind == LSB_VALUE_STRING)
        return add_domain(value, path, list, arg, error);
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a domain name or a list of them", value);
    return lsb_fields_each(value, path, add_domain, list, arg, error);
}

static const LsbField dns_fields[] = {
    {"search", parse_search, offsetof(LsbDns, search), NULL},
    {NULL, NULL, 0, NULL},
};

static gboolean add_server(const LsbValue *value, const char *path, gpointer servers,
                           gconstpointer arg, GError **error)
{
    LsbIp ip;
    if (!parse_host_ip(value, path, &ip, arg, error))
        return FALSE;
    g_array_append_val((GArray *)servers, ip);
    return TRUE;
}

gboolean lsb_dns_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                       GError **error)
{
    LsbDns *dns = out;
    if (value->kind == LSB_VALUE_STRING)
        return add_server(value, path, dns->servers, arg, error);
    if (value->kind != LSB_VALUE_TABLE)
        return lsb_field_error(error, path, "a name server's IP address or a list of them", value);
    return lsb_fields_each(value, path, add_server, dns->servers, arg, error) &&
           lsb_fields_read(value, path, dns_fields, dns, error);
}

static void host_name_free(gpointer data)
{
    LsbHostName *h = data;
    g_free(h->name);
    g_free(h);
}

gboolean lsb_hosts_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error)
{
    (void)arg;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of name = address", value);
    GPtrArray *pairs = value->u.table.pairs;
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        g_autofree char *at = lsb_field_join(path, pair->key);
        LsbIp ip;
        if (!is_domain(pair->key))
            return lsb_fail(error, INVALID, "%s: expected a host's name", at);
        if (!parse_ip(pair->value, at, &ip, NULL, error))
            return FALSE;
        LsbHostName *h = g_new0(LsbHostName, 1);
        h->name = g_strdup(pair->key);
        h->ip = ip;
        g_ptr_array_add(*(GPtrArray **)out, h);
    }
    return TRUE;
}

/* --- what libvirt does at the interface's other end --------------------------------------------
 */

static gboolean parse_mac(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    static const char what[] = "a MAC address like \"52:54:00:12:34:56\"";
    static const guint8 none[LSB_MAC];
    (void)arg;
    LsbInterface *i = out;
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    if (!lsb_mac_parse(text, i->mac))
        return lsb_field_error(error, path, what, value);
    if (memcmp(i->mac, none, sizeof none) == 0 || (i->mac[0] & 1))
        return lsb_field_error(error, path, "the MAC address of one interface (unicast)", value);
    i->has_mac = TRUE;
    return TRUE;
}

static gboolean parse_dhcp(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    gboolean yes;
    if (!lsb_field_boolean(value, path, &yes, arg, error))
        return FALSE;
    *(LsbDhcp *)out = yes ? LSB_DHCP_YES : LSB_DHCP_NO;
    return TRUE;
}

static const LsbField rate_fields[] = {
    {"average", lsb_field_size, offsetof(LsbRate, average), NULL},
    {"peak", lsb_field_size, offsetof(LsbRate, peak), NULL},
    {"burst", lsb_field_size, offsetof(LsbRate, burst), NULL},
    {NULL, NULL, 0, NULL},
};

/* libvirt counts in 32 bits of thousands of bytes (virNetDevBandwidthParseRate). */
#define MOST_RATE (G_MAXUINT32 * (guint64)1000)

static gboolean check_rate(const LsbRate *r, const char *path, GError **error)
{
    if (!r->average)
        return lsb_fail(error, INVALID,
                        "%s.average: expected a size for each second like \"1M\", got nothing",
                        path);
    if (r->peak && r->peak < r->average)
        return lsb_fail(error, INVALID,
                        "%s.peak: expected at least the average, %" G_GUINT64_FORMAT
                        " bytes a second, got %" G_GUINT64_FORMAT,
                        path, r->average, r->peak);
    if (MAX(MAX(r->average, r->peak), r->burst) > MOST_RATE)
        return lsb_fail(error, INVALID, "%s: expected less than 4T, got more", path);
    return TRUE;
}

/* A number alone is the average. */
static gboolean parse_rate(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    LsbRate *rate = out;
    (void)arg;
    if (value->kind != LSB_VALUE_TABLE)
        return lsb_field_size(value, path, &rate->average, NULL, error) &&
               check_rate(rate, path, error);
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of average, peak and burst", value);
    return lsb_fields_read(value, path, rate_fields, rate, error) && check_rate(rate, path, error);
}

static const LsbField bandwidth_fields[] = {
    {"inbound", parse_rate, offsetof(LsbBandwidth, inbound), NULL},
    {"outbound", parse_rate, offsetof(LsbBandwidth, outbound), NULL},
    {NULL, NULL, 0, NULL},
};

static gboolean parse_bandwidth(const LsbValue *value, const char *path, gpointer out,
                                gconstpointer arg, GError **error)
{
    (void)arg;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of inbound and outbound", value);
    return lsb_fields_read(value, path, bandwidth_fields, out, error);
}

static const LsbField change_fields[] = {
    {"bandwidth", parse_bandwidth, 0, NULL},
    {NULL, NULL, 0, NULL},
};

gboolean lsb_network_changes_parse(const LsbValue *value, const char *path, gpointer out,
                                   gconstpointer arg, GError **error)
{
    (void)arg;
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of changes, one for each interface", value);
    GPtrArray *items = value->u.table.items;
    GArray *changes = g_array_new(FALSE, TRUE, sizeof(LsbBandwidth));
    if (*(GArray **)out)
        g_array_unref(*(GArray **)out);
    *(GArray **)out = changes;
    g_array_set_size(changes, items->len);
    for (guint i = 0; i < items->len; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        if (!lsb_field_table(items->pdata[i], at, &g_array_index(changes, LsbBandwidth, i),
                             change_fields, error))
            return FALSE;
    }
    return TRUE;
}

/* OUT: the list of names and values; ARG: the name. */
static gboolean add_parameter(const LsbValue *value, const char *path, gpointer out,
                              gconstpointer arg, GError **error)
{
    char *text = NULL;
    if (value->kind == LSB_VALUE_INTEGER)
        text = lsb_value_show(value); /* a port */
    else if (!lsb_field_string(value, path, &text, NULL, error))
        return FALSE;
    g_ptr_array_add(out, g_strdup(arg));
    g_ptr_array_add(out, text);
    return TRUE;
}

/* A list gives a parameter several values. */
static gboolean parse_parameter(GPtrArray *list, const LsbPair *pair, const char *path,
                                GError **error)
{
    if (!*pair->key || pair->key[strspn(pair->key, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_")])
        return lsb_fail(error, INVALID,
                        "%s: expected a parameter's name of letters, digits and \"_\"", path);
    if (!lsb_value_is_list(pair->value))
        return add_parameter(pair->value, path, list, pair->key, error);
    return lsb_fields_each(pair->value, path, add_parameter, list, pair->key, error);
}

static gboolean parse_parameters(const LsbValue *value, const char *path, gpointer out,
                                 gconstpointer arg, GError **error)
{
    (void)arg;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of name = value", value);
    GPtrArray *pairs = value->u.table.pairs;
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        g_autofree char *at = lsb_field_join(path, pair->key);
        if (!parse_parameter(*(GPtrArray **)out, pair, at, error))
            return FALSE;
    }
    return TRUE;
}

/* What libvirt's schema takes (NCName), as far as it is ASCII. */
static gboolean parse_filter_name(const LsbValue *value, const char *path, gpointer out,
                                  gconstpointer arg, GError **error)
{
    static const char what[] = "a filter's name of letters, digits, \"_\", \"-\" and \".\", the "
                               "first a letter or \"_\"";
    (void)arg;
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    if (!(g_ascii_isalpha(text[0]) || text[0] == '_') ||
        text[strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-.")])
        return lsb_field_error(error, path, what, value);
    g_free(*(char **)out);
    *(char **)out = g_strdup(text);
    return TRUE;
}

static const LsbField filter_fields[] = {
    {"name", parse_filter_name, offsetof(LsbInterface, filter), NULL},
    {"parameters", parse_parameters, offsetof(LsbInterface, parameters), NULL},
    {NULL, NULL, 0, NULL},
};

static gboolean parse_filter(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error)
{
    LsbInterface *i = out;
    if (value->kind == LSB_VALUE_STRING)
        return parse_filter_name(value, path, &i->filter, arg, error);
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a filter's name, or a table of name and parameters",
                               value);
    if (!lsb_fields_read(value, path, filter_fields, i, error))
        return FALSE;
    return i->filter ||
           lsb_fail(error, INVALID, "%s.name: expected a filter's name, got nothing", path);
}

/* --- an interface ------------------------------------------------------------------------------
 */

static const LsbField interface_fields[] = {
    {"type", lsb_field_enum, offsetof(LsbInterface, type), type_words},
    {"source", lsb_field_string, offsetof(LsbInterface, source), NULL},
    {"mac", parse_mac, 0, NULL},
    {"mtu", lsb_field_uint, offsetof(LsbInterface, mtu), &mtu_range},
    {"dhcp", parse_dhcp, offsetof(LsbInterface, dhcp), NULL},
    {"addresses", parse_addresses, offsetof(LsbInterface, addresses), NULL},
    {"routes", parse_routes, offsetof(LsbInterface, routes), NULL},
    {"gateway", parse_host_ip, offsetof(LsbInterface, gateway), NULL},
    {"dns", lsb_dns_parse, offsetof(LsbInterface, dns), NULL},
    {"filter", parse_filter, 0, NULL},
    {"bandwidth", parse_bandwidth, offsetof(LsbInterface, bandwidth), NULL},
    {NULL, NULL, 0, NULL},
};

static void dns_init(LsbDns *dns)
{
    dns->servers = g_array_new(FALSE, TRUE, sizeof(LsbIp));
    dns->search = g_ptr_array_new_with_free_func(g_free);
}

static void dns_clear(LsbDns *dns)
{
    g_array_unref(dns->servers);
    g_ptr_array_unref(dns->search);
}

static LsbInterface *interface_new(const char *path)
{
    LsbInterface *i = g_new0(LsbInterface, 1);
    i->path = g_strdup(path);
    i->addresses = g_array_new(FALSE, TRUE, sizeof(LsbNetAddress));
    i->routes = g_array_new(FALSE, TRUE, sizeof(LsbNetRoute));
    i->parameters = g_ptr_array_new_with_free_func(g_free);
    dns_init(&i->dns);
    return i;
}

static void interface_free(gpointer data)
{
    LsbInterface *i = data;
    g_free(i->path);
    g_free(i->device);
    g_free(i->source);
    g_free(i->filter);
    g_array_unref(i->addresses);
    g_array_unref(i->routes);
    g_ptr_array_unref(i->parameters);
    dns_clear(&i->dns);
    g_free(i);
}

/* A word alone is the type. */
static gboolean read_interface(const LsbValue *value, const char *path, gpointer interfaces,
                               gconstpointer arg, GError **error)
{
    LsbInterface *i = interface_new(path);
    (void)arg;
    g_ptr_array_add(interfaces, i);
    if (value->kind == LSB_VALUE_STRING)
        return lsb_field_enum(value, path, &i->type, type_words, error);
    if (!lsb_value_is_named(value) || value->u.table.pairs->len == 0)
        return lsb_field_error(error, path, "an interface: a table with type", value);
    if (!lsb_value_get(value, "type"))
        return lsb_fail(error, INVALID,
                        "%s.type: expected one of \"user\", \"network\", \"bridge\", got nothing",
                        path);
    return lsb_fields_read(value, path, interface_fields, i, error);
}

gboolean lsb_network_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    LsbNetwork *network = out;
    if (value->kind == LSB_VALUE_STRING ||
        (lsb_value_is_named(value) && value->u.table.pairs->len > 0))
        return read_interface(value, path, network->interfaces, arg, error);
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of interfaces", value);
    GPtrArray *items = value->u.table.items;
    if (items->len > MAX_INTERFACES)
        return lsb_fail(error, INVALID, "%s: expected at most %d interfaces, got %u", path,
                        MAX_INTERFACES, items->len);
    return lsb_fields_each(value, path, read_interface, network->interfaces, arg, error);
}

void lsb_network_init(LsbNetwork *network)
{
    network->interfaces = g_ptr_array_new_with_free_func(interface_free);
    network->hosts = g_ptr_array_new_with_free_func(host_name_free);
    dns_init(&network->dns);
}

void lsb_network_clear(LsbNetwork *network)
{
    g_ptr_array_unref(network->interfaces);
    g_ptr_array_unref(network->hosts);
    dns_clear(&network->dns);
}
