/*
 * QEMU's state of a machine, taken with the memory in it, in two: the memory as a file that other
 * machines can map, and what is left of the state, to be loaded into one that has that file as its
 * memory. So a machine can be saved whichever way it got its memory.
 *
 * The state is a stream of sections (QEMU, docs/devel/migration.rst, migration/savevm.c). The
 * memory's own come first, and are all that is read here (migration/ram.c, version 4, the same since
 * QEMU 2.0, but for a command before the last of them since 10.0); what follows is passed on as it is.
 */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_RAMSTATE_H
#define LSANDBOX_DOMAIN_TEMPLATE_RAMSTATE_H

#include <glib.h>

/*
 * FROM is read from where it stands, which a hostile QEMU may have written. MEMORY, an empty file,
 * becomes SIZE bytes, with holes where the memory is zero; TO gets the rest, in which the block of
 * memory is called NAME. Errors: LSB_ERROR_UNSUPPORTED (no such stream), LSB_ERRNO.
 */
gboolean lsb_ramstate_split(int from, guint64 size, const char *name, int memory, int to,
                            GError **error);

#endif
