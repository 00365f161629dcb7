/* The fields of an interface that hold IP addresses: addresses, routes, gateway. */
#include "recipe/network/ipfields.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "recipe/network/ipaddress.h"
#include "recipe/network/network.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

/* --- addresses --- */

gboolean lsb_field_ip(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                      GError **error)
{
    static const char what[] = "an IP address like \"192.168.5.1\" or \"fd00::1\"";
    (void)arg;
    const char *text = lsb_value_text(value, path, what, error);
    return text && (lsb_ip_parse(text, out) || lsb_field_error(error, path, what, value));
}

gboolean lsb_field_host_ip(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    return lsb_field_ip(value, path, out, arg, error) &&
           (!lsb_ip_is_group(out) ||
            lsb_field_error(error, path, "the address of one host", value));
}

/* An element of addresses, as written. */
typedef struct {
    LsbIp ip, broadcast;
    guint prefix;
} AddressDraft;

static const LsbRange prefix_range = {1, 128};

static const LsbField address_fields[] = {
    {"address", lsb_field_host_ip, offsetof(AddressDraft, ip), NULL},
    {"prefix", lsb_field_uint, offsetof(AddressDraft, prefix), &prefix_range},
    {"broadcast", lsb_field_ip, offsetof(AddressDraft, broadcast), NULL},
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

/* The first and the last address of an IPv4 network of four and more belong to no host. */
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

static gboolean read_address(const LsbValue *value, const char *path, gpointer out,
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

gboolean lsb_addresses_parse(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error)
{
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of addresses", value);
    return lsb_fields_each(value, path, read_address, out, arg, error);
}

/* --- routes --- */

/* An element of routes, as written. */
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
    {"via", lsb_field_host_ip, offsetof(RouteDraft, route.via), NULL},
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

static gboolean read_route(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
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

gboolean lsb_routes_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of routes", value);
    return lsb_fields_each(value, path, read_route, out, arg, error);
}
