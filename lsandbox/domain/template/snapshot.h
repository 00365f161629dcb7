/*
 * A machine's state, out of QEMU and into another one, over QEMU's monitor: the devices, and the
 * memory where that is not in a file of its own. Blocking; any thread. The domains are of a local
 * connection, since descriptors are passed.
 */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_SNAPSHOT_H
#define LSANDBOX_DOMAIN_TEMPLATE_SNAPSHOT_H

#include <glib.h>
#include <libvirt/libvirt.h>

typedef enum {
    LSB_MEMORY_IN_STATE, /* the state has the memory, too */
    LSB_MEMORY_IN_FILE,  /* it is where QEMU was told to have it (memory-backend-file) */
} LsbMemoryPlace;

/*
 * Stop the machine and write its state to FD, a regular file, from where it stands. Where this
 * fails the machine may be stopped; lsb_snapshot_continue() is right in any case. Error:
 * LSB_ERROR_LIBVIRT: e.g. a mounted 9p export, which QEMU cannot move.
 */
gboolean lsb_snapshot_save(virDomainPtr domain, int fd, LsbMemoryPlace memory, GError **error);

/* Let a stopped machine run on. */
gboolean lsb_snapshot_continue(virDomainPtr domain, GError **error);

/*
 * Have a machine that was started with "-incoming defer" take over the state in FD, read from where
 * it stands, and run. Returns when it does. Error: LSB_ERROR_LIBVIRT; its QEMU has ended then.
 */
gboolean lsb_snapshot_load(virDomainPtr domain, int fd, LsbMemoryPlace memory, GError **error);

#endif
