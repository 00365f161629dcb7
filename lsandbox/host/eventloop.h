/*
 * libvirt's event loop, in a thread and a main context of its own. On the default context, which is
 * turned only while somebody waits, it would answer no keepalive message while a script computes; a
 * libvirtd takes a client for dead after 30 s of that (keepalive_interval and keepalive_count of
 * libvirtd.conf), closes its connection, and with it destroys its sandboxes.
 */
#ifndef LSANDBOX_HOST_EVENTLOOP_H
#define LSANDBOX_HOST_EVENTLOOP_H

/*
 * Register the loop with libvirt and start its thread; once per process, before the first
 * connection, and again in a forked child. libvirt calls event callbacks in that thread.
 */
void lsb_event_loop_start(void);

#endif
