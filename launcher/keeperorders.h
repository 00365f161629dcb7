/*
 * What an owner has ordered its keeper to remove. The orders come to the keeper by its channel, and
 * are kept in the owner's journal for a keeper that finds both of them dead (keepersweep.h).
 */
#ifndef LSANDBOX_LAUNCHER_KEEPERORDERS_H
#define LSANDBOX_LAUNCHER_KEEPERORDERS_H

#include <stddef.h>

struct path_list {
    char **paths;
    size_t n;
};

/* What to remove at the end, by the word that ordered it (keeper.c). */
struct keeper_orders {
    struct path_list dirs, late, groups;
};

/*
 * Obey MESSAGE, "dir PATH", "late PATH", "group PATH" or "forget PATH"; changes the text. 0, or
 * EINVAL for another word and for a path that is not absolute, or ENOMEM.
 */
int keeperorders_take(struct keeper_orders *orders, char *message);

/* Put PATH into LIST; removes slashes from its end. 0, EINVAL or ENOMEM. */
int path_add(struct path_list *list, char *path);

/* Take the path at place I out of LIST. The last one of the list moves there. */
void path_drop(struct path_list *list, size_t i);

#endif
