/* Saving a machine: whether it can be saved, what it needs to go on, and its state out of QEMU. */
#ifndef LSANDBOX_DOMAIN_MACHINESAVE_H
#define LSANDBOX_DOMAIN_MACHINESAVE_H

#include <glib.h>
#include <libvirt/libvirt.h>

#include "domain/xml/domainxml.h"
#include "host/connection.h"
#include "recipe/description.h"

/* Why a machine of D can never be saved, in the recipe's words. NULL: it can. Static. */
const char *lsb_machine_save_obstacle(const LsbDescription *d);

/*
 * What has to be the same on a host where a machine with PARTS goes on: "name", "value" pairs for
 * lsb_saved_machine_make(). SHAPE: its domain XML without what only this machine has. Caller frees.
 */
char **lsb_machine_needs(const LsbConnection *c, const LsbDomainParts *parts, const char *shape);

/*
 * Have QEMU write DOMAIN, whose memory has SIZE bytes, into MEMORY and STATE, new files in DIR. The
 * machine is stopped for a part of that time. ON_TAKEN is called in this thread when the machine
 * runs on, or when it cannot. Blocking. Errors: those of lsb_snapshot_save(), lsb_ramstate_split();
 * LSB_ERRNO.
 */
gboolean lsb_machine_take(virDomainPtr domain, guint64 size, const char *dir, int memory, int state,
                          void (*on_taken)(gpointer), gpointer self, GError **error);

#endif
