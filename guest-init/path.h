/*
 * The sandbox's root while it is put together, and paths inside it. Symlinks in a path are followed
 * inside that root only, whoever made them.
 */
#ifndef LSANDBOX_INIT_PATH_H
#define LSANDBOX_INIT_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Big enough for "/proc/self/fd/" and any number. */
enum { FD_PATH_SIZE = 40 };

struct root {
    int fd;           /* O_PATH */
    const char *work; /* a directory outside the root where private tmpfs may be mounted */

    /* Filesystems that live and die with this sandbox: the only ones where a missing mount point
       may be made, because anywhere else it would be left on the host. */
    dev_t *ours;
    size_t ours_count;

    bool writable; /* the root's own layers stay so */

    /* Mounts (O_PATH descriptors) that become read-only once all mount points are there. */
    int *layers;
    size_t layer_count;
};

/* Open what PATH names in the root, O_PATH; -1 and errno. */
int path_open(const struct root *root, const char *path);

/* The same, but make it (and its parents) when it is missing and may be made. */
int path_open_or_make(const struct root *root, const char *path, bool file);

/* The filesystem that FD is on belongs to this sandbox alone. */
int path_ours(struct root *root, int fd);

/* The program will be able to write there, as far as the owner and the mode of the place say. */
bool path_stays_writable(const struct root *root, int fd);

/* FD is a mount that is to become read-only at the end. Takes FD over. */
int path_layer(struct root *root, int fd);

/*
 * FD is a layer of the root itself, ours; it becomes read-only unless the root is writable. Takes
 * FD.
 */
int path_root_layer(struct root *root, int fd);

/* It is put together: let go of it. */
void path_root_done(struct root *root);

/* A path by which system calls without a descriptor argument reach FD. Needs /proc. */
const char *fd_path(char buf[FD_PATH_SIZE], int fd);

/* mount(2) onto what FD names. */
int mount_at(int fd, const char *source, const char *type, unsigned long flags, const char *data);

#endif
