/*
 * The mounts that this process sees, in the order they were made (/proc/self/mountinfo, proc(5)).
 */
#ifndef LSANDBOX_INIT_MOUNTINFO_H
#define LSANDBOX_INIT_MOUNTINFO_H

#include <stdbool.h>
#include <stddef.h>

struct mount_point {
    char *path; /* with the file's octal escapes undone */
    char *type; /* "ext4" ... */
    int id;     /* of the mount, as long as it is there */
};

struct mount_points {
    struct mount_point *list;
    size_t count;
};

int mountinfo_read(struct mount_points *points);
void mountinfo_free(struct mount_points *points);

/* PATH is TREE or below it. */
bool mountinfo_under(const char *path, const char *tree);

#endif
