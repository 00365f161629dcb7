/* The host's side of a recipe's network: checks before a start, cleaning up after a failed one. */
#ifndef LSANDBOX_DOMAIN_NETWORKHOST_H
#define LSANDBOX_DOMAIN_NETWORKHOST_H

#include <glib.h>

#include "host/connection.h"
#include "recipe/description.h"

/*
 * Before a start: whether the networks and filters that D names exist, as far as libvirt tells.
 * Errors, with the field's path: LSB_ERROR_NOT_FOUND; LSB_ERROR_STATE for a network that is not
 * active.
 */
gboolean lsb_network_host_check(const LsbConnection *connection, const LsbDescription *d,
                                GError **error);

/*
 * For how many seconds the bridges over which D asks for leases pass no frame of a new port,
 * because they use the spanning tree protocol. 0: they pass frames at once, or the host cannot
 * tell. Blocking.
 */
guint lsb_network_host_silence(const LsbConnection *connection, const LsbDescription *d);

/*
 * After a failed start: remove a container's interfaces, which libvirt 9 leaves on the host. Where
 * a bridge is missing, LSB_ERROR_NOT_FOUND for it replaces libvirt's ERROR.
 */
void lsb_network_host_failed(const LsbDescription *d, GError **error);

#endif
