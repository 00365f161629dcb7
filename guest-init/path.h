/*
 * The sandbox's root while it is put together, and paths inside it. Symlinks in a path never lead
 * out of that root.
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

    /* Filesystems that belong to this sandbox alone. Missing mount points are made only in these,
       because anywhere else they would be left on the host. */
    dev_t *ours;
    size_t ours_count;

    bool writable; /* the root's own layers stay writable */

    /* Mounts (O_PATH descriptors) that become read-only once all mount points are made. */
    int *layers;
    size_t layer_count;
};

/* Open what PATH names in the root, O_PATH; -1 and errno. */
int path_open(const struct root *root, const char *path);

/* The same, but make the directory (FILE: the file) and its parents when they are missing. */
int path_open_or_make(const struct root *root, const char *path, bool file);

/* Note that the filesystem of FD belongs to this sandbox alone. -1 and errno. */
int path_ours(struct root *root, int fd);

/* Whether programs will be able to write in FD's filesystem, as far as owners and modes allow. */
bool path_stays_writable(const struct root *root, int fd);

/* Note that FD, which is taken over, is a mount that becomes read-only at the end. -1 and errno. */
int path_layer(struct root *root, int fd);

/*
 * Note that FD, which is taken over, is a layer of the root itself: its filesystem belongs to this
 * sandbox, and becomes read-only at the end unless the root is writable. -1 and errno.
 */
int path_root_layer(struct root *root, int fd);

/* The root is put together: free what is in ROOT. */
void path_root_done(struct root *root);

/* A path by which system calls without a descriptor argument reach FD. Needs /proc. */
const char *fd_path(char buf[FD_PATH_SIZE], int fd);

/* mount(2) onto what FD names. */
int mount_at(int fd, const char *source, const char *type, unsigned long flags, const char *data);

#endif
