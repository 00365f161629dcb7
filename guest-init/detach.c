/* Brings a machine back to where it waits for a plan: checks, and unmounts. */
#define _GNU_SOURCE
#include "detach.h"

#include "clock.h"
#include "log.h"
#include "mountinfo.h"
#include "root.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

/* --- processes --- */

enum { KERNEL_THREAD = 0x00200000 /* PF_KTHREAD of linux/sched.h; /proc/PID/stat, field 9 */ };

/*
 * Whether the process PID runs a program, and its NAME. /proc/PID/stat is "12 (name) S 1 ..."
 * (proc(5)), where the name may hold any character, and ends at the last parenthesis.
 */
static bool runs_program(const char *pid, char name[64])
{
    char path[300], text[512];
    unsigned flags = 0;
    char state = 'Z';
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    char *open_at = strchr(text, '('), *end = strrchr(text, ')');
    if (!open_at || !end || sscanf(end, ") %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2)
        return false; /* it has ended meanwhile */
    snprintf(name, 64, "%.*s", (int)(end - open_at - 1), open_at + 1);
    return !(flags & KERNEL_THREAD) && state != 'Z' && state != 'X' && strcmp(pid, "1") != 0;
}

enum { MOST_NAMES = 5 };

static int check_processes(void)
{
    char names[512] = "", name[64];
    int count = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *e; proc && (e = readdir(proc));) {
        size_t length = strlen(names);
        if (isdigit((unsigned char)e->d_name[0]) && runs_program(e->d_name, name) &&
            count++ < MOST_NAMES)
            snprintf(names + length, sizeof names - length, "%s%s (pid %.16s)", length ? ", " : "",
                     name, e->d_name);
    }
    if (!proc)
        return failed_with(EBUSY, "the processes cannot be seen");
    closedir(proc);
    return count ? failed_with(EBUSY, "processes still run: %s%s", names,
                               count > MOST_NAMES ? " and others" : "")
                 : 0;
}

/* --- mounts that programs have made --- */

static int *known; /* ids of the mounts that the guest init has made */
static size_t known_count;
static bool noted;

void detach_note_mounts(void)
{
    struct mount_points points;
    if (noted)
        return;
    noted = true;
    known_count = 0;
    int *ids = mountinfo_read(&points) < 0 ? NULL : realloc(known, points.count * sizeof *known);
    known = ids ? ids : known;
    for (; ids && known_count < points.count; known_count++)
        known[known_count] = points.list[known_count].id;
    mountinfo_free(&points);
}

static bool is_known(int id)
{
    for (size_t i = 0; i < known_count; i++)
        if (known[i] == id)
            return true;
    return false;
}

/* Detaching would unmount what a program has mounted. */
static int check_mounts(void)
{
    struct mount_points points;
    int result = noted ? mountinfo_read(&points) : 0;
    for (size_t i = 0; noted && result == 0 && i < points.count; i++)
        if (!is_known(points.list[i].id))
            result = failed_with(EBUSY, "a program has mounted %.200s", points.list[i].path);
    if (noted)
        mountinfo_free(&points);
    return result;
}

int detach_check(void)
{
    return check_processes() < 0 || check_mounts() < 0 ? -1 : 0;
}

/* --- unmounting --- */

/* The kernel may let go of the last files of a process a moment after it has ended. */
enum { LOOKS = 200, LOOK_AGAIN_MS = 5 };

/*
 * Unmount what has to go, the last mount first. Returns how many mounts are left of that; FAILED_ON
 * gets the path of one of them.
 */
static int unmount_some(char failed_on[256], bool *progress)
{
    struct mount_points points;
    int left = 0;
    *progress = false;
    if (mountinfo_read(&points) < 0)
        return -1;
    for (size_t i = points.count; i-- > 0;) {
        const char *path = points.list[i].path;
        if (!root_is_left_with(path))
            continue;
        if (umount2(path, UMOUNT_NOFOLLOW) == 0) {
            *progress = true;
        } else {
            snprintf(failed_on, 256, "%s", path);
            left++;
        }
    }
    mountinfo_free(&points);
    return left;
}

int detach_machine(void)
{
    char path[256] = "";
    bool progress = false;
    noted = false;
    sync();
    if (root_leave_machine() < 0)
        return -1;
    for (int looks = 0; looks < LOOKS;) {
        int left = unmount_some(path, &progress);
        int errnum = errno;
        if (left <= 0)
            return left;
        if (!progress) {
            looks++;
            clock_sleep(LOOK_AGAIN_MS);
        }
        errno = errnum;
    }
    return failed("unmount %s", path);
}
