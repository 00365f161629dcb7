/* The lock and the journal of a run directory. */
#include "host/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/ownprocess.h"
#include "base/paths.h"
#include "shared/writeall.h"

/* The journal is written anew when it has this much more than what still holds. */
enum { MOST_OVER = 64 * 1024 };

#define LOCK_NAME "owner.lock"

struct _LsbJournal {
    int lock, file;
    char *path;
    GMutex mutex;
    GHashTable *held; /* the orders that hold, "VERB REST", and how often each does */
    gsize held_size, written;
};

/* The lock gets its name when it is locked, so that nobody finds it free before. */
static int make_lock(const char *directory, GError **error)
{
    g_autofree char *path = g_build_filename(directory, LOCK_NAME, NULL);
    g_autofree char *draft = g_strconcat(path, ".new", NULL);
    cleanup_fd int fd = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && rename(draft, path) == 0)
        return steal_fd(&fd);
    lsb_set_errno(error, errno, "cannot make the lock %s", path);
    return -1;
}

static int open_journal(const char *path)
{
    return open(path, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

LsbJournal *lsb_journal_new(const char *directory, GError **error)
{
    g_autofree char *path = g_build_filename(directory, "journal", NULL);
    cleanup_fd int lock = make_lock(directory, error);
    if (lock < 0)
        return NULL;
    cleanup_fd int file = open_journal(path);
    if (file < 0) {
        lsb_set_errno(error, errno, "cannot make %s", path);
        return NULL;
    }
    LsbJournal *j = g_new0(LsbJournal, 1);
    j->lock = steal_fd(&lock);
    j->file = steal_fd(&file);
    lsb_process_hold(j->file);
    j->path = g_steal_pointer(&path);
    g_mutex_init(&j->mutex);
    j->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return j;
}

int lsb_journal_lock(const LsbJournal *j)
{
    return j->lock;
}

static guint times_held(LsbJournal *j, const char *order)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(j->held, order));
}

static void hold(LsbJournal *j, const char *verb, const char *rest)
{
    char *order = g_strdup_printf("%s %s", verb, rest);
    guint n = times_held(j, order);
    j->held_size += strlen(order) + 1;
    g_hash_table_replace(j->held, order, GUINT_TO_POINTER(n + 1));
}

/* Drop one such order. Returns whether there was one. */
static gboolean let_go(LsbJournal *j, const char *verb, const char *rest)
{
    g_autofree char *order = g_strdup_printf("%s %s", verb, rest);
    guint n = times_held(j, order);
    if (n == 0)
        return FALSE;
    j->held_size -= strlen(order) + 1;
    if (n == 1)
        g_hash_table_remove(j->held, order);
    else
        g_hash_table_replace(j->held, g_steal_pointer(&order), GUINT_TO_POINTER(n - 1));
    return TRUE;
}

/* What holds after the order, as in launcher/keeperorders.c. */
static void follow(LsbJournal *j, const char *verb, const char *rest)
{
    if (strcmp(verb, "forget") == 0) {
        if (!let_go(j, "dir", rest))
            let_go(j, "group", rest);
    } else if (strcmp(verb, "ended") == 0) {
        if (!let_go(j, "starting", rest))
            let_go(j, "started", rest);
    } else if (strcmp(verb, "started") == 0) {
        if (let_go(j, "starting", rest))
            hold(j, verb, rest);
    } else {
        if (strcmp(verb, "group") == 0)
            let_go(j, verb, rest);
        hold(j, verb, rest);
    }
}

/* "started NAME" holds only after "starting NAME". */
static void append_order(GString *text, const char *order)
{
    if (g_str_has_prefix(order, "started ")) {
        g_string_append(text, "starting ");
        g_string_append_len(text, order + strlen("started "),
                            (gssize)strlen(order + strlen("started ")) + 1);
    }
    g_string_append_len(text, order, (gssize)strlen(order) + 1);
}

/* The journal without what has been forgotten. It takes the old one's place when it is whole. */
static void rewrite(LsbJournal *j)
{
    g_autofree char *draft = g_strconcat(j->path, ".new", NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    GHashTableIter iter;
    gpointer order, times;
    g_hash_table_iter_init(&iter, j->held);
    while (g_hash_table_iter_next(&iter, &order, &times))
        for (guint i = 0; i < GPOINTER_TO_UINT(times); i++)
            append_order(text, order);
    cleanup_fd int fd = open_journal(draft);
    if (fd < 0 || write_all(fd, text->str, text->len) < 0 || rename(draft, j->path) < 0)
        return;
    lsb_process_forget(j->file);
    close(j->file);
    j->file = steal_fd(&fd);
    lsb_process_hold(j->file);
    j->written = text->len;
}

void lsb_journal_note(LsbJournal *j, const char *verb, const char *rest)
{
    g_autofree char *order = g_strdup_printf("%s %s", verb, rest);
    g_mutex_lock(&j->mutex);
    if (write_all(j->file, order, strlen(order) + 1) < 0)
        g_debug("cannot write to %s: %s", j->path, g_strerror(errno));
    j->written += strlen(order) + 1;
    follow(j, verb, rest);
    if (j->written > 2 * j->held_size + MOST_OVER)
        rewrite(j);
    g_mutex_unlock(&j->mutex);
}

void lsb_journal_remove_dir(LsbJournal *j)
{
    g_autofree char *run = g_path_get_dirname(j->path);
    GDir *dir = g_dir_open(run, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *entry = g_build_filename(run, name, NULL);
        if (strcmp(name, LOCK_NAME) != 0 && strcmp(entry, j->path) != 0)
            lsb_path_remove_tree(entry);
    }
    if (dir)
        g_dir_close(dir);
    if (g_hash_table_size(j->held) > 0)
        return;
    g_autofree char *lock = g_build_filename(run, LOCK_NAME, NULL);
    unlink(j->path);
    unlink(lock);
    rmdir(run);
}

void lsb_journal_free(LsbJournal *j)
{
    if (!j)
        return;
    close(j->lock);
    lsb_process_forget(j->file);
    close(j->file);
    g_hash_table_unref(j->held);
    g_mutex_clear(&j->mutex);
    g_free(j->path);
    g_free(j);
}
