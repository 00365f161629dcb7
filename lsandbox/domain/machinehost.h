/* What is made on the host for one machine: its directories, its jail. Blocking; any thread. */
#ifndef LSANDBOX_DOMAIN_MACHINEHOST_H
#define LSANDBOX_DOMAIN_MACHINEHOST_H

#include <glib.h>

#include "domain/domain.h"
#include "domain/machineparts.h"
#include "domain/template/template.h"
#include "domain/xml/domainxml.h"
#include "plan/plan.h"
#include "recipe/description.h"

/* What QEMU's memory is to be, for the domain XML and the jail. */
LsbMemoryRole lsb_machine_memory_role(const LsbTemplate *template);

/* Hold the image that keeps the writes of D's overlay, if any (lsb_kept_hold()). */
gboolean lsb_machine_hold_overlay(const LsbDescription *d, LsbDomain *domain, GError **error);

/* Make the rest, and name it in DOMAIN and P. */
gboolean lsb_machine_make_host_parts(const LsbPlan *plan, LsbDomain *domain, LsbMachineParts *p,
                                     GError **error);

#endif
