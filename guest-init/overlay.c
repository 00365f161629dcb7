/* Mounts overlays over a root, also where other filesystems are mounted in it. */
#define _GNU_SOURCE
#include "overlay.h"

#include "idmap.h"
#include "log.h"
#include "mountinfo.h"
#include "syscalls.h"
#include "shared/closekeep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int overlay_prepare(const struct root *root, uint64_t size, int *work)
{
    char options[64] = "mode=755";
    if (size)
        snprintf(options, sizeof options, "mode=755,size=%llu", (unsigned long long)size);
    if (mount("none", root->work, "tmpfs", 0, options) < 0 ||
        (*work = open(root->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
        mkdirat(*work, "root", 0755) < 0)
        return failed("make room for the root's overlay");
    return 0;
}

/*
 * The upper directory is the top of the overlay: give it the mode and owner of FROM, which it
 * covers.
 */
static void copy_owner(int from, int work, const char *upper)
{
    struct stat st;
    if (fstat(from, &st) < 0)
        return;
    if (fchownat(work, upper, st.st_uid, st.st_gid, 0) < 0)
        return; /* this user namespace has no id for that owner */
    fchmodat(work, upper, st.st_mode & 07777, 0);
}

/* A kept upper directory is fresh while it has no permissions, as the host has made it. */
static bool is_fresh(const struct overlay_dirs *dirs)
{
    struct stat st;
    return !dirs->kept || (fstatat(dirs->store, dirs->upper, &st, 0) == 0 && !(st.st_mode & 07777));
}

int overlay_make_dirs(const struct overlay_dirs *dirs, int lower)
{
    const char *const names[] = {dirs->upper, dirs->work};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (mkdirat(dirs->store, names[i], 0755) < 0 && (!dirs->kept || errno != EEXIST))
            return -1;
    if (is_fresh(dirs))
        copy_owner(lower, dirs->store, dirs->upper);
    return 0;
}

/*
 * In a user namespace overlayfs must keep its marks in "user." attributes (kernel, overlayfs.rst).
 * So must an overlay that is kept on the host, because QEMU's 9p server cannot set others when it
 * is not root.
 */
int overlay_mount_dirs(const struct overlay_dirs *dirs, int lower, int target, unsigned long flags)
{
    char low[FD_PATH_SIZE], dir[FD_PATH_SIZE], data[256];
    fd_path(dir, dirs->store);
    snprintf(data, sizeof data, "lowerdir=%s,upperdir=%s/%s,workdir=%s/%s%s", fd_path(low, lower),
             dir, dirs->upper, dir, dirs->work,
             (dirs->kept && !dirs->own) || idmap_exists() ? ",userxattr" : "");
    return mount_at(target, "none", "overlay", flags, data);
}

int overlay_mount(int work, int lower, int target)
{
    static unsigned number;
    char upper[32], scratch[32];
    snprintf(upper, sizeof upper, "%u.upper", number);
    snprintf(scratch, sizeof scratch, "%u.work", number++);
    struct overlay_dirs dirs = {.store = work, .upper = upper, .work = scratch};
    return overlay_make_dirs(&dirs, lower) < 0 ? -1 : overlay_mount_dirs(&dirs, lower, target, 0);
}

/* --- a tree with mounts in it --- */

/*
 * An overlay shows one filesystem, without the mounts on it. In a user namespace the kernel also
 * refuses an overlay whose lower directory has mounts below it that came from outside, because the
 * overlay would uncover what they hide (clone_private_mount in fs/namespace.c). So a directory with
 * mounts below it is made anew, entry by entry, and each entry without mounts below it gets an
 * overlay of its own.
 *
 * The kernel lets no one make an entry in an overlay's directory whose owner has no id in the user
 * namespace (every directory of the host's root), so the directories above a missing mount point
 * are made anew, too.
 */
struct tree {
    struct root *root;
    int work;
    size_t prefix; /* characters of a path that lead to the tree's own "/" */
    int source;
    const char *const *skip;
    const struct plan *plan;
    struct mount_points points;
};

/* A directory with more entries is not made anew, because that would take too many mounts. */
enum { MAX_ENTRIES = 512 };

static int build_tree(struct tree *t, const char *path, int source, int target);

/* PATH as it will be in the finished root. */
static const char *path_in_root(const struct tree *t, const char *path)
{
    return path[t->prefix] ? path + t->prefix : "/";
}

static bool skipped(const struct tree *t, const char *path)
{
    for (const char *const *s = t->skip; *s; s++)
        if (strcmp(*s, path_in_root(t, path)) == 0)
            return true;
    return false;
}

static bool strictly_under(const char *path, const char *tree)
{
    return mountinfo_under(path, tree) && strlen(path) > strlen(tree);
}

static bool is_missing(const struct tree *t, const struct plan_mount *m)
{
    int fd = m->flags & WIRE_MOUNT_OPTIONAL ? -1 : syscall_open_in(t->source, m->target, O_PATH);
    bool missing = fd < 0 && !(m->flags & WIRE_MOUNT_OPTIONAL) && errno == ENOENT;
    close(fd);
    return missing;
}

static bool must_be_made_anew(const struct tree *t, const char *path)
{
    for (size_t i = 0; i < t->points.count; i++)
        if (strictly_under(t->points.list[i].path, path))
            return true;
    for (uint32_t i = 0; i < t->plan->mount_count; i++)
        if (strictly_under(t->plan->mounts[i].target, path_in_root(t, path)) &&
            is_missing(t, &t->plan->mounts[i]))
            return true;
    return false;
}

/* Show SOURCE itself, read-only: always for a file, and for a directory that allows no overlay. */
static int bind_readonly(int source, int target)
{
    int tree = syscall_clone_mount(source, true);
    if (tree < 0)
        return -1;
    int result =
        syscall_set_attr(tree, ATTR_RDONLY, true) < 0 ? -1 : syscall_attach_mount(tree, target);
    close(tree);
    return result;
}

static int copy_link(int from, int to, const char *name)
{
    char link[PATH_MAX];
    ssize_t n = readlinkat(from, name, link, sizeof link - 1);
    if (n < 0)
        return -1;
    link[n] = 0;
    return symlinkat(link, to, name);
}

static int copy_file(int from, int to, const char *name)
{
    int source = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int target = openat(to, name, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0644);
    int result = source < 0 || target < 0 ? -1 : bind_readonly(source, target);
    close(source);
    close(target);
    return result;
}

static int copy_dir(struct tree *t, const char *path, int from, int to, const char *name)
{
    int source = openat(from, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (source < 0 || mkdirat(to, name, 0755) < 0) {
        close_keep(source);
        return -1;
    }
    copy_owner(source, to, name);
    int target = openat(to, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int result = skipped(t, path) ? 0 : build_tree(t, path, source, target);
    close(source);
    close(target);
    return result;
}

static int copy_entry(struct tree *t, const char *dir, int from, int to, const char *name)
{
    char path[PATH_MAX];
    struct stat st;
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= PATH_MAX ||
        fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    if (S_ISDIR(st.st_mode))
        return copy_dir(t, path, from, to, name);
    return S_ISLNK(st.st_mode) ? copy_link(from, to, name) : copy_file(from, to, name);
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool too_big(DIR *dir)
{
    int entries = 0;
    while (entries <= MAX_ENTRIES && readdir(dir))
        entries++;
    rewinddir(dir);
    return entries > MAX_ENTRIES;
}

/* An entry that cannot be copied (it has gone meanwhile, no permission) is left out. */
static int build_entries(struct tree *t, const char *path, int source, int target)
{
    char buf[FD_PATH_SIZE];
    DIR *dir = opendir(fd_path(buf, source));
    if (!dir || too_big(dir)) {
        if (dir)
            closedir(dir);
        return -1;
    }
    for (struct dirent *e; (e = readdir(dir));)
        if (!is_dot(e->d_name) && copy_entry(t, path, dirfd(dir), target, e->d_name) < 0)
            say("left out of the overlay: %s/%s: %s", path, e->d_name, strerror(errno));
    closedir(dir);
    return 0;
}

/* Note the mount that now covers TARGET. Only its path leads to it, not the descriptor TARGET. */
static int record_layer(struct tree *t, int target)
{
    char buf[FD_PATH_SIZE], path[PATH_MAX];
    ssize_t n = readlink(fd_path(buf, target), path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    return path_root_layer(t->root, open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static int build_tree(struct tree *t, const char *path, int source, int target)
{
    if (must_be_made_anew(t, path) && build_entries(t, path, source, target) == 0)
        return 0;
    if (overlay_mount(t->work, source, target) == 0)
        return record_layer(t, target);
    return bind_readonly(source, target);
}

int overlay_tree(struct root *root, int work, const char *source, int target,
                 const char *const *skip, const struct plan *plan)
{
    struct tree t = {
        .root = root, .work = work, .skip = skip, .plan = plan, .prefix = strlen(source)};
    if (mountinfo_read(&t.points) < 0)
        return -1;
    t.source = open(source, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = t.source < 0 ? -1 : build_tree(&t, source, t.source, target);
    if (result < 0)
        failed("put an overlay over the root");
    close(t.source);
    mountinfo_free(&t.points);
    return result;
}
