/* The field rlimits of a recipe and of a program's table: the resource limits of getrlimit(2). */
#ifndef LSANDBOX_RECIPE_RLIMITS_H
#define LSANDBOX_RECIPE_RLIMITS_H

#include <glib.h>
#include <sys/resource.h>

#include "recipe/value/value.h"

#define LSB_UNLIMITED G_MAXUINT64

typedef struct {
    gboolean set; /* FALSE: the program inherits its limit */
    guint64 soft, hard;
} LsbRlimit;

typedef struct {
    LsbRlimit of[RLIM_NLIMITS]; /* by number: RLIMIT_NOFILE ... */
} LsbRlimits;

/*
 * Parser (fields.h) of a table of name = number, size, "unlimited", or { soft =, hard = }. OUT
 * points to an LsbRlimits, of which limits that the table does not name stay as they are.
 */
gboolean lsb_rlimits_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error);

#endif
