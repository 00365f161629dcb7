/*
 * What an owner has ordered its keeper to remove. The orders come to the keeper by its channel, and
 * are kept in the owner's journal for a keeper that finds both of them dead (keepersweep.h).
 */
#ifndef LSANDBOX_LAUNCHER_KEEPERORDERS_H
#define LSANDBOX_LAUNCHER_KEEPERORDERS_H

#include <stddef.h>

struct name_list {
    char **names;
    size_t n;
};

/* What to remove at the end, by the word that ordered it: paths, and names of containers. */
struct keeper_orders {
    struct name_list dirs, groups, starting, started;
};

/*
 * Obey MESSAGE, which is one of keeper.c's orders with a path or a name; changes the text. 0, or
 * EINVAL for another word, for a path that is not absolute and for a name that is none, or ENOMEM.
 */
int keeperorders_take(struct keeper_orders *orders, char *message);

/* Take the name at place I off LIST. The last one moves there. */
void keeperorders_drop(struct name_list *list, size_t i);

#endif
