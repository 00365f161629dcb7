/*
 * Resource limits of programs, by the kernel's numbers (getrlimit(2)).
 */
#ifndef LSANDBOX_RECIPE_RLIMITS_H
#define LSANDBOX_RECIPE_RLIMITS_H

#include <glib.h>
#include <sys/resource.h>

#include "recipe/value/value.h"

#define LSB_UNLIMITED G_MAXUINT64

typedef struct {
    gboolean set; /* else the program has what it would have had */
    guint64 soft, hard;
} LsbRlimit;

typedef struct {
    LsbRlimit of[RLIM_NLIMITS]; /* by RLIMIT_ number */
} LsbRlimits;

/*
 * The parser of `rlimits` (see fields.h): a table of name = number, size, "unlimited", or
 * { soft =, hard = }. OUT is an LsbRlimits; what the table does not name stays as it is.
 */
gboolean lsb_rlimits_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error);

#endif
