/* The file service: mkdir, remove, rename. */
#define _GNU_SOURCE
#include "filechange.h"

#include "files.h"

#include "shared/closekeep.h"
#include "shared/treepath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- mkdir --- */

/* MODE -1: as the umask leaves it. chmod(2) sets the bits that the umask would clear. */
static int mkdir_with_mode(const char *path, int mode)
{
    if (mkdir(path, 0777) < 0)
        return -1;
    return mode < 0 ? 0 : chmod(path, (mode_t)mode);
}

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int make_parents(char *path)
{
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        int errnum = mkdir(path, 0777) < 0 ? errno : 0;
        if (errnum && errnum != EEXIST && !is_directory(path)) {
            errno = errnum;
            return -1;
        }
        *slash = '/';
    }
    return 0;
}

int filechange_mkdir(char **argv)
{
    bool parents = strcmp(argv[3], "1") == 0;
    if (parents && make_parents(argv[1]) < 0)
        return files_error(NULL);
    if (mkdir_with_mode(argv[1], atoi(argv[2])) < 0 &&
        !(parents && errno == EEXIST && is_directory(argv[1])))
        return files_error(NULL);
    return files_done();
}

/* --- remove --- */

/* How far the removal of a tree has got: an open directory for each level. */
struct removal {
    DIR *dirs[FILE_MAX_DEPTH];
    int depth;
    struct tree_path path;
};

/* Open a directory to empty it. If its mode forbids that to its owner, change the mode first. */
static int enter_directory(struct removal *r, int dir, const char *name)
{
    struct stat st;
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 0700) != 0700)
        fchmod(fd, (st.st_mode & 07777) | 0700);
    if (r->depth == FILE_MAX_DEPTH)
        errno = ENAMETOOLONG;
    DIR *d = r->depth < FILE_MAX_DEPTH ? fdopendir(fd) : NULL;
    if (!d) {
        close_keep(fd);
        return -1;
    }
    r->dirs[r->depth++] = d;
    return tree_path_push(&r->path, name);
}

/* Remove NAME in DIR, or enter it where it is a directory. */
static int remove_name(struct removal *r, int dir, const char *name)
{
    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM) /* POSIX says EPERM for a directory */
        return -1;
    return enter_directory(r, dir, name);
}

/* Go up and remove the directory that is empty now, whose name is the path's last part. */
static int leave_directory(struct removal *r, int top)
{
    const char *slash = strrchr(r->path.text, '/');
    char *name = strdup(slash ? slash + 1 : r->path.text);
    closedir(r->dirs[--r->depth]);
    tree_path_pop(&r->path);
    int dir = r->depth > 0 ? dirfd(r->dirs[r->depth - 1]) : top;
    int result = name ? unlinkat(dir, name, AT_REMOVEDIR) : -1;
    free(name);
    return result;
}

static int remove_step(struct removal *r, int top)
{
    DIR *d = r->dirs[r->depth - 1];
    struct dirent *e;
    errno = 0;
    while ((e = readdir(d)) && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0))
        errno = 0;
    if (e)
        return remove_name(r, dirfd(d), e->d_name);
    return errno ? -1 : leave_directory(r, top);
}

/* The path below NAME, the top, for the message. */
static const char *below(const struct removal *r, const char *name)
{
    size_t skip = strlen(name);
    return r->path.text && r->path.length > skip ? r->path.text + skip + 1 : NULL;
}

static int remove_tree(int dir, const char *name)
{
    struct removal r = {0};
    int result = enter_directory(&r, dir, name);
    while (result == 0 && r.depth > 0)
        result = remove_step(&r, dir);
    int status = result < 0 ? files_error(below(&r, name)) : files_done();
    while (r.depth > 0)
        closedir(r.dirs[--r.depth]);
    tree_path_clear(&r.path);
    return status;
}

static int remove_entry(int dir, const char *name, bool recursive)
{
    struct stat st;
    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return files_error(NULL);
    if (S_ISDIR(st.st_mode) && recursive)
        return remove_tree(dir, name);
    return unlinkat(dir, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0 ? files_error(NULL)
                                                                           : files_done();
}

int filechange_remove(char **argv)
{
    char *name = NULL;
    int dir = files_parent(argv[1], &name);
    int status = dir < 0 ? files_error(NULL) : remove_entry(dir, name, strcmp(argv[2], "1") == 0);
    free(name);
    return status;
}

/* --- rename --- */

int filechange_rename(char **argv)
{
    return rename(argv[1], argv[2]) < 0 ? files_error(NULL) : files_done();
}
