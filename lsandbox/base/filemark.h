/* What tells one content of a file from another without reading it. */
#ifndef LSANDBOX_BASE_FILEMARK_H
#define LSANDBOX_BASE_FILEMARK_H

#include <glib.h>
#include <sys/stat.h>

/*
 * A line for NAME: inode, size, times. Whoever writes to a file changes its ctime, which cannot be
 * set back (inode(7)). ST all zero stands for a file that is missing. Caller frees.
 */
char *lsb_file_mark(const char *name, const struct stat *st);

#endif
