/* The file service: list and stat. */
#define _GNU_SOURCE
#include "filelist.h"

#include "files.h"
#include "shared/units.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { FLUSH_AT = 64 * KiB };

/* Put an ENTRY with the name SHOWN for the file NAME in DIR. FLAGS as for fstatat(2). */
static int put_stat(struct wire_buf *b, int dir, const char *name, const char *shown, int flags)
{
    struct stat st;
    char link[FILE_MAX_LINK + 1] = "";
    if (fstatat(dir, name, &st, flags) < 0)
        return -1;
    if (S_ISLNK(st.st_mode)) {
        ssize_t n = readlinkat(dir, name, link, sizeof link - 1);
        if (n < 0)
            return -1;
        link[n] = 0;
    }
    file_put_entry(b, &st, shown, link);
    return 0;
}

static int list_one(struct wire_buf *b, DIR *d, const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return 0;
    int result = put_stat(b, dirfd(d), name, name, AT_SYMLINK_NOFOLLOW);
    return result < 0 && errno == ENOENT ? 0 : result; /* ENOENT: removed meanwhile */
}

static int list_all(DIR *d, struct wire_buf *b)
{
    struct dirent *e;
    while (errno = 0, e = readdir(d)) {
        if (list_one(b, d, e->d_name) < 0)
            return files_error(e->d_name);
        if (b->len >= FLUSH_AT && files_flush(b) < 0)
            return 1;
    }
    if (errno)
        return files_error(NULL);
    file_put_empty(b, FILE_DONE);
    return files_flush(b) < 0;
}

int filelist_list(char **argv)
{
    struct wire_buf b = {0};
    DIR *d = opendir(argv[1]);
    if (!d)
        return files_error(NULL);
    int status = list_all(d, &b);
    wire_buf_clear(&b);
    closedir(d);
    return status;
}

int filelist_stat(char **argv)
{
    struct wire_buf b = {0};
    int flags = strcmp(argv[2], "1") == 0 ? 0 : AT_SYMLINK_NOFOLLOW;
    if (put_stat(&b, AT_FDCWD, argv[1], "", flags) < 0)
        return files_error(NULL);
    file_put_empty(&b, FILE_DONE);
    int status = files_flush(&b) < 0;
    wire_buf_clear(&b);
    return status;
}
