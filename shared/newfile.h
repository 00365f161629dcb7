/*
 * A file that appears under its name whole or not at all. Until then it has no name where the file
 * system can do that (open(2), O_TMPFILE), so that not even a SIGKILL leaves anything; elsewhere a
 * temporary one in the same directory.
 */
#ifndef LSANDBOX_NEWFILE_H
#define LSANDBOX_NEWFILE_H

#include <sys/types.h>

struct new_file {
    int fd;        /* -1: none is open */
    int dir;       /* borrowed */
    char temp[40]; /* its temporary name; "" while it has none */
};

/* Begin one in DIR, mode 0600. -1 and errno. */
int new_file_open(struct new_file *f, int dir);

/* Give it NAME, replacing what is not a directory. The file is closed, whatever is returned. */
int new_file_commit(struct new_file *f, const char *name);

/* Forget it; keeps errno. Harmless when none is open. */
void new_file_drop(struct new_file *f);

/* Make the symlink NAME in DIR, replacing what is not a directory. */
int new_symlink(int dir, const char *name, const char *target);

#endif
