/*
 * Makes a tree from records (filewire.h), which it does not trust: every name must be a single one,
 * every directory is one that it has opened itself without following a symlink, and files are
 * replaced whole (newfile.h). So nothing outside the target is touched, even when the sender lies,
 * or another process changes the target's directories meanwhile.
 */
#ifndef LSANDBOX_TREERECEIVE_H
#define LSANDBOX_TREERECEIVE_H

#include "filewire.h"
#include "treepath.h"

struct tree_receiver;

/*
 * Make a receiver whose tree becomes NAME in the directory DIR, which it takes over and closes. Of
 * the entries' modes only the bits in MODE_MASK are set. NULL when memory is short; DIR is closed
 * then, too.
 */
struct tree_receiver *tree_receiver_new(int dir, const char *name, mode_t mode_mask);

/* Remove what is not whole by now; directories that existed get their modes back. */
void tree_receiver_free(struct tree_receiver *r);

/*
 * Take one record, of any kind but ERROR. 0: go on; 1: it was DONE; -1: tree_receiver_failure()
 * says why, EPROTO when the records make no tree.
 */
int tree_receiver_take(struct tree_receiver *r, struct file_parser *parser,
                       const struct file_record *record);

const struct file_failure *tree_receiver_failure(const struct tree_receiver *r);
const struct file_summary *tree_receiver_summary(const struct tree_receiver *r);
const char *tree_receiver_path(const struct tree_receiver *r);

#endif
