/*
 * The mounts that this process sees, in the order they were made (/proc/self/mountinfo, proc(5)).
 */
#ifndef LSANDBOX_INIT_MOUNTINFO_H
#define LSANDBOX_INIT_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>

struct mount_point {
    char *path; /* with the file's octal escapes undone */
    char *type; /* of the filesystem: "ext4" */
    int id;     /* of the mount; the kernel may use it again when the mount is gone */
};

struct mount_points {
    struct mount_point *list;
    size_t count;
};

/* 0, or -1 with failure_text(). mountinfo_free() in both cases. */
int mountinfo_read(struct mount_points *points);
void mountinfo_free(struct mount_points *points);

/* Whether PATH is TREE or below it. */
bool mountinfo_under(const char *path, const char *tree);

#endif
