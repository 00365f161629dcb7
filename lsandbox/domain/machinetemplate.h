/*
 * A template in the start of a machine: one is chosen, the machine resumes from it, or a new one is
 * made. Blocking; any thread.
 */
#ifndef LSANDBOX_DOMAIN_MACHINETEMPLATE_H
#define LSANDBOX_DOMAIN_MACHINETEMPLATE_H

#include <glib.h>

#include "domain/domain.h"
#include "domain/xml/domainxml.h"
#include "plan/plan.h"

/*
 * Decide domain->start.template_use for a machine with PARTS and the kernel RELEASE, before
 * anything is made for it. Errors: those of lsb_template_choose().
 */
gboolean lsb_machine_choose_template(const LsbPlan *plan, LsbDomain *domain,
                                     const LsbDomainParts *parts, const char *release,
                                     GError **error);

/*
 * Load the template's state into a QEMU that libvirt has just started, and let the machine run. The
 * guest init waits for its plan then. Does nothing in a cold start.
 */
gboolean lsb_machine_resume_template(LsbDomain *domain, GError **error);

/*
 * Make a template of a running machine whose role is LSB_TEMPLATE_MAKE and whose guest init waits
 * for its plan. The machine is stopped while its state is taken. ON_TAKEN is called in this thread
 * as soon as the machine runs on, and DOMAIN is not used after that. Blocking. The error is only
 * logged, because the start goes on without a template.
 */
gboolean lsb_machine_make_template(LsbDomain *domain, void (*on_taken)(gpointer), gpointer self,
                                   GError **error);

#endif
