/*
 * What belongs to one process. fork(2) copies every object into the child, with descriptors that
 * parent and child share; the child may use neither. An object keeps the number of the process that
 * made it, and a connection is held here, so that a forked child gets an inert copy of it: no byte
 * of the parent's is read there, and the other end notices the parent's death.
 */
#ifndef LSANDBOX_BASE_OWNPROCESS_H
#define LSANDBOX_BASE_OWNPROCESS_H

#include <glib.h>
#include <sys/types.h>

/* The process that makes an object now, and whether this process has made what OWNER made. */
pid_t lsb_process_owner(void);
gboolean lsb_process_is(pid_t owner);

/*
 * Have the descriptor FD replaced in every forked child by one that is never ready. FD may be held
 * once; forget it before it is closed. Thread-safe.
 */
void lsb_process_hold(int fd);
void lsb_process_forget(int fd);

/*
 * Give every forked child an eventfd of its own for the one that wakes the default main context.
 * Otherwise a child that turns its copy of the context takes wake-ups of the parent's, and the
 * parent waits for what has happened already. Does nothing where the eventfd cannot be told from
 * others of the program.
 */
void lsb_process_own_wakeup(void);

#endif
