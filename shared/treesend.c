/* Turns a file or a tree into records, a buffer at a time. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "treesend.h"

#include "closekeep.h"
#include "units.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    /* Small files go out together; a chunk of a large one still fits behind them. */
    FULL_ENOUGH = 64 * KiB,
    BUFFER = FULL_ENOUGH + FILE_HEADER + FILE_MAX_RECORD + FILE_HEADER + FILE_MAX_DATA,
};

struct tree_sender {
    int top_dir;
    char *top_name;
    bool begun, over;
    DIR *dirs[FILE_MAX_DEPTH];
    int depth;
    int file;              /* -1: none is open */
    struct tree_path path; /* of the innermost directory, or the open file */
    uint8_t *buffer;
    size_t used;
    struct file_failure failure;
    struct file_summary summary;
};

struct tree_sender *tree_sender_new(int dir, const char *name)
{
    struct tree_sender *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->file = -1;
    s->top_dir = dir;
    s->top_name = strdup(name);
    s->buffer = malloc(BUFFER);
    if (s->top_name && s->buffer)
        return s;
    tree_sender_free(s);
    return NULL;
}

void tree_sender_free(struct tree_sender *s)
{
    if (!s)
        return;
    while (s->depth > 0)
        closedir(s->dirs[--s->depth]);
    if (s->file >= 0)
        close(s->file);
    tree_path_clear(&s->path);
    file_summary_clear(&s->summary);
    free(s->failure.path);
    free(s->top_name);
    free(s->buffer);
    free(s);
}

/* NAME is the entry of the innermost directory that failed, or NULL for that directory itself. */
static int send_failed(struct tree_sender *s, const char *name)
{
    s->failure.errnum = errno;
    s->failure.path = tree_path_copy(&s->path, s->begun ? name : NULL);
    return -1;
}

/* --- into the buffer --- */

static void put_empty(struct tree_sender *s, enum file_kind kind)
{
    file_header(s->buffer + s->used, kind, 0);
    s->used += FILE_HEADER;
}

static int put_entry(struct tree_sender *s, const struct stat *st, const char *name,
                     const char *link)
{
    struct wire_buf b = {0};
    file_put_entry(&b, st, s->begun ? name : "", link);
    bool fits = !b.failed && b.len <= FILE_HEADER + FILE_MAX_RECORD;
    if (fits) {
        memcpy(s->buffer + s->used, b.data, b.len);
        s->used += b.len;
    }
    wire_buf_clear(&b);
    errno = ENOMEM;
    return fits ? 0 : -1;
}

/* --- one entry of each kind --- */

/*
 * Open NAME and fill ST from the descriptor, because what the name stands for may have changed
 * since it was looked at. 0; 1: it is of another type than FORMAT by now; -1 with errno.
 */
static int open_as(int dir, const char *name, mode_t format, struct stat *st, int *fd)
{
    int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    *fd = openat(dir, name, flags | (format == S_IFDIR ? O_DIRECTORY : 0));
    if (*fd < 0)
        return errno == ELOOP || errno == ENOTDIR || errno == ENXIO ? 1 : -1;
    if (fstat(*fd, st) == 0 && (st->st_mode & S_IFMT) == format)
        return 0;
    close(*fd);
    return 1;
}

static int send_file(struct tree_sender *s, int dir, const char *name, struct stat *st)
{
    int fd, result = open_as(dir, name, S_IFREG, st, &fd);
    if (result != 0)
        return result;
    s->file = fd;
    s->summary.files++;
    if (put_entry(s, st, name, "") < 0)
        return -1;
    return s->begun ? tree_path_push(&s->path, name) : 0;
}

static int send_directory(struct tree_sender *s, int dir, const char *name, struct stat *st)
{
    if (s->depth == FILE_MAX_DEPTH) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd, result = open_as(dir, name, S_IFDIR, st, &fd);
    if (result != 0)
        return result;
    DIR *d = fdopendir(fd);
    if (!d) {
        close_keep(fd);
        return -1;
    }
    s->dirs[s->depth++] = d;
    s->summary.directories++;
    if (put_entry(s, st, name, "") < 0)
        return -1;
    return s->begun ? tree_path_push(&s->path, name) : 0;
}

