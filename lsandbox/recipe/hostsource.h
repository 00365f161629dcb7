/*
 * Files and directories of the host that a recipe names: whether they exist and are of a fit type,
 * and what they are when symlinks are followed. Every path means what it leads to. It is resolved
 * here once, because libvirt, QEMU and the guest init would each treat a symlink in their own way.
 */
#ifndef LSANDBOX_RECIPE_HOSTSOURCE_H
#define LSANDBOX_RECIPE_HOSTSOURCE_H

#include <glib.h>

#include "recipe/value/value.h"

/*
 * Replace *PATH, which exists, by what it leads to. FALSE with LSB_ERROR_INVALID, which names
 * FIELD.
 */
gboolean lsb_host_resolve(const char *field, char **path, GError **error);

/* Check that *PATH is a directory of the host, and resolve it. FALSE as above. */
gboolean lsb_host_directory(const char *field, char **path, GError **error);

/*
 * Check that *PATH is a regular file or a directory of the host, set *IS_DIRECTORY, and resolve it.
 * FALSE as above.
 */
gboolean lsb_host_file_or_directory(const char *field, char **path, gboolean *is_directory,
                                    GError **error);

/* Parser (fields.h) of a path of the host that is resolved where it exists. */
gboolean lsb_host_path_parse(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error);

#endif
