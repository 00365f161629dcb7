/* The recipe's `security` on this host: which security driver labels the domain, and how. */
#ifndef LSANDBOX_DOMAIN_SECLABEL_H
#define LSANDBOX_DOMAIN_SECLABEL_H

#include <glib.h>

#include "domain/xml/securityxml.h"
#include "host/connection.h"
#include "recipe/identity/securityfields.h"

/*
 * The label that the domain gets on CONNECTION. No label where lsandbox's launcher starts QEMU and
 * does what the model "dac" would. LSB_ERROR_UNSUPPORTED: the host has no such security driver.
 */
gboolean lsb_seclabel_resolve(const LsbSecurity *security, const LsbConnection *connection,
                              LsbSeclabel *label, GError **error);

#endif
