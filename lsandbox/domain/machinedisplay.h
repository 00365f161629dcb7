/* The unix socket of a machine's display. */
#ifndef LSANDBOX_DOMAIN_MACHINEDISPLAY_H
#define LSANDBOX_DOMAIN_MACHINEDISPLAY_H

#include <glib.h>

#include "domain/domain.h"
#include "domain/machineparts.h"
#include "recipe/description.h"

/*
 * Where D has a display with a socket, make a directory for it in the machine's own. Where the
 * recipe names a path for the socket, make a symlink there, so that QEMU gets no right in that
 * directory. lsb_domain_end() removes the symlink; where this process dies before, the keeper does.
 */
gboolean lsb_machine_make_display(const LsbDescription *d, LsbDomain *domain, LsbMachineParts *p,
                                  GError **error);

#endif
