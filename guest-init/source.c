/* Opens trees of the host as detached mounts. */
#define _GNU_SOURCE
#include "source.h"

#include "syscalls.h"
#include "path.h"
#include "shared/closekeep.h"
#include "shared/units.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/*
 * msize is the payload of one request. virtio-9p takes at most 500 KiB, but the kernel allocates a
 * buffer of msize in one piece for each open directory; 128 KiB (order 5) can still be found in a
 * full machine of 128 MiB.
 *
 * access=any, because QEMU acts as one user of the host for all users of the guest. With "user" or
 * "client" the kernel attaches and walks every path anew for each uid, and "client" fetches two
 * ACLs for each file. The guest's kernel checks mode bits in every case. A later access= in the
 * plan's own options wins.
 */
enum { NINEP_MSIZE = 128 * KiB };

const char *source_ninep_options(char *data, size_t size, bool cached, const char *more)
{
    snprintf(data, size, "trans=virtio,version=9p2000.L,msize=%d,access=any,cache=%s%s%s",
             NINEP_MSIZE, cached ? "loose" : "none", *more ? "," : "", more);
    return data;
}

static int ninep_tree(const struct root *root, const char *tag)
{
    char data[512];
    source_ninep_options(data, sizeof data, true, "");
    if (mount(tag, root->work, "9p", MS_RDONLY, data) < 0)
        return -1;
    int fd = open(root->work, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int tree = fd < 0 ? -1 : syscall_clone_mount(fd, false);
    close_keep(fd);
    syscall_unmount_keep(root->work);
    return tree;
}

/* Remove the mount point SOURCE, and the directory it is in when that is empty then. */
static void remove_place(const char *source)
{
    char parent[PATH_MAX];
    if (rmdir(source) < 0 && unlink(source) < 0)
        return;
    if (snprintf(parent, sizeof parent, "%s", source) < PATH_MAX)
        rmdir(dirname(parent));
}

/*
 * The path where libvirt has mounted the tree must not stay as a second, perhaps writable, way to
 * it. A container's root is "/" by now, so SOURCE is a path in ROOT.
 */
int source_detach_place(const struct root *root, const char *source)
{
    char path[FD_PATH_SIZE];
    int fd = path_open(root, source);
    int result = fd < 0 ? -1 : umount2(fd_path(path, fd), MNT_DETACH);
    close_keep(fd);
    if (result == 0)
        remove_place(source);
    return result;
}

/* Lower descriptors are the standard streams and the relay. */
enum { FIRST_TREE = 4 };

int source_passed_tree(const char *source)
{
    int n, end = 0;
    if (sscanf(source, "fd:%9d%n", &n, &end) != 1 || source[end] || n < FIRST_TREE)
        return -1;
    return n;
}

int source_placed_tree(int root, const char *source)
{
    int tree = source_passed_tree(source);
    if (tree >= 0)
        return tree;
    int fd =
        root == AT_FDCWD ? open(source, O_PATH | O_CLOEXEC) : syscall_open_in(root, source, O_PATH);
    tree = fd < 0 ? -1 : syscall_clone_mount(fd, true);
    close_keep(fd);
    return tree;
}

/* A source of a machine is a tag: neither "fd:N" nor a path. */
int source_tree(const struct root *root, const char *source)
{
    if (source[0] != '/' && strncmp(source, "fd:", 3) != 0)
        return ninep_tree(root, source);
    int tree = source_placed_tree(root->fd, source);
    if (tree >= 0 && source[0] == '/' && source_detach_place(root, source) < 0) {
        close_keep(tree);
        return -1;
    }
    return tree;
}
