/* The file service: get and put, whole trees. */
#define _GNU_SOURCE
#include "filetree.h"

#include "files.h"

#include "shared/newfile.h"
#include "shared/treereceive.h"
#include "shared/treesend.h"
#include "shared/writeall.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static int failed_as(const struct file_failure *failure)
{
    errno = failure->errnum;
    return files_error(failure->path);
}

static int send_all(struct tree_sender *s)
{
    const uint8_t *data;
    size_t length;
    int result;
    while ((result = tree_sender_next(s, &data, &length)) > 0)
        if (write_all(STDOUT_FILENO, data, length) < 0)
            return 1;
    return result < 0 ? failed_as(tree_sender_failure(s)) : 0;
}

int filetree_get(char **argv)
{
    char *name = NULL;
    int dir = files_parent(argv[1], &name);
    struct tree_sender *s = dir < 0 ? NULL : tree_sender_new(dir, name);
    int status = s ? send_all(s) : files_error(NULL);
    tree_sender_free(s);
    free(name);
    return status;
}

/* The caller removes what is not whole when this returns, by freeing R. */
static int receive_all(struct tree_receiver *r)
{
    struct file_input in = {0};
    struct file_record record;
    int result = 0, read = 0;
    while (result == 0 && (read = files_next(&in, &record)) == 0)
        result = tree_receiver_take(r, &in.parser, &record);
    files_input_clear(&in);
    if (read < 0)
        return files_error(NULL);
    return result < 0 ? failed_as(tree_receiver_failure(r)) : files_done();
}

int filetree_put(char **argv)
{
    char *name = NULL;
    signal(SIGTERM, SIG_IGN); /* only the end of stdin stops it, so that files are removed */
    int dir = files_parent(argv[1], &name);
    struct tree_receiver *r = dir < 0 ? NULL : tree_receiver_new(dir, name, 07777);
    int status = r ? receive_all(r) : files_error(NULL);
    tree_receiver_free(r);
    free(name);
    return status;
}
