/* The field network of a recipe: a list of interfaces. */
#include "recipe/network/networkfields.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "recipe/network/bandwidthfields.h"
#include "recipe/network/dnsfields.h"
#include "recipe/network/filterfields.h"
#include "recipe/network/ipaddress.h"
#include "recipe/network/ipfields.h"
#include "recipe/network/network.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum {
    MAX_INTERFACES = 8,
    /* The least that Linux takes (ETH_MIN_MTU); libvirt and virtio have 16 bits for it. */
    LEAST_MTU = 68,
    MOST_MTU = 65535,
};

static const char *const type_words[] = {"user", "network", "bridge", NULL};
static const LsbRange mtu_range = {LEAST_MTU, MOST_MTU};

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

static const LsbField interface_fields[] = {
    {"type", lsb_field_enum, offsetof(LsbInterface, type), type_words},
    {"source", lsb_field_string, offsetof(LsbInterface, source), NULL},
    {"mac", parse_mac, 0, NULL},
    {"mtu", lsb_field_uint, offsetof(LsbInterface, mtu), &mtu_range},
    {"dhcp", parse_dhcp, offsetof(LsbInterface, dhcp), NULL},
    {"addresses", lsb_addresses_parse, offsetof(LsbInterface, addresses), NULL},
    {"routes", lsb_routes_parse, offsetof(LsbInterface, routes), NULL},
    {"gateway", lsb_field_host_ip, offsetof(LsbInterface, gateway), NULL},
    {"dns", lsb_dns_parse, offsetof(LsbInterface, dns), NULL},
    {"filter", lsb_filter_parse, 0, NULL},
    {"bandwidth", lsb_bandwidth_parse, offsetof(LsbInterface, bandwidth), NULL},
    {NULL, NULL, 0, NULL},
};

static LsbInterface *interface_new(const char *path)
{
    LsbInterface *i = g_new0(LsbInterface, 1);
    i->path = g_strdup(path);
    i->addresses = g_array_new(FALSE, TRUE, sizeof(LsbNetAddress));
    i->routes = g_array_new(FALSE, TRUE, sizeof(LsbNetRoute));
    i->parameters = g_ptr_array_new_with_free_func(g_free);
    lsb_dns_init(&i->dns);
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
    lsb_dns_clear(&i->dns);
    g_free(i);
}

/* A string is the type of an interface without other fields. */
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
    guint count = value->u.table.items->len;
    return lsb_field_at_most(path, MAX_INTERFACES, "interfaces", count, error) &&
           lsb_fields_each(value, path, read_interface, network->interfaces, arg, error);
}

void lsb_network_init(LsbNetwork *network)
{
    network->interfaces = g_ptr_array_new_with_free_func(interface_free);
    network->hosts = g_ptr_array_new_with_free_func(lsb_host_name_free);
    lsb_dns_init(&network->dns);
}

void lsb_network_clear(LsbNetwork *network)
{
    g_ptr_array_unref(network->interfaces);
    g_ptr_array_unref(network->hosts);
    lsb_dns_clear(&network->dns);
}
