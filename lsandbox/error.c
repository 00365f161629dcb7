#include "error.h"

#include <errno.h>
#include <string.h>

G_DEFINE_QUARK(lsb - error, lsb_error)
G_DEFINE_QUARK(lsb - errno, lsb_errno)

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

void lsb_set_errno(GError **error, int errnum, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, LSB_ERRNO, errnum, "%s: %s", what, g_strerror(errnum));
}
