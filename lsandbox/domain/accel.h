/* The accelerator of a machine: KVM where a stock kernel can run on it, else QEMU's emulation. */
#ifndef LSANDBOX_DOMAIN_ACCEL_H
#define LSANDBOX_DOMAIN_ACCEL_H

#include <glib.h>

#include "recipe/description.h"

/*
 * Decide WANTED: LSB_ACCEL_KVM or LSB_ACCEL_TCG; never LSB_ACCEL_AUTO. Auto takes KVM where
 * /dev/kvm can be opened and the host has kvm_intel or kvm_amd (or built-in KVM on another
 * hypervisor we know to be whole); a host with kvm_pvm passes KVM_CREATE_VM and then hangs a stock
 * kernel for ever (FACTS.md). LSB_ERROR_NO_KVM when KVM is asked for by name and cannot be had.
 */
gboolean lsb_accel_resolve(LsbAccel wanted, LsbAccel *result, GError **error);

/* Why KVM cannot be used by this process, or NULL when it can. Static text. */
const char *lsb_accel_why_not_kvm(void);

#endif
