/* What the recipe's `security` comes to on this host. */
#ifndef LSANDBOX_DOMAIN_SECLABEL_H
#define LSANDBOX_DOMAIN_SECLABEL_H

#include <glib.h>

#include "domain/xml/securityxml.h"
#include "host/connection.h"
#include "recipe/identity/securityfields.h"

/*
 * The label as it is to be on CONNECTION. LAUNCHED: our launcher starts QEMU, and does what the
 * model "dac" would. LSB_ERROR_UNSUPPORTED: the host has no such security driver.
 */
gboolean lsb_seclabel_resolve(const LsbSecurity *security, const LsbConnection *connection,
                              gboolean launched, LsbSeclabel *label, GError **error);

#endif
