/* Reads /proc/self/mountinfo, the mounts of this mount namespace (proc_pid_mountinfo(5)). */
#define _GNU_SOURCE
#include "mountinfo.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Undo the escapes, such as "\040", of the characters that would break the line apart. */
static void unescape(char *s)
{
    char *out = s;
    for (; *s; s++) {
        unsigned value;
        if (s[0] == '\\' && s[1] && s[2] && s[3] && sscanf(s + 1, "%3o", &value) == 1) {
            *out++ = (char)value;
            s += 3;
        } else {
            *out++ = *s;
        }
    }
    *out = 0;
}

/* A line is "36 35 98:0 /sub /mount/point rw,noatime shared:1 - ext3 /dev/root rw". */
static int add_mount_point(struct mount_points *points, char *line)
{
    char *path = NULL, *type = NULL;
    int id;
    char *dash = strstr(line, " - ");
    struct mount_point *list = realloc(points->list, (points->count + 1) * sizeof *list);
    if (list)
        points->list = list;
    if (!list || !dash || sscanf(line, "%d %*s %*s %*s %ms", &id, &path) != 2 ||
        sscanf(dash + 3, "%ms", &type) != 1) {
        free(path);
        return -1;
    }
    unescape(path);
    list[points->count++] = (struct mount_point){path, type, id};
    return 0;
}

int mountinfo_read(struct mount_points *points)
{
    *points = (struct mount_points){0};
    FILE *f = fopen("/proc/self/mountinfo", "re");
    char *line = NULL;
    size_t size = 0;
    int result = f ? 0 : -1;
    while (result == 0 && getline(&line, &size, f) > 0)
        result = add_mount_point(points, line);
    free(line);
    if (f)
        fclose(f);
    return result < 0 ? failed("read /proc/self/mountinfo") : 0;
}

void mountinfo_free(struct mount_points *points)
{
    for (size_t i = 0; i < points->count; i++) {
        free(points->list[i].path);
        free(points->list[i].type);
    }
    free(points->list);
    *points = (struct mount_points){0};
}

bool mountinfo_under(const char *path, const char *tree)
{
    size_t len = strlen(tree);
    if (strcmp(tree, "/") == 0)
        return true;
    return strncmp(path, tree, len) == 0 && (path[len] == 0 || path[len] == '/');
}
