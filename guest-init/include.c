/* Copies files of the host into the sandbox (WIRE_MOUNT_INCLUDE). */
#define _GNU_SOURCE
#include "include.h"

#include "kept.h"
#include "syscalls.h"
#include "log.h"
#include "mountflags.h"
#include "source.h"
#include "target.h"
#include "shared/closekeep.h"
#include "shared/treecopy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* The plan's options of one copy. */
struct copy {
    char name[16], size[32];
    unsigned uid, gid;
};

/* The host's directory from which everything is included; -1: not opened. */
static int host = -1;

static int parse_copy(const struct plan_mount *m, struct copy *c)
{
    int end = 0;
    if (sscanf(m->options, "name=%15[0-9],uid=%u,gid=%u,size=%31[0-9]%n", c->name, &c->uid, &c->gid,
               c->size, &end) == 4 &&
        !m->options[end])
        return 0;
    errno = EINVAL;
    return -1;
}

/* Copy the entry to NAME in DIR, and give it to the user. */
static int copy_to(const struct copy *c, int dir, const char *name)
{
    struct tree_limit unlimited = {UINT64_MAX, UINT64_MAX}; /* the file system has its size */
    struct file_failure failure = {0};
    if (tree_copy(host, c->name, dir, name, &unlimited, &failure) < 0) {
        free(failure.path);
        errno = failure.errnum;
        return -1;
    }
    return tree_give(dir, name, c->uid, c->gid);
}

/* The directory that TARGET lies in (in PARENT), and TARGET's name in it. */
static const char *split_target(const char *target, char parent[PATH_MAX])
{
    snprintf(parent, PATH_MAX, "%s", target);
    char *slash = strrchr(parent, '/');
    *slash = 0;
    return target + (slash + 1 - parent);
}

/*
 * Open the directory PATH. Missing parts are made, and given to the user where programs may write.
 */
static int open_or_make(struct root *root, const char *path, const struct copy *c)
{
    char parent[PATH_MAX];
    int fd = path_open(root, *path ? path : "/");
    if (fd >= 0 || errno != ENOENT || !*path)
        return fd;
    split_target(path, parent);
    close_keep(open_or_make(root, parent, c));
    fd = path_open_or_make(root, path, false);
    if (fd >= 0 && path_stays_writable(root, fd) &&
        fchownat(fd, "", c->uid, c->gid, AT_EMPTY_PATH) < 0)
        say("%s belongs to root: %s", path, strerror(errno));
    return fd;
}

/* Where programs can write, such as in their home, the copy is a file like any other. */
static int copy_into_place(struct root *root, const struct plan_mount *m, const struct copy *c)
{
    char parent[PATH_MAX];
    const char *name = split_target(m->target, parent);
    int dir = open_or_make(root, parent, c);
    int result = -1;
    if (dir >= 0 && path_stays_writable(root, dir))
        result = copy_to(c, dir, name) < 0 ? -1 : kept_note(m->kind, m->target);
    else
        errno = EROFS;
    close_keep(dir);
    return result;
}

/* Open the directory PATH, and make the missing parts wherever they lie. */
static int open_or_mkdir(const struct root *root, const char *path)
{
    char parent[PATH_MAX];
    int fd = path_open(root, *path ? path : "/");
    if (fd >= 0 || errno != ENOENT || !*path)
        return fd;
    const char *name = split_target(path, parent);
    int dir = open_or_mkdir(root, parent);
    int result = dir < 0 ? -1 : mkdirat(dir, name, 0755);
    close_keep(dir);
    return result < 0 ? -1 : path_open(root, path);
}

/*
 * In a directory of the host there is no mount point for a new file, and none may be left there, so
 * the copy is made as the program would make it: with the rights of its user, and as a file of that
 * user. An image is the sandbox's own, so there root makes the copy and gives it to the user.
 */
