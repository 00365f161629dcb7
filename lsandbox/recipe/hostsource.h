/*
 * Files and directories of the host that a recipe names: whether they exist and are of a fit type.
 */
#ifndef LSANDBOX_RECIPE_HOSTSOURCE_H
#define LSANDBOX_RECIPE_HOSTSOURCE_H

#include <glib.h>

/* Check that PATH is a directory of the host. FALSE with LSB_ERROR_INVALID, which names FIELD. */
gboolean lsb_host_directory(const char *field, const char *path, GError **error);

/*
 * Check that PATH is a regular file or a directory of the host, and set *IS_DIRECTORY. FALSE with
 * LSB_ERROR_INVALID, which names FIELD.
 */
gboolean lsb_host_file_or_directory(const char *field, const char *path, gboolean *is_directory,
                                    GError **error);

#endif
