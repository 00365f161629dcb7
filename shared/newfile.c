/* Files that appear under their names whole or not at all. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "newfile.h"

#include "closekeep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    INSECURE = 4, /* GRND_INSECURE: a name need not be secret, and a young machine must not wait */
    TRIES = 100,
};

static void make_name(char temp[40])
{
    uint64_t number;
    if (getrandom(&number, sizeof number, INSECURE) != sizeof number) {
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        number = (uint64_t)now.tv_nsec << 32 | (uint32_t)getpid();
    }
    snprintf(temp, 40, ".lsandbox-%016llx", (unsigned long long)number);
}

static int open_named(struct new_file *f)
{
    for (int i = 0; i < TRIES; i++) {
        make_name(f->temp);
        f->fd = openat(f->dir, f->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (f->fd >= 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    f->temp[0] = 0;
    return -1;
}

/* The errors that open(2) lists for a file system or kernel without O_TMPFILE. */
static int cannot_be_nameless(int errnum)
{
    return errnum == EOPNOTSUPP || errnum == EISDIR || errnum == ENOENT || errnum == EINVAL;
}

int new_file_open(struct new_file *f, int dir)
{
    *f = (struct new_file){.fd = -1, .dir = dir};
    f->fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (f->fd >= 0)
        return 0;
    return cannot_be_nameless(errno) ? open_named(f) : -1;
}

static int link_as(const struct new_file *f, const char *name)
{
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", f->fd);
    return linkat(AT_FDCWD, path, f->dir, name, AT_SYMLINK_FOLLOW);
}

/* Give the file a temporary name: linkat(2) cannot replace an existing name, renameat(2) can. */
static int name_it(struct new_file *f)
{
    for (int i = 0; i < TRIES; i++) {
        make_name(f->temp);
        if (link_as(f, f->temp) == 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    f->temp[0] = 0;
    return -1;
}

int new_file_commit(struct new_file *f, const char *name)
{
    int result = -1;
    if (!f->temp[0]) {
        result = link_as(f, name);
        if (result < 0 && errno == EEXIST && name_it(f) == 0)
            result = renameat(f->dir, f->temp, f->dir, name);
    } else {
        result = renameat(f->dir, f->temp, f->dir, name);
    }
    if (result == 0)
        f->temp[0] = 0;
    new_file_drop(f);
    return result;
}

/* Remove NAME, and keep errno. */
static void unlink_keep(int dir, const char *name)
{
    int errnum = errno;
    unlinkat(dir, name, 0);
    errno = errnum;
}

void new_file_drop(struct new_file *f)
{
    close_keep(f->fd);
    if (f->fd >= 0 && f->temp[0])
        unlink_keep(f->dir, f->temp);
    f->fd = -1;
    f->temp[0] = 0;
}

static int symlink_and_rename(int dir, const char *name, const char *target)
{
    char temp[40];
    int result = -1;
    for (int i = 0; i < TRIES && result < 0; i++) {
        make_name(temp);
        result = symlinkat(target, dir, temp);
        if (result < 0 && errno != EEXIST)
            return -1;
    }
    if (result == 0 && (result = renameat(dir, temp, dir, name)) < 0)
        unlink_keep(dir, temp);
    return result;
}

int new_symlink(int dir, const char *name, const char *target)
{
    int result = symlinkat(target, dir, name);
    return result < 0 && errno == EEXIST ? symlink_and_rename(dir, name, target) : result;
}
