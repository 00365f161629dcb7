/* A mark of a file that changes whenever its content does, made without reading the content. */
#ifndef LSANDBOX_BASE_FILEMARK_H
#define LSANDBOX_BASE_FILEMARK_H

#include <glib.h>
#include <sys/stat.h>

/*
 * One line of NAME and the inode, size and times in ST. A write to a file changes its ctime, which
 * no program can set back (inode(7)). An ST of zeros stands for a missing file. Caller frees.
 */
char *lsb_file_mark(const char *name, const struct stat *st);

#endif
