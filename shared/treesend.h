/*
 * Turns a file or a directory tree into records (filewire.h), a buffer at a time: nothing is read
 * before tree_sender_next() asks for it. No symlink below the top is followed, and only single
 * names are opened, never paths. So long paths do no harm, nor does a process that moves entries
 * meanwhile.
 */
#ifndef LSANDBOX_TREESEND_H
#define LSANDBOX_TREESEND_H

#include "filewire.h"
#include "treepath.h"

struct tree_sender; /* allocated: its buffer is large */

/* Make a sender of NAME in DIR (borrowed; AT_FDCWD allowed). NULL when memory is short. */
struct tree_sender *tree_sender_new(int dir, const char *name);
void tree_sender_free(struct tree_sender *s);

/*
 * Get the next records. 1: they are in *DATA, *LENGTH, until the next call; 0: the last ones, which
 * end with DONE, have been given; -1: the tree cannot be read, and tree_sender_failure() says why.
 */
int tree_sender_next(struct tree_sender *s, const uint8_t **data, size_t *length);

const struct file_failure *tree_sender_failure(const struct tree_sender *s);
const struct file_summary *tree_sender_summary(const struct tree_sender *s);

/* What is being sent: a path below the top, "" for the top itself. */
const char *tree_sender_path(const struct tree_sender *s);

#endif
