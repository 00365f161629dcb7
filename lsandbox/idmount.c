#include "idmount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"

/* The last id, -1, is none (user_namespaces(7)). */
#define END_OF_IDS G_MAXUINT32

static void put_range(GString *map, guint32 from, guint32 to, guint32 count)
{
    if (count > 0)
        g_string_append_printf(map, "%u %u %u\n", from, to, count);
}

/* All ids as they are, but A and B, which change places. */
static char *swapped_ids(guint32 a, guint32 b)
{
    GString *map = g_string_new(NULL);
    guint32 low = MIN(a, b), high = MAX(a, b);
    put_range(map, 0, 0, low);
    put_range(map, low, high, 1);
    if (low != high) {
        put_range(map, low + 1, low + 1, high - low - 1);
        put_range(map, high, low, 1);
    }
    put_range(map, high + 1, high + 1, END_OF_IDS - high - 1);
    return g_string_free(map, FALSE);
}

static gboolean write_map(int pid, const char *name, guint32 a, guint32 b)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", pid, name);
    g_autofree char *map = swapped_ids(a, b);
    cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t length = (ssize_t)strlen(map);
    return fd >= 0 && write(fd, map, (gsize)length) == length;
}

/*
 * A user namespace needs a process to begin with. It sends no signal when it ends and only
 * __WCLONE waits for it, so a host program that waits for its own children does not see it.
 */
static int process_in_namespace(int wait_for)
{
    char byte;
    int pid = (int)syscall(SYS_clone, CLONE_NEWUSER, NULL, NULL, NULL, NULL);
    if (pid != 0)
        return pid;
    while (read(wait_for, &byte, 1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

static int open_namespace(int pid, const LsbIdSwap *swap)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/ns/user", pid);
    if (!write_map(pid, "uid_map", swap->host_uid, swap->inside_uid) ||
        !write_map(pid, "gid_map", swap->host_gid, swap->inside_gid))
        return -1;
    return open(path, O_RDONLY | O_CLOEXEC);
}

static int make_namespace(const LsbIdSwap *swap)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    int pid = process_in_namespace(ends[0]);
    int fd = pid < 0 ? -1 : open_namespace(pid, swap), saved = errno;
    if (pid > 0)
        kill(pid, SIGKILL); /* it has a copy of the pipe's other end */
    while (pid > 0 && waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
        ;
    close(ends[0]);
    close(ends[1]);
    errno = saved;
    return fd;
}

static gboolean set_map(int tree, int namespace, guint flags)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (guint64) namespace};
    return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | flags, &attr, sizeof attr) == 0;
}

gboolean lsb_idmount_swap(int tree, const LsbIdSwap *swap)
{
    if (swap->inside_uid == swap->host_uid && swap->inside_gid == swap->host_gid)
        return TRUE;
    cleanup_fd int namespace = make_namespace(swap);
    return namespace >= 0 &&
           (set_map(tree, namespace, AT_RECURSIVE) || set_map(tree, namespace, 0));
}
