/* The unix socket of a machine's display. */
#ifndef LSANDBOX_DOMAIN_MACHINEDISPLAY_H
#define LSANDBOX_DOMAIN_MACHINEDISPLAY_H

#include <glib.h>

#include "domain/domain.h"
#include "domain/machineparts.h"
#include "recipe/description.h"

/*
 * Where D has a display with a socket, make the place for it in the machine's own directory. Where
 * the recipe names another place for the socket, that is a link to it, so that QEMU gets no right
 * there. It is gone with the sandbox, by the keeper if not by us.
 */
gboolean lsb_machine_make_display(const LsbDescription *d, LsbDomain *domain, LsbMachineParts *p,
                                  GError **error);

#endif
