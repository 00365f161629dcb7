/*
 * libvirt's event loop, in a thread and a main context of its own. The default context runs only
 * while a script waits, so libvirt could answer no keepalive message while the script computes.
 * libvirtd takes a client that is silent for 30 s for dead (keepalive_interval and keepalive_count
 * of libvirtd.conf), closes its connection, and destroys its sandboxes.
 */
#ifndef LSANDBOX_HOST_EVENTLOOP_H
#define LSANDBOX_HOST_EVENTLOOP_H

#include <glib.h>

/*
 * Register the loop with libvirt and start its thread. Call it before each connection: it acts once
 * per process, and again in a forked child. libvirt calls event callbacks in that thread.
 */
void lsb_event_loop_start(void);

/* Have the loop's thread dispatch SOURCE, which must not block. After lsb_event_loop_start(). */
void lsb_event_loop_attach(GSource *source);

#endif
