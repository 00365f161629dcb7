/* What the host has of a recipe's network, and what a failed start leaves of it. */
#ifndef LSANDBOX_DOMAIN_NETWORKHOST_H
#define LSANDBOX_DOMAIN_NETWORKHOST_H

#include <glib.h>

#include "host/connection.h"
#include "recipe/description.h"

/*
 * Before a start: the networks and filters that D names are there, as far as libvirt tells. Errors,
 * with the field's path: LSB_ERROR_NOT_FOUND; LSB_ERROR_STATE for a network that is not active.
 */
gboolean lsb_network_host_check(const LsbConnection *connection, const LsbDescription *d,
                                GError **error);

/*
 * Seconds in which the bridges of this host by which D asks for leases pass nothing, as they have the
 * spanning tree protocol and wait before a new port may send. 0: they pass all at once, or cannot be
 * asked. Blocking.
 */
guint lsb_network_host_silence(const LsbConnection *connection, const LsbDescription *d);

/*
 * After a failed one, with libvirt's ERROR: where a bridge is missing say so instead, as
 * LSB_ERROR_NOT_FOUND; and remove a container's interfaces, which libvirt 9 leaves on the host.
 */
void lsb_network_host_failed(const LsbDescription *d, GError **error);

#endif
