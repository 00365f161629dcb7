/*
 * The field security of a recipe: the label of the sandbox's process for the host's mandatory
 * access control, and a container's user namespace.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_SECURITYFIELDS_H
#define LSANDBOX_RECIPE_IDENTITY_SECURITYFIELDS_H

#include <glib.h>

#include "recipe/identity/idmap.h"
#include "recipe/value/value.h"

typedef enum {
    LSB_LABEL_NOT_SAID, /* dynamic, if the host has a security driver */
    LSB_LABEL_DYNAMIC,
    LSB_LABEL_STATIC,
    LSB_LABEL_INHERIT,
    LSB_LABEL_NONE,
} LsbLabelType;

typedef struct {
    LsbLabelType type;
    char *model; /* "selinux", "apparmor" or "dac"; NULL: the first that the host has */
    char *label, *baselabel;
    gboolean has_relabel, relabel;
    LsbUserns userns;
} LsbSecurity;

/* Parser (fields.h). OUT points to an LsbSecurity. */
gboolean lsb_security_parse(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error);

/* Free what SECURITY holds. */
void lsb_security_clear(LsbSecurity *security);

/* The ids in a label of the model "dac", such as "+107:+107". FALSE: LABEL is not of that form. */
gboolean lsb_security_dac_ids(const char *label, guint32 *uid, guint32 *gid);

#endif
