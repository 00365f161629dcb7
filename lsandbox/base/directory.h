/* Making directories with exactly the mode that is asked for. */
#ifndef LSANDBOX_BASE_DIRECTORY_H
#define LSANDBOX_BASE_DIRECTORY_H

#include <sys/types.h>

/* Make the directory PATH with MODE, whatever the umask is. 0, or -1 with errno. */
int lsb_directory_make(const char *path, mode_t mode);

/*
 * Make the directory PATH and its missing parents, all with MODE, whatever the umask is. One that
 * exists is left as it is. 0, or -1 with errno.
 */
int lsb_directory_make_all(const char *path, mode_t mode);

#endif
