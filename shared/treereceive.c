/* Makes a tree of files from records that it does not trust. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "treereceive.h"

#include "closekeep.h"
#include "newfile.h"
#include "writeall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OWNER_ALL = 0700 }; /* what the receiver needs of a directory while it fills it */

struct level {
    int fd;
    bool existed;
    mode_t old_mode; /* to go back to where it existed */
    mode_t mode;     /* to have at the end */
    struct timespec mtime;
};

struct tree_receiver {
    int dir;
    char *name;
    mode_t mask;
    bool begun;
    struct level levels[FILE_MAX_DEPTH];
    int depth;
    bool in_file;
    struct new_file file;
    char file_name[FILE_MAX_NAME + 1];
    mode_t file_mode;
    struct timespec file_mtime;
    struct tree_path path;
    struct file_failure failure;
    struct file_summary summary;
};

struct tree_receiver *tree_receiver_new(int dir, const char *name, mode_t mode_mask)
{
    struct tree_receiver *r = calloc(1, sizeof *r);
    char *copy = strdup(name);
    if (!r || !copy) {
        close(dir);
        free(r);
        free(copy);
        return NULL;
    }
    r->dir = dir;
    r->name = copy;
    r->mask = mode_mask;
    r->file.fd = -1;
    return r;
}

/* A directory that the receiver made and did not finish stays as strict as it is: 0700. */
static void give_up_level(struct level *l)
{
    if (l->existed && (l->old_mode & OWNER_ALL) != OWNER_ALL && fchmod(l->fd, l->old_mode) < 0)
        errno = 0; /* the receiver could change it before; nothing more can be done */
    close(l->fd);
}

void tree_receiver_free(struct tree_receiver *r)
{
    if (!r)
        return;
    new_file_drop(&r->file);
    while (r->depth > 0)
        give_up_level(&r->levels[--r->depth]);
    close(r->dir);
    tree_path_clear(&r->path);
    file_summary_clear(&r->summary);
    free(r->failure.path);
    free(r->name);
    free(r);
}

static int receive_failed(struct tree_receiver *r, const char *name)
{
    r->failure.errnum = errno;
    r->failure.path = tree_path_copy(&r->path, name);
    return -1;
}

static int broken(struct tree_receiver *r)
{
    errno = EPROTO;
    return receive_failed(r, NULL);
}

/* --- entries --- */

static int here(const struct tree_receiver *r)
{
    return r->depth > 0 ? r->levels[r->depth - 1].fd : r->dir;
}

static int begin_file(struct tree_receiver *r, const char *name, const struct file_entry *e)
{
    if (strlen(name) > FILE_MAX_NAME) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (new_file_open(&r->file, here(r)) < 0)
        return -1;
    strcpy(r->file_name, name);
    r->file_mode = e->mode & r->mask;
    r->file_mtime = e->mtime;
    r->in_file = true;
    return r->depth > 0 ? tree_path_push(&r->path, name) : 0;
}

/* A directory that existed may lack the mode bits that filling it needs: add them until the end. */
static int look_at_level(struct level *l)
{
    struct stat st;
    if (fstat(l->fd, &st) < 0)
        return -1;
    l->old_mode = st.st_mode & 07777;
    if (l->existed && (st.st_mode & OWNER_ALL) != OWNER_ALL && st.st_uid == geteuid())
        return fchmod(l->fd, l->old_mode | OWNER_ALL);
    return 0;
}

static int begin_directory(struct tree_receiver *r, const char *name, const struct file_entry *e)
{
    struct level l = {.mode = e->mode & r->mask, .mtime = e->mtime};
    if (r->depth == FILE_MAX_DEPTH) {
        errno = ENAMETOOLONG;
        return -1;
    }
    l.existed = mkdirat(here(r), name, OWNER_ALL) < 0;
    if (l.existed && errno != EEXIST)
        return -1;
    l.fd = openat(here(r), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (l.fd < 0) {
        errno = errno == ELOOP ? ENOTDIR : errno;
        return -1;
    }
    if (look_at_level(&l) < 0) {
        close_keep(l.fd);
        return -1;
    }
    int result = r->depth > 0 ? tree_path_push(&r->path, name) : 0;
    r->levels[r->depth++] = l;
    return result;
}

/* A symlink gets the time of its entry where the file system keeps one for symlinks. */
static int make_symlink(struct tree_receiver *r, const char *name, const struct file_entry *e)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, e->mtime};
    if (new_symlink(here(r), name, e->link) < 0)
        return -1;
    utimensat(here(r), name, times, AT_SYMLINK_NOFOLLOW);
    r->summary.links++;
    return 0;
}

