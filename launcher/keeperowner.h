/*
 * The keeper's channel to its owner, descriptor 3: what the keeper answers, and what the owner
 * orders for the end. keeper.c has the messages.
 */
#ifndef LSANDBOX_LAUNCHER_KEEPEROWNER_H
#define LSANDBOX_LAUNCHER_KEEPEROWNER_H

#include "keeperorders.h"
#include "keeperset.h"

/* The descriptors that the owner has passed: the channel, and its lock where it says so. */
enum { KEEPER_CONTROL = 3, KEEPER_LOCK = 4 };

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