static int send_symlink(struct tree_sender *s, int dir, const char *name, const struct stat *st)
{
    char link[FILE_MAX_LINK + 1];
    ssize_t n = readlinkat(dir, name, link, sizeof link);
    if (n < 0)
        return errno == EINVAL ? 1 : -1;
    if (n == 0 || (size_t)n == sizeof link) {
        errno = ENAMETOOLONG;
        return -1;
    }
    link[n] = 0;
    s->summary.links++;
    return put_entry(s, st, name, link);
}

static int send_special(struct tree_sender *s, const char *name, const struct stat *st)
{
    file_summary_skip(&s->summary, tree_path_copy(&s->path, s->begun ? name : NULL));
    return file_type_of(st->st_mode) ? put_entry(s, st, name, "") : 0;
}

static int send_as_it_is(struct tree_sender *s, int dir, const char *name)
{
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    if (S_ISREG(st.st_mode))
        return send_file(s, dir, name, &st);
    if (S_ISDIR(st.st_mode))
        return send_directory(s, dir, name, &st);
    if (S_ISLNK(st.st_mode))
        return send_symlink(s, dir, name, &st);
    return send_special(s, name, &st);
}

/*
 * Send NAME in DIR. Another process may change the tree meanwhile: an entry that has gone is left
 * out, and one that has become a file of another type is looked at again.
 */
static int send_node(struct tree_sender *s, int dir, const char *name)
{
    enum { TRIES = 10 };
    int result = 1;
    for (int i = 0; i < TRIES && result > 0; i++)
        result = send_as_it_is(s, dir, name);
    if (result == 0)
        s->summary.entries++;
    if (result > 0 || (result < 0 && errno == ENOENT && s->begun))
        return 0;
    return result < 0 ? send_failed(s, name) : 0;
}

/* --- walking --- */

static int send_file_data(struct tree_sender *s)
{
    size_t room = BUFFER - s->used - FILE_HEADER;
    if (room > FILE_MAX_DATA)
        room = FILE_MAX_DATA;
    ssize_t n = read(s->file, s->buffer + s->used + FILE_HEADER, room);
    if (n < 0)
        return errno == EINTR ? 0 : send_failed(s, NULL);
    if (n > 0) {
        file_header(s->buffer + s->used, FILE_DATA, (uint32_t)n);
        s->used += FILE_HEADER + (size_t)n;
        s->summary.bytes += (uint64_t)n;
        return 0;
    }
    close(s->file);
    s->file = -1;
    tree_path_pop(&s->path);
    put_empty(s, FILE_LEAVE);
    return 0;
}

static int send_leave(struct tree_sender *s)
{
    closedir(s->dirs[--s->depth]);
    tree_path_pop(&s->path);
    put_empty(s, FILE_LEAVE);
    return 0;
}

static int next_in_directory(struct tree_sender *s)
{
    DIR *d = s->dirs[s->depth - 1];
    errno = 0;
    struct dirent *e = readdir(d);
    if (!e)
        return errno ? send_failed(s, NULL) : send_leave(s);
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
        return 0;
    return send_node(s, dirfd(d), e->d_name);
}

static int step(struct tree_sender *s)
{
    if (s->file >= 0)
        return send_file_data(s);
    if (s->depth > 0)
        return next_in_directory(s);
    if (!s->begun) {
        int result = send_node(s, s->top_dir, s->top_name);
        s->begun = true;
        return result;
    }
    put_empty(s, FILE_DONE);
    s->over = true;
    return 0;
}

int tree_sender_next(struct tree_sender *s, const uint8_t **data, size_t *length)
{
    s->used = 0;
    while (!s->over && s->used < FULL_ENOUGH)
        if (step(s) < 0)
            return -1;
    *data = s->buffer;
    *length = s->used;
    return s->used > 0;
}

const struct file_failure *tree_sender_failure(const struct tree_sender *s)
{
    return &s->failure;
}

const struct file_summary *tree_sender_summary(const struct tree_sender *s)
{
    return &s->summary;
}

const char *tree_sender_path(const struct tree_sender *s)
{
    return s->path.text ? s->path.text : "";
}