static int make_sent(struct tree_receiver *r, const char *name, const struct file_entry *e)
{
    switch (e->type) {
    case FILE_REGULAR:
        return begin_file(r, name, e);
    case FILE_DIRECTORY:
        return begin_directory(r, name, e);
    case FILE_SYMLINK:
        return make_symlink(r, name, e);
    default:
        file_summary_skip(&r->summary, tree_path_copy(&r->path, r->depth > 0 ? name : NULL));
        return 0;
    }
}

static int take_entry(struct tree_receiver *r, const struct file_entry *e)
{
    bool top = r->depth == 0;
    if (r->in_file || (top && r->begun) || (top ? *e->name != 0 : !file_name_ok(e->name)) ||
        r->summary.entries == FILE_MAX_ENTRIES)
        return broken(r);
    r->begun = true;
    r->summary.entries++;
    int result = make_sent(r, top ? r->name : e->name, e);
    return result < 0 ? receive_failed(r, top ? NULL : e->name) : 0;
}

/* --- data and ends --- */

static int take_file_data(struct tree_receiver *r, const struct file_record *record)
{
    if (!r->in_file)
        return broken(r);
    if (write_all(r->file.fd, record->data, record->length) < 0)
        return receive_failed(r, NULL);
    r->summary.bytes += record->length;
    return 0;
}

static int finish_file(struct tree_receiver *r)
{
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, r->file_mtime};
    if (fchmod(r->file.fd, r->file_mode) < 0 || futimens(r->file.fd, times) < 0 ||
        new_file_commit(&r->file, r->file_name) < 0)
        return receive_failed(r, NULL);
    r->in_file = false;
    r->summary.files++;
    if (r->depth > 0)
        tree_path_pop(&r->path);
    return 0;
}

/*
 * A directory that existed and belongs to another user keeps its mode and time (EPERM): that is no
 * reason to refuse to fill it.
 */
static int finish_directory(struct tree_receiver *r)
{
    struct level *l = &r->levels[r->depth - 1];
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, l->mtime};
    if ((fchmod(l->fd, l->mode) < 0 || futimens(l->fd, times) < 0) &&
        !(l->existed && errno == EPERM))
        return receive_failed(r, NULL);
    close(l->fd);
    r->depth--;
    r->summary.directories++;
    tree_path_pop(&r->path);
    return 0;
}

static int take_leave(struct tree_receiver *r)
{
    if (r->in_file)
        return finish_file(r);
    return r->depth > 0 ? finish_directory(r) : broken(r);
}

int tree_receiver_take(struct tree_receiver *r, struct file_parser *parser,
                       const struct file_record *record)
{
    struct file_entry e;
    switch (record->kind) {
    case FILE_ENTRY:
        return file_get_entry(parser, record, &e) < 0 ? broken(r) : take_entry(r, &e);
    case FILE_DATA:
        return take_file_data(r, record);
    case FILE_LEAVE:
        return record->length ? broken(r) : take_leave(r);
    case FILE_DONE:
        return record->length || !r->begun || r->in_file || r->depth ? broken(r) : 1;
    default:
        return broken(r);
    }
}

const struct file_failure *tree_receiver_failure(const struct tree_receiver *r)
{
    return &r->failure;
}

const struct file_summary *tree_receiver_summary(const struct tree_receiver *r)
{
    return &r->summary;
}

const char *tree_receiver_path(const struct tree_receiver *r)
{
    return r->path.text ? r->path.text : "";
}
