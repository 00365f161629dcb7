/*
 * Limits of a sandbox that libvirt does not hold for us: what is written into its control groups
 * when it starts, and changed while it runs. Blocking, in a worker thread.
 */
#ifndef LSANDBOX_DOMAIN_LIMITS_H
#define LSANDBOX_DOMAIN_LIMITS_H

#include <glib.h>

#include "domain/domain.h"
#include "recipe/description.h"
#include "recipe/limitfields.h"

/*
 * A container that libvirt has just started, before anything of the user's runs in it: the number
 * of its processes (not in libvirt's XML), its memory with no swap to pass it by, and its init kept
 * from the kernel's choice of whom to kill. Only where its controller's pid is known and we are
 * root; elsewhere LSB_ERROR_UNSUPPORTED for what the recipe asks for.
 */
gboolean lsb_hold_container(const LsbDescription *d, LsbDomain *domain, GError **error);

/*
 * Control groups for the QEMU that our launcher is about to become: where no libvirtd of root's
 * does it. LSB_ERROR_UNSUPPORTED says what is missing.
 */
gboolean lsb_hold_machine(const LsbDescription *d, LsbDomain *domain, GError **error);

/* Carry out CHANGES while it runs. Its mutex is held. */
gboolean lsb_hold_change(const LsbDescription *d, LsbDomain *domain, const LsbChanges *changes,
                         GError **error);

#endif
