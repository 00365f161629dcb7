/*
 * Limits of a sandbox that libvirt does not set itself: they are written into its control groups
 * when it starts, and changed while it runs. Blocking, in a worker thread.
 */
#ifndef LSANDBOX_DOMAIN_LIMITS_H
#define LSANDBOX_DOMAIN_LIMITS_H

#include <glib.h>

#include "domain/domain.h"
#include "recipe/description.h"
#include "recipe/limitfields.h"

/*
 * Limit a container that libvirt has just started, before a user program runs in it: the number of
 * processes, which libvirt's XML cannot say; the memory, without swap beside it; and the guest
 * init's OOM score. This needs root and libvirt_lxc's process id; elsewhere LSB_ERROR_UNSUPPORTED
 * for what the recipe asks for.
 */
gboolean lsb_limits_start_container(const LsbDescription *d, LsbDomain *domain, GError **error);

/*
 * Make the control groups that the launcher enters before it becomes QEMU, where no libvirtd of
 * root makes them. LSB_ERROR_UNSUPPORTED says what the host lacks.
 */
gboolean lsb_limits_start_machine(const LsbDescription *d, LsbDomain *domain, GError **error);

/* Change the limits of a running domain. The caller has locked domain->freezing. */
gboolean lsb_limits_change(const LsbDescription *d, LsbDomain *domain, const LsbChanges *changes,
                         GError **error);

#endif
