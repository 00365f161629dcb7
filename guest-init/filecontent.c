/* The file service: read and write, the bytes of one file. */
#define _GNU_SOURCE
#include "filecontent.h"

#include "files.h"

#include "shared/newfile.h"
#include "shared/writeall.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- read --- */

static int send_bytes(int fd, uint64_t length)
{
    static uint8_t buffer[FILE_HEADER + FILE_MAX_DATA];
    while (length > 0) {
        ssize_t n = read(fd, buffer + FILE_HEADER, length < FILE_MAX_DATA ? length : FILE_MAX_DATA);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return files_error(NULL);
        if (n == 0)
            break;
        file_header(buffer, FILE_DATA, (uint32_t)n);
        if (write_all(STDOUT_FILENO, buffer, FILE_HEADER + (size_t)n) < 0)
            return 1;
        length -= (uint64_t)n;
    }
    return files_done();
}

int filecontent_read(char **argv)
{
    off_t offset = (off_t)strtoull(argv[2], NULL, 10);
    int fd = open(argv[1], O_RDONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || (offset > 0 && lseek(fd, offset, SEEK_SET) < 0))
        return files_error(NULL);
    return send_bytes(fd, strtoull(argv[3], NULL, 10));
}

/* --- write --- */

/*
 * Where the bytes go: into a new file, which replaces the old one at the end, or (IN_PLACE) into
 * the existing one.
 */
struct writing {
    int dir, fd;
    char *name;
    bool in_place;
    struct new_file file;
};

static mode_t usual_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static int open_in_place(struct writing *w, int flags)
{
    w->in_place = true;
    w->fd = openat(w->dir, w->name, O_WRONLY | O_NOCTTY | O_CLOEXEC | flags, 0666);
    return w->fd < 0 ? -1 : 0;
}

/* In a directory where the user may not make a file, there may be a file that it may write. */
static bool only_directory_refuses(int errnum)
{
    return errnum == EACCES || errnum == EPERM || errnum == ENOENT || errnum == EOPNOTSUPP;
}

static int open_replacement(struct writing *w, bool exists, mode_t mode)
{
    signal(SIGTERM, SIG_IGN); /* only the end of stdin stops it, so that the new file is removed */
    if (new_file_open(&w->file, w->dir) < 0) {
        int errnum = errno;
        if (exists && only_directory_refuses(errnum) && open_in_place(w, O_TRUNC) == 0)
            return 0;
        errno = errnum; /* the first refusal is the one to report */
        return -1;
    }
    w->fd = w->file.fd;
    return fchmod(w->fd, mode);
}

/* The id of the mount that FD is on (proc_pid_fdinfo(5)); -1: not known. */
static int mount_id(int fd)
{
    char path[40], line[64];
    int id = -1;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    FILE *f = fopen(path, "re");
    while (f && id < 0 && fgets(line, sizeof line, f))
        sscanf(line, "mnt_id: %d", &id);
    if (f)
        fclose(f);
    return id;
}

/*
 * Whether the file is itself a mount point: the kernel does not let it be replaced, only written.
 */
static bool is_mount(const struct writing *w)
{
    int fd = openat(w->dir, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    bool other = fd >= 0 && mount_id(fd) != mount_id(w->dir);
    if (fd >= 0)
        close(fd);
    return other;
}

/*
 * Devices, pipes and mount points are written in place, other files replaced. MODE -1: that of the
 * file that is there, or as the umask leaves it.
 */
static int open_for_writing(struct writing *w, int mode, bool append)
{
    struct stat st;
    bool exists = fstatat(w->dir, w->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (append || (exists && (!S_ISREG(st.st_mode) || is_mount(w)))) {
        if (open_in_place(w, append ? O_APPEND | O_CREAT : O_TRUNC) < 0)
            return -1;
        return mode >= 0 ? fchmod(w->fd, (mode_t)mode) : 0;
    }
    if (mode < 0)
        mode = exists ? (int)(st.st_mode & 07777) : (int)usual_mode();
    return open_replacement(w, exists, (mode_t)mode);
}

/* Returns the exit status. */
static int copy_input(struct writing *w)
{
    struct file_input in = {0};
    struct file_record record;
    int result;
    while ((result = files_next(&in, &record)) == 0 && record.kind == FILE_DATA)
        if ((result = write_all(w->fd, record.data, record.length)) < 0)
            break;
    if (result == 0 && record.kind != FILE_DONE) {
        errno = EPROTO;
        result = -1;
    }
    files_input_clear(&in);
    if (result == 0 && !w->in_place)
        result = new_file_commit(&w->file, w->name);
    return result < 0 ? files_error(NULL) : files_done();
}

/* PATH with its symlinks followed, because write must not replace a symlink. Caller frees. */
static char *followed(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : strdup(path);
}

int filecontent_write(char **argv)
{
    struct writing w = {.fd = -1, .file.fd = -1};
    char *path = followed(argv[1]);
    w.dir = path ? files_parent(path, &w.name) : -1;
    bool append = strcmp(argv[3], "1") == 0;
    int status = w.dir < 0 || open_for_writing(&w, atoi(argv[2]), append) < 0 ? files_error(NULL)
                                                                              : copy_input(&w);
    new_file_drop(&w.file);
    free(path);
    free(w.name);
    return status;
}
