/*
 * The field `security` of a recipe: the host's mandatory access control over the sandbox's process,
 * and a container's user namespace.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_SECURITYFIELDS_H
#define LSANDBOX_RECIPE_IDENTITY_SECURITYFIELDS_H

#include <glib.h>

#include "recipe/identity/idmap.h"
#include "recipe/value/value.h"

typedef enum {
    LSB_LABEL_NOT_SAID, /* dynamic, where the host has it */
    LSB_LABEL_DYNAMIC,
    LSB_LABEL_STATIC,
    LSB_LABEL_INHERIT,
    LSB_LABEL_NONE,
} LsbLabelType;

typedef struct {
    LsbLabelType type;
    char *model; /* "selinux", "apparmor", "dac"; NULL: the host's first */
    char *label, *baselabel;
    gboolean has_relabel, relabel;
    LsbUserns userns;
} LsbSecurity;

/* Parser. OUT: LsbSecurity. */
gboolean lsb_security_parse(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error);

/* Release what SECURITY holds. */
void lsb_security_clear(LsbSecurity *security);

/* The ids of a label of the model "dac": "+107:+107". FALSE: it is none. */
gboolean lsb_security_dac_ids(const char *label, guint32 *uid, guint32 *gid);

#endif
