/* Opening a directory of the host that a sandbox may be changing at the same time. */
#include "session/hostpath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "session/descriptor.h"
#include "session/profile.h"

enum { MOST_LINKS = 40 }; /* as path_resolution(7) */

/* How far the path has been followed. */
typedef struct {
    int fd;           /* the directory that was reached */
    gboolean shared;  /* the sandbox can write in it */
    GQueue parts;     /* char *, names still to follow */
    guint links;      /* symlinks followed so far */
    GArray *writable; /* struct stat, of the directories that the sandbox can write */
} Walk;

/* --- what the sandbox can write --- */

static void add_writable(GArray *writable, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0)
        g_array_append_val(writable, st);
}

static GArray *writable_of(const LsbProfile *profile)
{
    GArray *writable = g_array_new(FALSE, FALSE, sizeof(struct stat));
    for (guint i = 0; i < profile->writable->len; i++)
        add_writable(writable, profile->writable->pdata[i]);
    return writable;
}

static gboolean is_listed_writable(const Walk *w, const struct stat *st)
{
    for (guint i = 0; i < w->writable->len; i++) {
        const struct stat *other = &g_array_index(w->writable, struct stat, i);
        if (st->st_dev == other->st_dev && st->st_ino == other->st_ino)
            return TRUE;
    }
    return FALSE;
}

/* --- walking --- */

static void push_parts(Walk *w, const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    for (guint i = g_strv_length(parts); i > 0; i--)
        if (*parts[i - 1] && strcmp(parts[i - 1], ".") != 0)
            g_queue_push_head(&w->parts, g_strdup(parts[i - 1]));
}

/* Make FD the directory that was reached. FD is taken over; FALSE where it is -1. */
static gboolean enter_host_directory(Walk *w, int fd)
{
    struct stat st;
    if (w->fd >= 0)
        close(w->fd);
    w->fd = fd;
    if (fd < 0 || fstat(fd, &st) < 0)
        return FALSE;
    w->shared |= is_listed_writable(w, &st);
    return TRUE;
}

static gboolean enter_root(Walk *w)
{
    return enter_host_directory(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static gboolean follow_link(Walk *w, int link)
{
    char target[PATH_MAX];
    ssize_t n = readlinkat(link, "", target, sizeof target - 1);
    if (n < 0)
        return FALSE;
    target[n] = 0;
    errno = ELOOP;
    if (++w->links > MOST_LINKS)
        return FALSE;
    push_parts(w, target);
    return target[0] != '/' || enter_root(w);
}

/* Follow one name. In a directory that the sandbox can write, links and ".." are refused. */
static gboolean walk_down(Walk *w, const char *name)
{
    struct stat st;
    errno = ELOOP;
    if (w->shared && strcmp(name, "..") == 0)
        return FALSE;
    cleanup_fd int fd = openat(w->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return FALSE;
    if (S_ISLNK(st.st_mode) && !w->shared)
        return follow_link(w, fd);
    errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
    return S_ISDIR(st.st_mode) && enter_host_directory(w, steal_fd(&fd));
}

static gboolean walk(Walk *w)
{
    gboolean ok = enter_root(w);
    while (ok && !g_queue_is_empty(&w->parts)) {
        g_autofree char *name = g_queue_pop_head(&w->parts);
        ok = walk_down(w, name);
    }
    return ok;
}

int lsb_hostpath_open_parent(const LsbProfile *profile, const char *path, char **name,
                             GError **error)
{
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    g_autofree char *parent = g_path_get_dirname(absolute);
    Walk w = {.fd = -1, .parts = G_QUEUE_INIT, .writable = writable_of(profile)};
    push_parts(&w, parent);
    gboolean ok = walk(&w);
    if (!ok)
        lsb_set_errno(error, errno, "open the directory %s", parent);
    g_queue_clear_full(&w.parts, g_free);
    g_array_unref(w.writable);
    if (!ok) {
        lsb_descriptor_close(&w.fd);
        return -1;
    }
    *name = strcmp(absolute, "/") == 0 ? g_strdup(".") : g_path_get_basename(absolute);
    return w.fd;
}
