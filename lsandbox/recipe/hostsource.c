/* Files and directories of the host that a recipe names. */
#include "recipe/hostsource.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/error.h"
#include "recipe/value/fields.h"

gboolean lsb_host_resolve(const char *field, char **path, GError **error)
{
    char *real = realpath(*path, NULL);
    if (!real)
        return lsb_fail(error, INVALID,
                        "%s: expected a path of the host that can be followed, got \"%s\": %s",
                        field, *path, g_strerror(errno));
    gboolean plain = lsb_text_is_plain(real);
    if (plain)
        lsb_field_set_text(path, real);
    free(real);
    return plain || lsb_fail(error, INVALID,
                             "%s: expected a path that leads to a name in UTF-8 without control "
                             "characters, got \"%s\"",
                             field, *path);
}

gboolean lsb_host_directory(const char *field, char **path, GError **error)
{
    if (g_file_test(*path, G_FILE_TEST_IS_DIR))
        return lsb_host_resolve(field, path, error);
    return lsb_fail(error, INVALID, "%s: expected a directory of the host, got \"%s\"", field,
                    *path);
}

gboolean lsb_host_file_or_directory(const char *field, char **path, gboolean *is_directory,
                                    GError **error)
{
    struct stat st;
    if (stat(*path, &st) < 0) {
        int saved = errno;
        return lsb_fail(error, INVALID,
                        "%s: expected a file or directory of the host, got \"%s\": %s", field,
                        *path, g_strerror(saved));
    }
    *is_directory = S_ISDIR(st.st_mode);
    if (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode))
        return lsb_host_resolve(field, path, error);
    return lsb_fail(error, INVALID,
                    "%s: expected a regular file or a directory, got \"%s\", which is neither",
                    field, *path);
}

gboolean lsb_host_path_parse(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error)
{
    char **text = out;
    if (!lsb_field_path(value, path, out, arg, error))
        return FALSE;
    return !g_file_test(*text, G_FILE_TEST_EXISTS) || lsb_host_resolve(path, text, error);
}
