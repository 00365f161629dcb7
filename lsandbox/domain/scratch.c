/* Making the host directories of a sandbox: temporary binds, included copies, kept writes. */
#include "domain/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "host/keeper.h"
#include "plan/planexports.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "shared/filewire.h"
#include "shared/treecopy.h"
#include "shared/treeremove.h"

enum {
    MOST_ENTRIES = 100000, /* of what is included; a Linux tree has 90,000 */
    OWN = 0700,
    FRESH = 0, /* the guest init sets the mode of the directory that the overlay covers */
};

/* Make the directory NAME in DIR, for OWNER alone, and open it. -1 with errno. */
static int make_owned(int dir, const char *name, LsbOwner owner)
{
    if (mkdirat(dir, name, OWN) < 0)
        return -1;
    cleanup_fd int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fchmod(fd, OWN) < 0 ||
        (owner.uid != (uid_t)-1 && fchown(fd, owner.uid, owner.gid) < 0))
        return -1;
    return steal_fd(&fd);
}

/* --- temporary binds --- */

/*
 * Make a machine's root the directory's owner, by the attributes in which QEMU's 9p server keeps
 * owners where the access mode is "mapped" (hw/9pfs/9p-local.c); little-endian.
 */
static gboolean show_as_root(int fd, const LsbDescription *d)
{
    static const guint32 root = 0;
    if (d->kind != LSB_MACHINE || d->identity->uid != 0)
        return TRUE;
    return fsetxattr(fd, "user.virtfs.uid", &root, sizeof root, 0) == 0 &&
           fsetxattr(fd, "user.virtfs.gid", &root, sizeof root, 0) == 0;
}

static gboolean make_binds(const LsbDescription *d, int scratch, LsbOwner owner, GError **error)
{
    for (guint i = 0; i < d->mounts->len; i++) {
        const LsbMount *m = d->mounts->pdata[i];
        if (!m->temporary)
            continue;
        g_autofree char *name = g_path_get_basename(m->source);
        cleanup_fd int fd = make_owned(scratch, name, owner);
        if (fd < 0 || !show_as_root(fd, d)) {
            lsb_set_errno(error, errno, "cannot make the temporary directory %s", m->source);
            return FALSE;
        }
    }
    return TRUE;
}

/* --- what is included --- */

static gboolean copy_failed(const LsbDescription *d, const LsbInclude *include,
                            struct file_failure *failure, GError **error)
{
    g_autofree char *path = failure->path ? g_strdup(failure->path) : NULL;
    free(failure->path);
    if (failure->errnum == EFBIG)
        return lsb_fail(error, INVALID,
                        "include: expected at most %" G_GUINT64_FORMAT
                        " bytes, half of the memory, in at most %d files, got more with \"%s\"",
                        d->memory / 2, MOST_ENTRIES, include->source);
    lsb_set_errno(error, failure->errnum, "include: cannot copy %s%s%s", include->source,
                  path && *path ? "/" : "", path ? path : "");
    return FALSE;
}

