/* What saving a machine has to do with QEMU and this host. */
#ifndef LSANDBOX_DOMAIN_MACHINESAVE_H
#define LSANDBOX_DOMAIN_MACHINESAVE_H

#include <glib.h>
#include <libvirt/libvirt.h>

#include "domain/xml/domainxml.h"
#include "host/connection.h"
#include "recipe/description.h"

/* Why no machine of D can be saved, in the recipe's words; NULL: it can. Static. */
const char *lsb_machine_save_obstacle(const LsbDescription *d);

/*
 * What has to be the same where a machine goes on that is started with PARTS and whose XML, without
 * what is its alone, is SHAPE: see lsb_saved_machine_make(). Caller frees.
 */
char **lsb_machine_needs(const LsbConnection *c, const LsbDomainParts *parts, const char *shape);

/*
 * Have DOMAIN, whose memory has SIZE bytes, write itself into MEMORY and STATE, new files in DIR. It
 * stands still for a part of that, and ON_TAKEN is called in this thread when it runs on, or will
 * not. Blocking. Errors: those of lsb_snapshot_save(), lsb_ramstate_split(); LSB_ERRNO.
 */
gboolean lsb_machine_take(virDomainPtr domain, guint64 size, const char *dir, int memory, int state,
                          void (*on_taken)(gpointer), gpointer self, GError **error);

#endif
