/*
 * The keeper's channel to its owner, descriptor 3: what the keeper answers, and what the owner
 * orders for the end. keeper.c has the messages.
 */
#ifndef LSANDBOX_LAUNCHER_KEEPEROWNER_H
#define LSANDBOX_LAUNCHER_KEEPEROWNER_H

#include "keeperset.h"

/* The descriptor of the channel, which the owner has passed. */
enum { KEEPER_CONTROL = 3 };

struct name_list {
    char **names;
    size_t n;
};

/* What to remove at the end, by the word that ordered it: paths, and names of containers. */
struct keeper_orders {
    struct name_list dirs, groups, starting, started;
};

/* Take the name at place I off LIST. The last one moves there. */
void keeperowner_drop(struct name_list *list, size_t i);

/* Never blocks: an owner that does not read must not keep the keeper from its work. */
void keeperowner_say(const char *text);

/* "error WHAT: strerror(ERRNUM)" */
void keeperowner_say_error(const char *what, int errnum);

/*
 * Obey all messages that have come: paths go to ORDERS, processes to SET. Returns whether the owner
 * still holds its end.
 */
bool keeperowner_obey(struct keeper_orders *orders, struct keeper_set *set);

#endif
