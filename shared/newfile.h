/*
 * A file that appears under its name whole or not at all. Until it is whole it has no name where
 * the file system can do that (open(2), O_TMPFILE), so that not even a SIGKILL leaves anything
 * behind; elsewhere it has a temporary name in the same directory.
 */
#ifndef LSANDBOX_NEWFILE_H
#define LSANDBOX_NEWFILE_H

#include <sys/types.h>

struct new_file {
    int fd;        /* -1: none is open */
    int dir;       /* borrowed */
    char temp[40]; /* its temporary name; "" while it has none */
};

/* Begin a file in DIR, with mode 0600. 0, or -1 with errno. */
int new_file_open(struct new_file *f, int dir);

/*
 * Give the file NAME, replacing anything there but a directory. 0, or -1 with errno; the file is
 * closed in both cases.
 */
int new_file_commit(struct new_file *f, const char *name);

/* Drop the file, if one is open. Keeps errno. */
void new_file_drop(struct new_file *f);

/* Make the symlink NAME in DIR, replacing anything but a directory. 0, or -1 with errno. */
int new_symlink(int dir, const char *name, const char *target);

#endif
