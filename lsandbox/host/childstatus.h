/* Statuses of children where the host program, or the parent that started it, ignores SIGCHLD. */
#ifndef LSANDBOX_HOST_CHILDSTATUS_H
#define LSANDBOX_HOST_CHILDSTATUS_H

#include <glib.h>

/*
 * The kernel keeps no status of a child while SIGCHLD is ignored (wait(2)): libvirt then fails with
 * "unable to wait for process", and GLib loses the status. So call these around everything that
 * starts a child and waits for it, in any thread, nested or not. From the first begin to the last
 * end SIGCHLD has a disposition that keeps statuses. The last end restores what was there, and
 * reaps the host program's own children that ended meanwhile, because nobody else would.
 */
void lsb_childstatus_begin(void);
void lsb_childstatus_end(void);

/* Reap the zombies among this process's children that WHICH wants. NULL: all of them. */
void lsb_childstatus_reap(gboolean (*which)(int pid));

#endif
