/*
 * Turns a file or a directory tree into records (filewire.h), a buffer at a time: nothing is read
 * before somebody asks for it. No symlink below the top is followed, and no path but single names
 * is used, so neither long paths nor whoever moves things about meanwhile do harm.
 */
#ifndef LSANDBOX_TREESEND_H
#define LSANDBOX_TREESEND_H

#include "filewire.h"
#include "treepath.h"

struct tree_sender; /* allocated: its buffer is large */

/* NAME in DIR (borrowed; AT_FDCWD allowed) is the top. NULL when memory is short. */
struct tree_sender *tree_sender_new(int dir, const char *name);
void tree_sender_free(struct tree_sender *s);

/*
 * The next records: 1 and *DATA, *LENGTH (valid until the next call); 0 when the last ones, DONE at
 * their end, have been given; -1 when the tree cannot be read: tree_sender_failure() says why.
 */
int tree_sender_next(struct tree_sender *s, const uint8_t **data, size_t *length);

const struct file_failure *tree_sender_failure(const struct tree_sender *s);
const struct file_summary *tree_sender_summary(const struct tree_sender *s);

/* What is being sent: a path below the top, "" for the top itself. */
const char *tree_sender_path(const struct tree_sender *s);

#endif
