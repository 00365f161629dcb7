/* Removes what owners have left that were killed together with their keepers. */
#define _GNU_SOURCE 1
#include "keepersweep.h"

#include "keeperkill.h"
#include "keeperowner.h"
#include "keeperremove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST_STALE = 16,           /* directories to sweep at once; the next start takes the others */
    UNFINISHED_SECONDS = 60,   /* an owner needs a moment from its directory to its lock */
    JOURNAL_MAX = 64 << 20,
};

struct stale {
    char path[PATH_MAX];
    int lock;
};

/* --- looking --- */

/* Whether this user owns what FD is, and nobody else can write to it. */
static bool is_owned_alone(int fd, mode_t type)
{
    struct stat st;

    return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_uid == geteuid() &&
           !(st.st_mode & 0022);
}

/* An owner that was killed before it had a lock has left an empty directory. */
static void remove_unfinished(int base, const char *name, int dir)
{
    struct stat st, above;

    if (fstat(dir, &st) == 0 && fstat(base, &above) == 0 && !(above.st_mode & S_ISVTX) &&
        time(NULL) - st.st_mtime > UNFINISHED_SECONDS)
        (void)unlinkat(base, name, AT_REMOVEDIR);
}

/* The descriptor of the lock, taken, of the directory NAME in BASE; -1 where somebody holds it. */
static int take_lock(int base, const char *name)
{
    int dir = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    int lock = -1;

    if (dir >= 0 && is_owned_alone(dir, S_IFDIR)) {
        lock = openat(dir, KEEPER_LOCK_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        if (lock < 0 && errno == ENOENT)
            remove_unfinished(base, name, dir);
    }
    if (dir >= 0)
        close(dir);
    /* No link is left where another keeper has just swept the directory. */
    if (lock >= 0 && is_owned_alone(lock, S_IFREG) && flock(lock, LOCK_EX | LOCK_NB) == 0 &&
        fstat(lock, &st) == 0 && st.st_nlink > 0)
        return lock;
    if (lock >= 0)
        close(lock);
    return -1;
}

static size_t find_stale(const char *base, const char *own, struct stale *found)
{
    DIR *dir = opendir(base);
    struct dirent *e;
    size_t n = 0;

    while (dir && n < MOST_STALE && (e = readdir(dir))) {
        if (e->d_name[0] == '.' || strcmp(e->d_name, own) == 0)
            continue;
        found[n].lock = take_lock(dirfd(dir), e->d_name);
        if (found[n].lock >= 0)
            snprintf(found[n++].path, sizeof(found->path), "%s/%s", base, e->d_name);
    }
    if (dir)
        closedir(dir);
    return n;
}

/* --- sweeping --- */

static void take_orders(struct keeper_orders *orders, char *text, const char *end)
{
    while (text < end) {
        char *next = text + strlen(text) + 1;

        (void)keeperorders_take(orders, text);
        text = next;
    }
}

/* The last order may be cut short: it is not obeyed, because it has no NUL. */
static void read_journal(struct keeper_orders *orders, const char *path)
{
    char file[PATH_MAX];
    struct stat st;
    char *text = NULL;
    ssize_t n;
    int fd;

    if (snprintf(file, sizeof(file), "%s/%s", path, KEEPER_JOURNAL_NAME) >= PATH_MAX)
        return;
    fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && is_owned_alone(fd, S_IFREG) && fstat(fd, &st) == 0 && st.st_size < JOURNAL_MAX &&
        (text = malloc((size_t)st.st_size + 1)) && (n = read(fd, text, (size_t)st.st_size)) > 0) {
        while (n > 0 && text[n - 1])
            n--;
        take_orders(orders, text, text + n);
    }
    free(text);
    if (fd >= 0)
        close(fd);
}

static void sweep(const char *path, unsigned long max_fds)
{
    struct keeper_set qemus = {.max_fds = max_fds};
    struct keeper_orders orders = {0};

    read_journal(&orders, path);
    keeperkill_qemus(path, &qemus);
    keeperkill_await(&qemus);
    keeperremove_all(&orders, path);
}

/* The child must hold nothing that a launcher or the owner could take for the keeper itself. */
static void close_keeper(const struct keeper_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        close(set->polls[i].fd);
    close(KEEPER_LOCK);
}

void keepersweep_begin(const char *run, const struct keeper_set *set)
{
    static struct stale found[MOST_STALE];
    const char *own = strrchr(run, '/');
    char *base = strndup(run, own ? (size_t)(own - run) : 0);
    size_t n = base && *base ? find_stale(base, own + 1, found) : 0;

    free(base);
    if (n > 0 && fork() == 0) {
        close_keeper(set);
        for (size_t i = 0; i < n; i++)
            sweep(found[i].path, set->max_fds);
        _exit(0);
    }
    for (size_t i = 0; i < n; i++)
        close(found[i].lock);
}
