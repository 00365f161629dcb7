/* A machine's memory as a file: copied without its zero pages, and compared by its checksum. */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_MEMORYFILE_H
#define LSANDBOX_DOMAIN_TEMPLATE_MEMORYFILE_H

#include <glib.h>

/*
 * Copy FROM, a file of SIZE bytes that does not change meanwhile, to TO, an empty one. Zero pages
 * become holes. FALSE with errno: ENOSPC among others.
 */
gboolean lsb_memory_copy(int from, int to, guint64 size);

/*
 * The checksum (SHA-256, hexadecimal) of a file's size and of all pages that are not zero, with
 * their offsets. It is the same whichever of the zero pages are holes. NULL with errno. Caller
 * frees.
 */
char *lsb_memory_checksum(int fd);

#endif
