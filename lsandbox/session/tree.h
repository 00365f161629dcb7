/* What push and pull share. For their implementations. */
#ifndef LSANDBOX_TREE_H
#define LSANDBOX_TREE_H

#include "session/fileop.h"

typedef struct {
    LsbFileOp op;
    const struct file_summary *(*summary)(const LsbFileOp *op);
    const char *(*path)(const LsbFileOp *op);
} LsbTreeOp;

/*
 * The copy's name: TARGET, or below it the last name in SOURCE where TARGET ends in "/". NULL with
 * LSB_ERROR_INVALID where SOURCE has no such name. Caller frees.
 */
char *lsb_tree_target(const char *operation, const char *source, const char *target,
                      GError **error);

#endif
