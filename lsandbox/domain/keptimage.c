/* Making and locking the image that keeps what a machine writes over its root. */
#include "domain/keptimage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "domain/scratch.h"
#include "host/keeper.h"
#include "recipe/description.h"

enum { OWN = 0600 };

static const guint64 usual_size = G_GUINT64_CONSTANT(1) << 30;

/* The PATH of a user other than root often lacks the sbin directories. */
static char *find_mkfs(GError **error)
{
    static const char *const places[] = {"mkfs.ext4", "/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4"};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        char *found = g_find_program_in_path(places[i]);
        if (found)
            return found;
    }
    lsb_fail(error, UNSUPPORTED,
             "overlay: making the file system that keeps a machine's writes needs mkfs.ext4; "
             "install e2fsprogs");
    return NULL;
}

/* -m 0: no blocks are set aside for root, so that any user of the guest can fill the image. */
static gboolean run_mkfs(const char *mkfs, const char *path, GError **error)
{
    const char *argv[] = {mkfs, "-q", "-F", "-m", "0", "-E", "root_owner=0:0", path, NULL};
    g_autofree char *said = NULL;
    g_autoptr(GError) cause = NULL;
    int status = 0;
    if (g_spawn_sync("/", (char **)argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL, &said,
                     &status, &cause) &&
        g_spawn_check_wait_status(status, &cause))
        return TRUE;
    return lsb_fail(error, FAILED, "overlay: cannot make the file system %s: %s%s%s", path,
                    cause->message, said && *said ? ": " : "", said ? g_strchomp(said) : "");
}

static gboolean fill_image(const char *path, guint64 size, LsbOwner owner, const char *mkfs,
                           GError **error)
{
    cleanup_fd int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, OWN);
    if (fd < 0 || ftruncate(fd, (off_t)size) < 0) {
        lsb_set_errno(error, errno, "cannot make %s, which is to keep the writes of an overlay",
                      path);
        return FALSE;
    }
    if (!run_mkfs(mkfs, path, error))
        return FALSE;
    if (fchmod(fd, OWN) == 0 && (owner.uid == (uid_t)-1 || fchown(fd, owner.uid, owner.gid) == 0) &&
        fsync(fd) == 0)
        return TRUE;
    lsb_set_errno(error, errno, "cannot prepare %s", path);
    return FALSE;
}

/* The image has another name until it is whole. EEXIST: another sandbox was faster. */
static gboolean make_image(const LsbDescription *d, const char *path, LsbKeeper *keeper,
                           LsbOwner owner, GError **error)
{
    g_autofree char *draft = g_strdup_printf("%s.%s", path, d->uuid);
    g_autofree char *mkfs = find_mkfs(error);
    if (!mkfs)
        return FALSE;
    /* First, because this process may be killed at any moment. */
    lsb_keeper_watch_path(keeper, draft);
    guint64 size = d->overlay_size ? d->overlay_size : usual_size;
    gboolean ok = fill_image(draft, size, owner, mkfs, error);
    gboolean made = ok && renameat2(AT_FDCWD, draft, AT_FDCWD, path, RENAME_NOREPLACE) == 0;
    int saved = errno;
    if (!made)
        unlink(draft);
    lsb_keeper_forget_path(keeper, draft);
    if (made)
        return TRUE;
    if (!ok || saved == EEXIST)
        return ok;
    lsb_set_errno(error, saved, "cannot make %s", path);
    return FALSE;
}

/* O_NOFOLLOW: another user's symlink may lead to a file that the recipe does not name. */
static int open_kept_image(const char *path)
{
    return open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static gboolean lock_image(const char *path, int fd, GError **error)
{
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_nlink != 1)
        return lsb_fail(error, INVALID,
                        "overlay: expected a regular file with one name or nothing at \"%s\"",
                        path);
    return flock(fd, LOCK_EX | LOCK_NB) == 0 ||
           lsb_fail(error, STATE, "overlay: %s keeps the writes of another sandbox now", path);
}

gboolean lsb_kept_image_lock(const LsbDescription *d, LsbKeeper *keeper, LsbOwner owner,
                             GArray *locks, GError **error)
{
    if (!d->overlay)
        return TRUE;
    const char *path = d->overlay_image.source;
    cleanup_fd int fd = open_kept_image(path);
    if (fd < 0 && errno == ENOENT) {
        if (!make_image(d, path, keeper, owner, error))
            return FALSE;
        fd = open_kept_image(path);
    }
    if (fd < 0) {
        lsb_set_errno(error, errno, "cannot open %s, which keeps the writes of an overlay", path);
        return FALSE;
    }
    if (!lock_image(path, fd, error))
        return FALSE;
    int lock = steal_fd(&fd);
    g_array_append_val(locks, lock);
    return TRUE;
}
