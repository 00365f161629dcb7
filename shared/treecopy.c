/* Copies a tree by connecting a sender of trees with a receiver. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "treecopy.h"

#include "treereceive.h"
#include "treesend.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT_MODE = 0777 };

static int stop_copy(struct file_failure *failure, int errnum, const char *path)
{
    failure->errnum = errnum;
    failure->path = path ? strdup(path) : NULL;
    return -1;
}

static bool take_from(uint64_t *left, uint64_t amount)
{
    if (amount > *left)
        return false;
    *left -= amount;
    return true;
}

static bool passes_limit(struct tree_limit *left, const struct file_record *record)
{
    return record->kind == FILE_DATA ? !take_from(&left->bytes, record->length)
                                     : !take_from(&left->entries, 1);
}

/* Have the receiver take LENGTH bytes of the sender's records. 0, or 1 after the last record. */
static int pass_records(struct tree_receiver *r, struct file_parser *parser, const uint8_t *data,
                        size_t length, struct tree_limit *left, struct file_failure *failure)
{
    struct file_record record;
    int result = 0;
    while (length > 0 && result == 0) {
        long n = file_parse(parser, data, length, &record);
        if (n < 0)
            return stop_copy(failure, EPROTO, NULL);
        data += n;
        length -= (size_t)n;
        if (record.kind && passes_limit(left, &record))
            return stop_copy(failure, EFBIG, tree_receiver_path(r));
        result = record.kind ? tree_receiver_take(r, parser, &record) : 0;
    }
    if (result < 0)
        return stop_copy(failure, tree_receiver_failure(r)->errnum, tree_receiver_failure(r)->path);
    return result;
}

static int copy(struct tree_sender *s, struct tree_receiver *r, struct tree_limit *left,
                struct file_failure *failure)
{
    struct file_parser parser = {0};
    const uint8_t *data;
    size_t length;
    int given = 1, result = 0;
    while (result == 0 && (given = tree_sender_next(s, &data, &length)) > 0)
        result = pass_records(r, &parser, data, length, left, failure);
    if (given < 0)
        result = stop_copy(failure, tree_sender_failure(s)->errnum, tree_sender_failure(s)->path);
    file_parser_clear(&parser);
    return result < 0 ? -1 : 0;
}

int tree_copy(int from_dir, const char *from_name, int to_dir, const char *to_name,
              struct tree_limit *left, struct file_failure *failure)
{
    int to = fcntl(to_dir, F_DUPFD_CLOEXEC, 0); /* the receiver closes it */
    struct tree_sender *s = tree_sender_new(from_dir, from_name);
    struct tree_receiver *r = to < 0 ? NULL : tree_receiver_new(to, to_name, KEPT_MODE);
    int result = s && r ? copy(s, r, left, failure) : stop_copy(failure, ENOMEM, NULL);
    tree_receiver_free(r);
    tree_sender_free(s);
    return result;
}

/* --- owners --- */

/* Give all entries of the directory FD, which is closed. */
static int give_entries(int fd, uid_t uid, gid_t gid)
{
    DIR *dir = fdopendir(fd);
    struct dirent *e;
    int result = dir ? 0 : -1;
    if (!dir)
        close(fd);
    while (result == 0 && (e = readdir(dir)))
        if (file_name_ok(e->d_name))
            result = tree_give(fd, e->d_name, uid, gid);
    if (dir)
        closedir(dir);
    return result;
}

int tree_give(int dir, const char *name, uid_t uid, gid_t gid)
{
    struct stat st;
    if (fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 ||
        fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    if (!S_ISDIR(st.st_mode))
        return 0;
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -1 : give_entries(fd, uid, gid);
}
