/*
 * What is made on the host for one machine: its directories, its jail file. Blocking; any thread.
 */
#ifndef LSANDBOX_DOMAIN_MACHINEHOST_H
#define LSANDBOX_DOMAIN_MACHINEHOST_H

#include <glib.h>

#include "domain/domain.h"
#include "domain/machineparts.h"
#include "domain/template/template.h"
#include "domain/xml/domainxml.h"
#include "plan/plan.h"
#include "recipe/description.h"

/* Where QEMU gets its memory from, for the domain XML and the jail. */
LsbMemoryRole lsb_machine_memory_role(const LsbTemplate *t);

/* Lock the image that keeps the writes over D's root, if any (lsb_kept_image_lock()). */
gboolean lsb_machine_lock_overlay(const LsbDescription *d, LsbDomain *domain, GError **error);

/*
 * Make the machine's directories, its jail file and the place of its display, and record them in
 * DOMAIN and P. Errors: LSB_ERRNO, those of lsb_scratch_make() and lsb_machine_make_display().
 */
gboolean lsb_machine_make_host_parts(const LsbPlan *plan, LsbDomain *domain, LsbMachineParts *p,
                                     GError **error);

#endif
