/* Opens and makes paths inside the root that is put together. */
#define _GNU_SOURCE
#include "path.h"

#include "syscalls.h"
#include "shared/closekeep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int path_open(const struct root *root, const char *path)
{
    return syscall_open_in(root->fd, path, O_PATH);
}

static bool is_own(const struct root *root, int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return false;
    for (size_t i = 0; i < root->ours_count; i++)
        if (root->ours[i] == st.st_dev)
            return true;
    return false;
}

static int make_in_own(const struct root *root, int parent, const char *name, bool file)
{
    if (!is_own(root, parent)) {
        errno = ENOENT;
        return -1;
    }
    if (!file)
        return mkdirat(parent, name, 0755);
    int fd = openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    return fd < 0 ? -1 : close(fd);
}

/* Split PATH into its parent (in PARENT) and last name, without slashes at the end. */
static const char *split(const char *path, char parent[PATH_MAX])
{
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    if (len >= PATH_MAX)
        return NULL;
    memcpy(parent, path, len);
    parent[len] = 0;
    char *slash = strrchr(parent, '/');
    if (!slash || !slash[1])
        return NULL;
    *slash = 0;
    return slash + 1;
}

static int make_missing(const struct root *root, const char *path, bool file)
{
    char buf[PATH_MAX];
    const char *name = split(path, buf);
    if (!name) {
        errno = ENOENT;
        return -1;
    }
    int parent = path_open_or_make(root, *buf ? buf : "/", false);
    if (parent < 0)
        return -1;
    int result = make_in_own(root, parent, name, file);
    close_keep(parent);
    return result;
}

/* The target of the symlink PATH, as a path in the root; NULL: it is no symlink. Caller frees. */
static char *link_target(const struct root *root, const char *path)
{
    char buf[PATH_MAX], text[PATH_MAX], *target = NULL;
    const char *name = split(path, buf);
    int link = syscall_open_in(root->fd, path, O_PATH | O_NOFOLLOW);
    ssize_t n = link < 0 ? -1 : readlinkat(link, "", text, sizeof text - 1);
    close(link);
    if (n <= 0 || !name)
        return NULL;
    text[n] = 0;
    if (text[0] == '/')
        return strdup(text);
    return asprintf(&target, "%s/%s", buf, text) < 0 ? NULL : target;
}

/* PATH may be a symlink to nothing: then its target is what to make. Follows one link only. */
static int open_or_make_linked(const struct root *root, const char *path, bool file)
{
    char *target = link_target(root, path);
    errno = ENOENT;
    if (!target)
        return make_missing(root, path, file);
    int result = make_missing(root, target, file);
    free_keep(target);
    return result;
}

int path_open_or_make(const struct root *root, const char *path, bool file)
{
    int fd = path_open(root, path);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    return open_or_make_linked(root, path, file) < 0 ? -1 : path_open(root, path);
}

int path_ours(struct root *root, int fd)
{
    struct stat st;
    dev_t *ours = realloc(root->ours, (root->ours_count + 1) * sizeof *ours);
    if (!ours || fstat(fd, &st) < 0)
        return -1;
    root->ours = ours;
    root->ours[root->ours_count++] = st.st_dev;
    return 0;
}

bool path_stays_writable(const struct root *root, int fd)
{
    struct stat st, layer;
    if (!is_own(root, fd) || fstat(fd, &st) < 0)
        return false;
    for (size_t i = 0; i < root->layer_count; i++)
        if (fstat(root->layers[i], &layer) == 0 && layer.st_dev == st.st_dev)
            return false;
    return true;
}

int path_layer(struct root *root, int fd)
{
    int *layers = realloc(root->layers, (root->layer_count + 1) * sizeof *layers);
    if (!layers)
        return -1;
    root->layers = layers;
    root->layers[root->layer_count++] = fd;
    return 0;
}

int path_root_layer(struct root *root, int fd)
{
    if (fd < 0 || path_ours(root, fd) < 0)
        return -1;
    return root->writable ? close(fd) : path_layer(root, fd);
}

void path_root_done(struct root *root)
{
    close(root->fd);
    free(root->ours);
    free(root->layers);
    *root = (struct root){.fd = -1};
}

const char *fd_path(char buf[FD_PATH_SIZE], int fd)
{
    snprintf(buf, FD_PATH_SIZE, "/proc/self/fd/%d", fd);
    return buf;
}

int mount_at(int fd, const char *source, const char *type, unsigned long flags, const char *data)
{
    char path[FD_PATH_SIZE];
    return mount(source, fd_path(path, fd), type, flags, data);
}
