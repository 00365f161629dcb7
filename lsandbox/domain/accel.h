/* The accelerator of a machine: KVM where a stock kernel can run on it, else QEMU's emulation. */
#ifndef LSANDBOX_DOMAIN_ACCEL_H
#define LSANDBOX_DOMAIN_ACCEL_H

#include <glib.h>

#include "recipe/description.h"

/*
 * Set RESULT to LSB_ACCEL_KVM or LSB_ACCEL_TCG. WANTED LSB_ACCEL_AUTO: KVM where /dev/kvm can be
 * opened, except on a host whose only KVM module is kvm_pvm, on which KVM_CREATE_VM succeeds and a
 * stock kernel then hangs for ever. FALSE with LSB_ERROR_NO_KVM where WANTED is LSB_ACCEL_KVM and
 * KVM cannot be used.
 */
gboolean lsb_accel_resolve(LsbAccel wanted, LsbAccel *result, GError **error);

/* Why KVM cannot be used by this process, or NULL when it can. Static text. */
const char *lsb_accel_why_not_kvm(void);

#endif
