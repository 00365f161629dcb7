/* Bounding the file to which QEMU's own messages go. */
#ifndef LSANDBOX_DOMAIN_LOGBOUND_H
#define LSANDBOX_DOMAIN_LOGBOUND_H

#include <glib.h>

/*
 * Keep the log at PATH small, in which QEMU appends its messages: a guest can cause them without
 * end, and the log is in memory where the run directory is. Every few seconds all of the log but
 * its end is given back to the file system (fallocate(2), FALLOC_FL_PUNCH_HOLE), in the thread of
 * libvirt's event loop. The caller destroys and unrefs the source.
 */
GSource *lsb_log_bound(const char *path);

#endif
