/*
 * Splits QEMU's state of a machine in two: the memory, a file that other machines can map, and the
 * rest of the state, which is loaded into a machine that has that file as its memory. So a machine
 * can be saved whichever way it got its memory.
 *
 * The state is a stream of sections (QEMU, docs/devel/migration.rst, migration/savevm.c). Those of
 * the memory come first (migration/ram.c, version 4, the same since QEMU 2.0 but for a command
 * before the last of them since 10.0). Only they are read here; what follows is passed on unread.
 */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_RAMSTATE_H
#define LSANDBOX_DOMAIN_TEMPLATE_RAMSTATE_H

#include <glib.h>

/*
 * FROM is read from its current offset; a hostile QEMU may have written it. MEMORY, an empty file,
 * becomes SIZE bytes long, with holes where the memory is zero. TO gets the rest, in which the
 * block of memory has the name NAME. Errors: LSB_ERROR_UNSUPPORTED (no such stream), LSB_ERRNO.
 */
gboolean lsb_ramstate_split(int from, guint64 size, const char *name, int memory, int to,
                            GError **error);

#endif
