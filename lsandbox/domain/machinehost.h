/* What is made on the host for one machine: its directories, its jail. Blocking; any thread. */
#ifndef LSANDBOX_MACHINEHOST_H
#define LSANDBOX_MACHINEHOST_H

#include "domain/machineparts.h"

/* What QEMU's memory is to be, for the domain XML and the jail. */
LsbMemoryRole lsb_machine_memory_role(const LsbTemplate *template);

/* Hold the image that keeps the writes of D's overlay, if any (lsb_kept_hold()). */
gboolean lsb_machine_hold_overlay(const LsbDescription *d, LsbDomain *domain, GError **error);

/* Make the rest, and name it in DOMAIN and P. */
gboolean lsb_machine_make_host_parts(const LsbDescription *d, LsbDomain *domain, LsbMachineParts *p,
                                     GError **error);

#endif
