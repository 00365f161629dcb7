/*
 * Moves a machine's state out of one QEMU and into another, by QEMU's monitor: the devices, and the
 * memory where it has no file of its own. Blocking; any thread. Only for domains of a local
 * connection, because descriptors are passed.
 */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_SNAPSHOT_H
#define LSANDBOX_DOMAIN_TEMPLATE_SNAPSHOT_H

#include <glib.h>
#include <libvirt/libvirt.h>

typedef enum {
    LSB_MEMORY_IN_STATE, /* the state has the memory in it */
    LSB_MEMORY_IN_FILE,  /* QEMU has the memory in a file (memory-backend-file) */
} LsbMemoryPlace;

/*
 * Stop the machine and write its state to FD, a regular file, at its current offset. The machine
 * may be stopped after a failure as well; call lsb_snapshot_continue() in any case. Error:
 * LSB_ERROR_LIBVIRT, for instance because of a mounted 9p export, which QEMU cannot move.
 */
gboolean lsb_snapshot_save(virDomainPtr domain, int fd, LsbMemoryPlace memory, GError **error);

/* Let a stopped machine run on. */
gboolean lsb_snapshot_continue(virDomainPtr domain, GError **error);

/*
 * Load the state in FD, from its current offset, into a machine that was started with "-incoming
 * defer". Returns when the machine runs. Error: LSB_ERROR_LIBVIRT; its QEMU has ended then.
 */
gboolean lsb_snapshot_load(virDomainPtr domain, int fd, LsbMemoryPlace memory, GError **error);

#endif
