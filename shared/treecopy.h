/*
 * Copies a tree inside one system, by the sender and receiver that carry trees over the relay
 * (treesend.h, treereceive.h), with their promises: no symlink is followed, and special files are
 * left out.
 */
#ifndef LSANDBOX_TREECOPY_H
#define LSANDBOX_TREECOPY_H

#include "filewire.h"

struct tree_limit {
    uint64_t bytes, entries;
};

/*
 * Copy the file or tree FROM_NAME in FROM_DIR to TO_NAME in TO_DIR (both borrowed): contents,
 * times, permission bits, but no set-user-ID. LEFT counts down. -1: FAILURE says why, EFBIG where
 * LEFT did not suffice; its path is the caller's to free.
 */
int tree_copy(int from_dir, const char *from_name, int to_dir, const char *to_name,
              struct tree_limit *left, struct file_failure *failure);

/*
 * Give the tree NAME in DIR to a user and group. No other process may change the tree meanwhile. 0,
 * or -1 with errno.
 */
int tree_give(int dir, const char *name, uid_t uid, gid_t gid);

#endif
