/* The unix socket of a machine's display. */
#ifndef LSANDBOX_DOMAIN_MACHINEDISPLAY_H
#define LSANDBOX_DOMAIN_MACHINEDISPLAY_H

#include <glib.h>

#include "domain/domain.h"
#include "domain/machineparts.h"
#include "recipe/description.h"

/*
 * Where D has a display with a socket, make a directory for the socket in the machine's own
 * directory. Where the recipe names a path for the socket, make a symlink at that path, so that
 * QEMU needs no right in the recipe's directory. lsb_domain_end() removes the symlink, or the
 * keeper when this process dies before. Errors: LSB_ERRNO, LSB_ERROR_UNSUPPORTED.
 */
gboolean lsb_machine_make_display(const LsbDescription *d, LsbDomain *domain, LsbMachineParts *p,
                                  GError **error);

#endif
