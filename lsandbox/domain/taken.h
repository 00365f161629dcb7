/* Whether the name of a sandbox is another domain's. */
#ifndef LSANDBOX_DOMAIN_TAKEN_H
#define LSANDBOX_DOMAIN_TAKEN_H

#include <glib.h>

#include "host/connection.h"

/*
 * Whether CONNECTION has a domain NAME, running or defined, whoever made it. A transient domain
 * that has just ended, which libvirt is about to forget, has no name any more. Blocking.
 */
gboolean lsb_name_is_taken(const LsbConnection *connection, const char *name);

/* LSB_ERROR_STATE where NAME is taken. */
gboolean lsb_name_check(const LsbConnection *connection, const char *name, GError **error);

#endif
