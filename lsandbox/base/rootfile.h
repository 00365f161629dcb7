/*
 * Files of a root file system that lies in a directory of the host. Whoever made that root chose
 * its links, pipes and devices, so a path in it is resolved with the directory as "/", and only
 * regular files of a bounded size are read.
 */
#ifndef LSANDBOX_BASE_ROOTFILE_H
#define LSANDBOX_BASE_ROOTFILE_H

#include <glib.h>
#include <sys/types.h>

/*
 * The content of the regular file PATH in the root at ROOT, with a NUL byte behind its *LENGTH
 * bytes. NULL: there is no such file, or it cannot be read, or has more than MOST bytes. Caller
 * frees.
 */
char *lsb_rootfile_read(const char *root, const char *path, gsize most, gsize *length);

/* Whether PATH in the root at ROOT is of TYPE, S_IFDIR or S_IFREG; a symlink is followed. */
gboolean lsb_rootfile_is(const char *root, const char *path, mode_t type);

/* The text of the symlink PATH in the root at ROOT. NULL: PATH is no symlink. Caller frees. */
char *lsb_rootfile_link(const char *root, const char *path);

#endif
