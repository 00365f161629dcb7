/*
 * Removes a tree that a guest may have written to. A guest can make a tree so deep that one
 * descriptor, or one stack frame, for each level is too much. So only two levels are ever opened:
 * the entries of the top directory, and the entries of those. A directory found at the second level
 * that is not empty is moved up into the top directory, and emptied in its turn. Every directory
 * moves at most once.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "treeremove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree {
    int top;
    dev_t device;
    unsigned long moved; /* how many, for new names */
};

/* The owner may have lost its own rights: a guest may set any mode. Root needs no help. */
static void make_usable(int dir, const char *name)
{
    struct stat st;

    if (geteuid() != 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
        (void)fchmodat(dir, name, 0700, 0);
}

static int open_dir(int dir, const char *name)
{
    make_usable(dir, name);
    return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Remove what one call can remove: anything but a directory that is not empty. */
static bool remove_simple(int dir, const char *name)
{
    if (unlinkat(dir, name, 0) == 0)
        return true;
    return (errno == EISDIR || errno == EPERM) && unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

/* Move a directory to a new name in the top; where the guest has taken that name, try the next. */
static bool move_up(struct tree *tree, int dir, const char *name)
{
    char fresh[64];

    make_usable(dir, name);
    do {
        snprintf(fresh, sizeof(fresh), ".lsandbox-removed-%lu", tree->moved++);
        if (renameat(dir, name, tree->top, fresh) == 0)
            return true;
    } while (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR || errno == EISDIR);
    return false;
}

static bool remove_or_move(struct tree *tree, int dir, const char *name)
{
    return remove_simple(dir, name) || move_up(tree, dir, name);
}

/* Do ACTION for each entry of the directory FD, and close it. Returns whether any succeeded. */
static bool for_each(struct tree *tree, int fd, bool (*action)(struct tree *, int, const char *))
{
    DIR *dir = fdopendir(fd);
    struct dirent *entry;
    bool progress = false;

    if (!dir) {
        close(fd);
        return false;
    }
    while ((entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            progress = action(tree, fd, entry->d_name) || progress;
    closedir(dir);
    return progress;
}

/* Empty and remove a directory of the top. Returns whether at least one entry of it went. */
static bool empty_dir(struct tree *tree, const char *name)
{
    struct stat st;
    bool progress;
    int fd = open_dir(tree->top, name);

    if (fd < 0)
        return false;
    if (fstat(fd, &st) < 0 || st.st_dev != tree->device) {
        close(fd);
        return false;
    }
    progress = for_each(tree, fd, remove_or_move);
    return unlinkat(tree->top, name, AT_REMOVEDIR) == 0 || progress;
}

static bool remove_from_top(struct tree *tree, int dir, const char *name)
{
    return remove_simple(dir, name) || empty_dir(tree, name);
}

int tree_remove(const char *path)
{
    struct stat st;
    struct tree tree = {.top = -1};

    if (lstat(path, &st) == 0 &&
        (S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode) || S_ISLNK(st.st_mode)))
        return unlink(path);
    tree.top = open_dir(AT_FDCWD, path);
    if (tree.top < 0)
        return -1;
    if (fstat(tree.top, &st) == 0) {
        tree.device = st.st_dev;
        while (for_each(&tree, openat(tree.top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                        remove_from_top))
            ;
    }
    close(tree.top);
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}
