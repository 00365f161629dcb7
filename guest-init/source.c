#define _GNU_SOURCE
#include "source.h"

#include "kernel.h"
#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static int ninep_tree(const struct root *root, const char *tag)
{
    char data[512];
    mounts_ninep_options(data, sizeof data, true, "");
    if (mount(tag, root->work, "9p", MS_RDONLY, data) < 0)
        return -1;
    int fd = open(root->work, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int tree = fd < 0 ? -1 : kernel_clone_mount(fd, false);
    int saved = errno;
    close(fd);
    umount2(root->work, MNT_DETACH);
    errno = saved;
    return tree;
}

/* A machine's sources are tags: neither a descriptor nor a path. */
int source_tree(const struct root *root, const char *source)
{
    if (source[0] != '/' && strncmp(source, "fd:", 3) != 0)
        return ninep_tree(root, source);
    int tree = mounts_placed_tree(root->fd, source);
    if (tree >= 0 && source[0] == '/' && mounts_detach_place(root, source) < 0) {
        close(tree);
        return -1;
    }
    return tree;
}
