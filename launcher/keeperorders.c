/* What an owner has ordered its keeper to remove: lists of paths. */
#define _GNU_SOURCE 1
#include "keeperorders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The kernel would follow the symlink "link" in "link/", and the keeper must remove the link. */
static void trim_slashes(char *path)
{
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
}

int path_add(struct path_list *list, char *path)
{
    char **longer = realloc(list->paths, (list->n + 1) * sizeof(*longer));
    char *copy;

    if (longer)
        list->paths = longer;
    if (path[0] != '/')
        return EINVAL;
    trim_slashes(path);
    copy = longer ? strdup(path) : NULL;
    if (!copy)
        return ENOMEM;
    list->paths[list->n++] = copy;
    return 0;
}

void path_drop(struct path_list *list, size_t i)
{
    free(list->paths[i]);
    list->paths[i] = list->paths[--list->n];
}

static void drop_equal(struct path_list *list, const char *path)
{
    for (size_t i = list->n; i-- > 0;)
        if (strcmp(list->paths[i], path) == 0)
            path_drop(list, i);
}

int keeperorders_take(struct keeper_orders *orders, char *message)
{
    char *path = strchr(message, ' ');
    const struct {
        const char *word;
        struct path_list *list;
    } lists[] = {{"dir", &orders->dirs}, {"late", &orders->late}, {"group", &orders->groups}};

    if (!path)
        return EINVAL;
    *path++ = '\0';
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (strcmp(message, lists[i].word) == 0)
            return path_add(lists[i].list, path);
    if (strcmp(message, "forget") != 0)
        return EINVAL;
    trim_slashes(path);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        drop_equal(lists[i].list, path);
    return 0;
}
