/* Removal of a directory tree that a guest may have written to. */
#ifndef LSANDBOX_TREEREMOVE_H
#define LSANDBOX_TREEREMOVE_H

/*
 * Remove the directory PATH and all beneath it, or the file or socket PATH. Follows no symlink
 * (PATH itself included) and enters no other file system; what is mounted inside stays, and so do
 * the directories above it. Needs three descriptors and no recursion, however deep. 0, or -1 with
 * errno when something is left.
 */
int tree_remove(const char *path);

#endif
