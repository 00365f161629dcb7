/*
 * Files and directories of the host that a recipe names: whether they exist and are of a fit type.
 */
#include "recipe/hostsource.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/error.h"

gboolean lsb_host_directory(const char *field, const char *path, GError **error)
{
    return g_file_test(path, G_FILE_TEST_IS_DIR) ||
           lsb_fail(error, INVALID, "%s: expected a directory of the host, got \"%s\"", field,
                    path);
}

gboolean lsb_host_file_or_directory(const char *field, const char *path, gboolean *is_directory,
                                    GError **error)
{
    struct stat st;
    if (stat(path, &st) < 0) {
        int saved = errno;
        return lsb_fail(error, INVALID,
                        "%s: expected a file or directory of the host, got \"%s\": %s", field, path,
                        g_strerror(saved));
    }
    *is_directory = S_ISDIR(st.st_mode);
    return S_ISDIR(st.st_mode) || S_ISREG(st.st_mode) ||
           lsb_fail(error, INVALID,
                    "%s: expected a regular file or a directory, got \"%s\", which is neither",
                    field, path);
}
