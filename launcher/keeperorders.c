/* What an owner has ordered its keeper to remove: lists of paths and of containers' names. */
#define _GNU_SOURCE 1
#include "keeperorders.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* --- lists --- */

static int name_add(struct name_list *list, const char *name)
{
    char **longer = realloc(list->names, (list->n + 1) * sizeof(*longer));
    char *copy = longer ? strdup(name) : NULL;

    if (longer)
        list->names = longer;
    if (!copy)
        return ENOMEM;
    list->names[list->n++] = copy;
    return 0;
}

void keeperorders_drop(struct name_list *list, size_t i)
{
    free(list->names[i]);
    list->names[i] = list->names[--list->n];
}

/* The last one only, because two sandboxes of the owner may name the same. */
static bool name_forget(struct name_list *list, const char *name)
{
    for (size_t i = list->n; i-- > 0;)
        if (strcmp(list->names[i], name) == 0) {
            keeperorders_drop(list, i);
            return true;
        }
    return false;
}

/* The kernel would follow the symlink "link" in "link/", and the keeper must remove the link. */
static void trim_slashes(char *path)
{
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
}

/* --- orders --- */

static int order_dir(struct keeper_orders *orders, char *path)
{
    trim_slashes(path);
    return path[0] == '/' ? name_add(&orders->dirs, path) : EINVAL;
}

/* A group is held once, however often it is named. */
static int order_group(struct keeper_orders *orders, char *path)
{
    trim_slashes(path);
    (void)name_forget(&orders->groups, path);
    return path[0] == '/' ? name_add(&orders->groups, path) : EINVAL;
}

static int order_forget(struct keeper_orders *orders, char *path)
{
    trim_slashes(path);
    if (!name_forget(&orders->dirs, path))
        (void)name_forget(&orders->groups, path);
    return 0;
}

static int order_starting(struct keeper_orders *orders, char *name)
{
    return *name && !strchr(name, '/') ? name_add(&orders->starting, name) : EINVAL;
}

static int order_started(struct keeper_orders *orders, char *name)
{
    return name_forget(&orders->starting, name) ? name_add(&orders->started, name) : 0;
}

/* Of two containers with the same name, it is the one whose start has failed that ends first. */
static int order_ended(struct keeper_orders *orders, char *name)
{
    if (!name_forget(&orders->starting, name))
        (void)name_forget(&orders->started, name);
    return 0;
}

int keeperorders_take(struct keeper_orders *orders, char *message)
{
    static const struct {
        const char *word;
        int (*obey)(struct keeper_orders *orders, char *rest);
    } commands[] = {
        {"dir ", order_dir},           {"group ", order_group},     {"forget ", order_forget},
        {"starting ", order_starting}, {"started ", order_started}, {"ended ", order_ended},
    };

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        size_t len = strlen(commands[i].word);

        if (strncmp(message, commands[i].word, len) == 0)
            return commands[i].obey(orders, message + len);
    }
    return EINVAL;
}
