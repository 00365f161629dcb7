/* The file service: which operation runs, and the records of all of them. */
#define _GNU_SOURCE
#include "files.h"

#include "filechange.h"
#include "filecontent.h"
#include "filelist.h"
#include "filetree.h"
#include "filewatch.h"
#include "shared/closekeep.h"
#include "shared/newfile.h"
#include "shared/units.h"
#include "shared/writeall.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_BUFFER = 256 * KiB }; /* large writes to the file, few reads of the pipe */

/* --- output --- */

int files_flush(struct wire_buf *b)
{
    int result = b->failed ? -1 : write_all(STDOUT_FILENO, b->data, b->len);
    b->len = 0;
    return result;
}

static int say_last(struct wire_buf *b)
{
    int result = files_flush(b);
    wire_buf_clear(b);
    return result < 0;
}

int files_done(void)
{
    struct wire_buf b = {0};
    file_put_empty(&b, FILE_DONE);
    return say_last(&b);
}

int files_error(const char *path)
{
    struct wire_buf b = {0};
    file_put_error(&b, errno, path);
    return say_last(&b);
}

/* --- input --- */

static int fill_input(struct file_input *in)
{
    ssize_t n;
    if (!in->buffer && !(in->buffer = malloc(INPUT_BUFFER)))
        return -1;
    do
        n = read(STDIN_FILENO, in->buffer, INPUT_BUFFER);
    while (n < 0 && errno == EINTR);
    if (n == 0)
        errno = ECANCELED; /* the host has closed stdin before the last record */
    in->start = 0;
    in->end = n > 0 ? (size_t)n : 0;
    return n > 0 ? 0 : -1;
}

int files_next(struct file_input *in, struct file_record *record)
{
    record->kind = 0;
    while (!record->kind) {
        if (in->start == in->end && fill_input(in) < 0)
            return -1;
        long n = file_parse(&in->parser, in->buffer + in->start, in->end - in->start, record);
        if (n < 0) {
            errno = EPROTO;
            return -1;
        }
        in->start += (size_t)n;
    }
    return 0;
}

void files_input_clear(struct file_input *in)
{
    file_parser_clear(&in->parser);
    free_keep(in->buffer);
}

/* --- paths --- */

static int open_parent(const char *path, size_t length)
{
    char *parent = strndup(path, length);
    int fd = parent ? open(length ? parent : "/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    free_keep(parent);
    return fd;
}

int files_parent(const char *path, char **name)
{
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/')
        length--;
    size_t start = length;
    while (start > 0 && path[start - 1] != '/')
        start--;
    *name = length > 0 ? strndup(path + start, length - start) : strdup(".");
    return *name ? open_parent(path, start) : -1;
}

/* --- the operations --- */

static const struct {
    const char *name;
    int arguments;
    file_service run;
} services[] = {
    {"get", 1, filetree_get},
    {"put", 1, filetree_put},
    {"read", 3, filecontent_read},
    {"write", 3, filecontent_write},
    {"list", 1, filelist_list},
    {"stat", 2, filelist_stat},
    {"mkdir", 3, filechange_mkdir},
    {"remove", 2, filechange_remove},
    {"rename", 2, filechange_rename},
    {"watch", 1, filewatch_run},
};

int files_run(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* then a file over the size limit is an error to report, EFBIG */
    signal(SIGPIPE, SIG_IGN); /* when the host reads no more, there may be files to remove */
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (strcmp(services[i].name, argv[0]) == 0 && services[i].arguments == argc - 1)
            return services[i].run(argv);
    errno = ENOSYS;
    return files_error(argv[0]);
}