static int copy_into_bind(struct root *root, const struct plan_mount *m, const struct copy *c)
{
    char parent[PATH_MAX];
    const char *name = split_target(m->target, parent);
    struct tree_limit unlimited = {UINT64_MAX, UINT64_MAX};
    struct file_failure failure = {0};
    int dir = open_or_mkdir(root, parent);
    int result = dir < 0 ? -1 : tree_copy(host, c->name, dir, name, &unlimited, &failure);
    if (result < 0 && dir >= 0)
        errno = failure.errnum;
    free_keep(failure.path);
    if (result == 0 && m->flags & WIRE_MOUNT_BY_ROOT)
        result = tree_give(dir, name, c->uid, c->gid);
    close_keep(dir);
    return result < 0 ? -1 : kept_note(m->kind, m->target);
}

static int copy_as_user(struct root *root, const struct plan_mount *m, const struct copy *c)
{
    if (m->flags & WIRE_MOUNT_BY_ROOT)
        return copy_into_bind(root, m, c);
    setfsgid(c->gid);
    setfsuid(c->uid); /* takes the capabilities over files away, too (capabilities(7)) */
    int result = copy_into_bind(root, m, c);
    int errnum = errno;
    setfsuid(0);
    setfsgid(0);
    errno = errnum;
    return result;
}

static int attach_include(const struct plan_mount *m, int work, int target)
{
    int copy = openat(work, "copy", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int tree = copy < 0 ? -1 : syscall_clone_mount(copy, false);
    int result = tree < 0 || syscall_set_attr(tree, mountflags_attr(m->flags), false) < 0 ||
                         syscall_attach_mount(tree, target) < 0
                     ? -1
                     : kept_add(m->kind, m->target, tree);
    close_keep(tree);
    close_keep(copy);
    return result;
}

/* Elsewhere the copy lies in a tmpfs of its own, and is mounted at the target. */
static int mount_copy(struct root *root, const struct plan_mount *m, const struct copy *c)
{
    char options[64];
    int target = path_open_or_make(root, m->target, m->flags & WIRE_MOUNT_FILE);
    snprintf(options, sizeof options, "mode=700,size=%s", c->size);
    if (target < 0 || mount("none", root->work, "tmpfs", MS_NOSUID | MS_NODEV, options) < 0) {
        close_keep(target);
        return -1;
    }
    int work = open(root->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = copy_to(c, work, "copy") < 0 ? -1 : attach_include(m, work, target);
    close_keep(work);
    close_keep(target);
    syscall_unmount_keep(root->work);
    return result;
}

/* 1: put the copy that an earlier plan has made, as programs have left it, in place. 0: none. */
static int put_again(struct root *root, const struct plan_mount *m)
{
    enum kept_how how = kept_look(m->kind, m->target);
    if (how != KEPT_APART)
        return how == KEPT_IN_PLACE ? kept_attach(m->kind, m->target, -1) : 0;
    int target = path_open_or_make(root, m->target, m->flags & WIRE_MOUNT_FILE);
    int result = target < 0 ? -1 : kept_attach(m->kind, m->target, target);
    close_keep(target);
    return result;
}

/* In the first of three ways that its target allows. */
static int put_copy(struct root *root, const struct plan_mount *m, const struct copy *c)
{
    if (copy_into_place(root, m, c) == 0)
        return 0;
    if (errno == ENOSPC)
        return -1;
    if (mount_copy(root, m, c) == 0)
        return 0;
    return errno == ENOENT ? copy_as_user(root, m, c) : -1;
}

/* A target that is missing is made in the right type later. */
static int check_target(const struct root *root, const struct plan_mount *m)
{
    int target = path_open(root, m->target);
    int result = target < 0 ? 0 : target_check(root, m, target);
    close_keep(target);
    return result;
}

int include_make(struct root *root, const struct plan_mount *m)
{
    struct copy c;
    if (parse_copy(m, &c) < 0 || strlen(m->target) >= PATH_MAX)
        return failed_with(EINVAL, "include %s", m->target);
    if (check_target(root, m) < 0)
        return -1;
    int again = put_again(root, m);
    if (again > 0)
        return 0;
    if (host < 0)
        host = source_tree(root, m->source);
    if (host < 0)
        return failed("find what is to be included");
    if (again == 0 && put_copy(root, m, &c) == 0)
        return 0;
    return failed("include %s", m->target);
}

void include_done(void)
{
    close(host);
    host = -1;
}
