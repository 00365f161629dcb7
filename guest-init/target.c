/* Whether something can be mounted at a target of the plan, which is open already. */
#define _GNU_SOURCE
#include "target.h"

#include "log.h"
#include "shared/wire.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The field of a recipe that M may come from. */
static const char *field_of(const struct plan_mount *m)
{
    return m->kind == WIRE_MOUNT_INCLUDE ? "include" : "mounts";
}

static int check_type(const struct plan_mount *m, int fd)
{
    struct stat st;
    bool wants_file = m->flags & WIRE_MOUNT_FILE;
    if (fstat(fd, &st) < 0)
        return failed("look at %s", m->target);
    if (wants_file ? S_ISREG(st.st_mode) : S_ISDIR(st.st_mode))
        return 0;
    return failed_with(S_ISDIR(st.st_mode)   ? EISDIR
                       : S_ISREG(st.st_mode) ? ENOTDIR
                                             : EINVAL,
                       "%s: a %s cannot be put at the target %s, which is %s in the sandbox",
                       field_of(m), wants_file ? "file" : "directory", m->target,
                       S_ISDIR(st.st_mode)   ? "a directory"
                       : S_ISREG(st.st_mode) ? "a file"
                                             : "neither a file nor a directory");
}

static bool read_path(int fd, char path[PATH_MAX])
{
    char link[FD_PATH_SIZE];
    ssize_t n = readlink(fd_path(link, fd), path, PATH_MAX - 1);
    path[n > 0 ? n : 0] = 0;
    return n > 0;
}

/* The same places as lsb_mount_check_target() refuses by their text, in recipe/mountfields.c. */
static bool is_kept(const char *path)
{
    static const char *const whole[] = {"/proc", "/sys", "/dev/pts", "/dev/.lsandbox"};
    if (!*path || strcmp(path, "/") == 0 || strcmp(path, "/dev") == 0)
        return true;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        size_t n = strlen(whole[i]);
        if (strncmp(path, whole[i], n) == 0 && (!path[n] || path[n] == '/'))
            return true;
    }
    return false;
}

static int check_leads(const struct root *root, const struct plan_mount *m, int fd)
{
    char top[PATH_MAX], path[PATH_MAX];
    if (!read_path(root->fd, top) || !read_path(fd, path))
        return failed("look where %s leads", m->target);
    size_t n = strcmp(top, "/") == 0 ? 0 : strlen(top);
    if (strncmp(path, top, n) != 0 || !is_kept(path + n))
        return 0;
    return failed_with(EPERM,
                       "%s: the target %s leads to %s in the sandbox, which is the sandbox's own",
                       field_of(m), m->target, path[n] ? path + n : "/");
}

int target_check(const struct root *root, const struct plan_mount *m, int fd)
{
    return check_leads(root, m, fd) < 0 ? -1 : check_type(m, fd);
}
