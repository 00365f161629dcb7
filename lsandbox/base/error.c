/* Errors of the core: their two domains, their stable names, and the facts beside a message. */
#include "base/error.h"

#include <errno.h>
#include <string.h>

static void lsb_error_private_init(LsbErrorPrivate *extra)
{
    extra->details = NULL;
}

static void lsb_error_private_copy(const LsbErrorPrivate *from, LsbErrorPrivate *to)
{
    to->details = from->details ? g_hash_table_ref(from->details) : NULL;
}

static void lsb_error_private_clear(LsbErrorPrivate *extra)
{
    g_clear_pointer(&extra->details, g_hash_table_unref);
}

G_DEFINE_EXTENDED_ERROR(LsbError, lsb_error)

/* By hand, because G_DEFINE_QUARK() takes the name as a bare word, which a formatter rewrites. */
GQuark lsb_errno_quark(void)
{
    return g_quark_from_static_string("lsb-errno");
}

static const char *const names[] = {
#define LSB_X(suffix, name) [LSB_ERROR_##suffix] = name,
    LSB_ERROR_CODES(LSB_X)
#undef LSB_X
};

const char *lsb_error_name(const GError *error)
{
    if (error->domain == LSB_ERROR && error->code >= 0 && (gsize)error->code < G_N_ELEMENTS(names))
        return names[error->code];
    if (error->domain == LSB_ERRNO) {
        const char *name = strerrorname_np(error->code);
        if (name)
            return name;
    }
    return names[LSB_ERROR_FAILED];
}

void lsb_error_set_detail(GError *error, const char *name, const char *value)
{
    LsbErrorPrivate *extra = lsb_error_get_private(error);
    if (!extra->details)
        extra->details = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_replace(extra->details, g_strdup(name), g_strdup(value));
}

GHashTable *lsb_error_details(const GError *error)
{
    return error->domain == LSB_ERROR ? lsb_error_get_private(error)->details : NULL;
}

void lsb_set_errno(GError **error, int errnum, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, LSB_ERRNO, errnum, "%s: %s", what, g_strerror(errnum));
}
