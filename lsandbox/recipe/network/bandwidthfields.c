/* The field bandwidth of an interface. */
#include "recipe/network/bandwidthfields.h"

#include <stddef.h>

#include "base/error.h"
#include "recipe/network/network.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

static const LsbField rate_fields[] = {
    {"average", lsb_field_size, offsetof(LsbRate, average), NULL},
    {"peak", lsb_field_size, offsetof(LsbRate, peak), NULL},
    {"burst", lsb_field_size, offsetof(LsbRate, burst), NULL},
    {NULL, NULL, 0, NULL},
};

/* libvirt counts thousands of bytes in 32 bits (virNetDevBandwidthParseRate). */
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

/* A size without a table is the average. */
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

gboolean lsb_bandwidth_parse(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error)
{
    (void)arg;
    if (!lsb_value_is_named(value))
        return lsb_field_error(error, path, "a table of inbound and outbound", value);
    return lsb_fields_read(value, path, bandwidth_fields, out, error);
}

static const LsbField interface_change_fields[] = {
    {"bandwidth", lsb_bandwidth_parse, 0, NULL},
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
                             interface_change_fields, error))
            return FALSE;
    }
    return TRUE;
}
