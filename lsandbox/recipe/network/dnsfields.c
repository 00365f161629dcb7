/* The fields dns and hosts of a recipe. */
#include "recipe/network/dnsfields.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "recipe/network/ipaddress.h"
#include "recipe/network/ipfields.h"
#include "recipe/network/network.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum { MAX_DOMAIN = 253 }; /* RFC 1035 2.3.4, as text */

/* Whether TEXT is a name of the DNS, where underscores are in use, though not in host names. */
static gboolean is_dns_name(const char *text)
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
    if (!is_dns_name(text))
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
    if (!lsb_field_host_ip(value, path, &ip, arg, error))
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

void lsb_host_name_free(gpointer data)
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
    GPtrArray *pairs = lsb_value_pairs(value);
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        g_autofree char *at = lsb_field_join(path, pair->key);
        LsbIp ip;
        if (!is_dns_name(pair->key))
            return lsb_fail(error, INVALID, "%s: expected a host's name", at);
        if (!lsb_field_ip(pair->value, at, &ip, NULL, error))
            return FALSE;
        LsbHostName *h = g_new0(LsbHostName, 1);
        h->name = g_strdup(pair->key);
        h->ip = ip;
        g_ptr_array_add(*(GPtrArray **)out, h);
    }
    return TRUE;
}

void lsb_dns_init(LsbDns *dns)
{
    dns->servers = g_array_new(FALSE, TRUE, sizeof(LsbIp));
    dns->search = g_ptr_array_new_with_free_func(g_free);
}

void lsb_dns_clear(LsbDns *dns)
{
    g_array_unref(dns->servers);
    g_ptr_array_unref(dns->search);
}