/* Symlinks in SOURCE are resolved already (recipe/hostsource.h); those in the tree are copied. */
static int open_source(const char *source, char **name)
{
    g_autofree char *parent = g_path_get_dirname(source);
    *name = g_path_get_basename(source);
    return open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static gboolean copy_include(const LsbDescription *d, guint index, int dir, struct tree_limit *left,
                             LsbOwner owner, GError **error)
{
    const LsbInclude *include = d->includes->pdata[index];
    g_autofree char *source = NULL, *name = lsb_plan_include_name(index);
    struct file_failure failure = {0};
    cleanup_fd int from = open_source(include->source, &source);
    if (from < 0) {
        lsb_set_errno(error, errno, "include: cannot open %s", include->source);
        return FALSE;
    }
    if (tree_copy(from, source, dir, name, left, &failure) < 0)
        return copy_failed(d, include, &failure, error);
    if ((include->mode >= 0 && fchmodat(dir, name, (mode_t)include->mode, 0) < 0) ||
        (owner.uid != (uid_t)-1 && tree_give(dir, name, owner.uid, owner.gid) < 0)) {
        lsb_set_errno(error, errno, "include: cannot prepare the copy of %s", include->source);
        return FALSE;
    }
    return TRUE;
}

static gboolean make_includes(const LsbDescription *d, int scratch, LsbOwner owner, GError **error)
{
    struct tree_limit left = {.bytes = d->memory / 2, .entries = MOST_ENTRIES};
    g_autofree char *path = d->includes->len > 0 ? lsb_plan_include_dir(d) : NULL;
    g_autofree char *name = path ? g_path_get_basename(path) : NULL;
    if (!path)
        return TRUE;
    cleanup_fd int dir = make_owned(scratch, name, owner);
    if (dir < 0) {
        lsb_set_errno(error, errno, "cannot make %s", path);
        return FALSE;
    }
    for (guint i = 0; i < d->includes->len; i++)
        if (!copy_include(d, i, dir, &left, owner, error))
            return FALSE;
    return TRUE;
}

gboolean lsb_scratch_make(const LsbDescription *d, LsbKeeper *keeper, LsbOwner owner,
                          GError **error)
{
    if (!d->scratch)
        return TRUE;
    /* Tell the keeper before the directory exists: this process may be killed at any moment. */
    lsb_keeper_watch_path(keeper, d->scratch);
    cleanup_fd int fd = make_owned(AT_FDCWD, d->scratch, owner);
    if (fd < 0) {
        lsb_set_errno(error, errno, "cannot make %s (TMPDIR names another place)", d->scratch);
        return FALSE;
    }
    return make_binds(d, fd, owner, error) && make_includes(d, fd, owner, error);
}

void lsb_scratch_drop_includes(const LsbDescription *d)
{
    if (d->includes->len == 0)
        return;
    g_autofree char *path = lsb_plan_include_dir(d);
    lsb_scratch_remove(path);
}

void lsb_scratch_remove(const char *path)
{
    tree_remove(path);
}

/* --- directories that keep the writes of overlays --- */

static gboolean check_upper_owner(const char *path, int fd, LsbOwner owner, GError **error)
{
    struct stat st;
    uid_t uid = owner.uid == (uid_t)-1 ? geteuid() : owner.uid;
    if (fstat(fd, &st) < 0) {
        lsb_set_errno(error, errno, "cannot look at %s", path);
        return FALSE;
    }
    return st.st_uid == uid || lsb_fail(error, INVALID,
                                        "mounts: %s was written by sandboxes of user %u, and this "
                                        "one's is %u; name another directory",
                                        path, (guint)st.st_uid, (guint)uid);
}

static gboolean make_part(int fd, const char *path, const char *name, LsbOwner owner,
                          GError **error)
{
    cleanup_fd int part = make_owned(fd, name, owner);
    if (part >= 0 ? fchmod(part, FRESH) == 0 : errno == EEXIST)
        return TRUE;
    lsb_set_errno(error, errno, "cannot make %s/%s", path, name);
    return FALSE;
}

/*
 * The kernel leaves a directory in "work" that only the user who mounted the last overlay may
 * remove. The next overlay would be read-only because of it.
 */
static void empty_work(const char *path)
{
    g_autofree char *work = g_build_filename(path, "work", NULL);
    tree_remove(work);
}

static gboolean lock_upper(const char *directory, LsbOwner owner, GArray *locks, GError **error)
{
    g_autofree char *path = lsb_plan_upper(directory), *name = g_path_get_basename(path);
    cleanup_fd int parent = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    cleanup_fd int made = make_owned(parent, name, owner);
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    cleanup_fd int fd = made >= 0 || errno == EEXIST ? openat(parent, name, flags) : -1;
    if (fd < 0) {
        lsb_set_errno(error, errno, "cannot make %s, which is to keep the writes of an overlay",
                      path);
        return FALSE;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return lsb_fail(error, STATE, "mounts: %s keeps the writes of another sandbox now",
                        directory);
    empty_work(path);
    if (!check_upper_owner(path, fd, owner, error) || !make_part(fd, path, "upper", owner, error) ||
        !make_part(fd, path, "work", owner, error))
        return FALSE;
    int lock = steal_fd(&fd);
    g_array_append_val(locks, lock);
    return TRUE;
}

gboolean lsb_uppers_lock(const LsbDescription *d, LsbOwner owner, GArray *locks, GError **error)
{
    for (guint i = 0; i < d->mounts->len; i++) {
        const LsbMount *m = d->mounts->pdata[i];
        if (m->upper && !lock_upper(m->upper, owner, locks, error))
            return FALSE;
    }
    return TRUE;
}
