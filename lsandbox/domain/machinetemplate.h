/* What a template has to do with the start of a machine: chosen, resumed from, and made. Blocking;
 * any thread. */
#ifndef LSANDBOX_DOMAIN_MACHINETEMPLATE_H
#define LSANDBOX_DOMAIN_MACHINETEMPLATE_H

#include <glib.h>

#include "domain/domain.h"
#include "domain/xml/domainxml.h"
#include "plan/plan.h"

/*
 * Decide domain->template for a machine with PARTS and the kernel RELEASE, before anything is made
 * for it. Errors: those of lsb_template_choose().
 */
gboolean lsb_machine_choose_template(const LsbPlan *plan, LsbDomain *domain,
                                     const LsbDomainParts *parts, const char *release,
                                     GError **error);

/*
 * A QEMU that libvirt has just started, and that waits for its state, if it is to have one: let it
 * run from there. The guest waits for its plan then.
 */
gboolean lsb_machine_resume_template(LsbDomain *domain, GError **error);

/*
 * A machine whose role is LSB_TEMPLATE_MAKE, stopped by nobody and waiting for its plan: put its
 * template into the store. The machine goes on meanwhile: ON_TAKEN is called in this thread as soon
 * as it does, and DOMAIN is not used after that. Blocking. Errors are for the trace only.
 */
gboolean lsb_machine_make_template(LsbDomain *domain, void (*on_taken)(gpointer), gpointer self,
                                   GError **error);

#endif
