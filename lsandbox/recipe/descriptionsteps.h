/*
 * The steps that complete a description once the recipe's fields have been read: defaults are
 * filled in, and fields are checked against each other and against the host. Each step says which
 * facts it needs and which it gives, so that their order can be seen and tested.
 */
#ifndef LSANDBOX_RECIPE_DESCRIPTIONSTEPS_H
#define LSANDBOX_RECIPE_DESCRIPTIONSTEPS_H

#include <glib.h>

#include "recipe/description_private.h"

/* Facts that hold of a description from some step on, as bits. */
typedef enum {
    LSB_FACT_NAMES = 1 << 0,    /* name, uuid, hostname */
    LSB_FACT_SCRATCH = 1 << 1,  /* scratch, and the sources of temporary mounts in it */
    LSB_FACT_KIND = 1 << 2,     /* uri and kind */
    LSB_FACT_ROOT = 1 << 3,     /* root, and whether it is a directory or an image */
    LSB_FACT_OVERLAY = 1 << 4,  /* overlay_image */
    LSB_FACT_HOME = 1 << 5,     /* home and home_source */
    LSB_FACT_NETWORK = 1 << 6,  /* the defaults of each interface */
    LSB_FACT_LIMITS = 1 << 7,   /* max_vcpus */
    LSB_FACT_IDENTITY = 1 << 8, /* identity */
    LSB_FACT_PROGRAM = 1 << 9,  /* cwd and env */
} LsbFact;

typedef struct {
    gboolean (*run)(LsbDraft *draft, GError **error); /* FALSE with LSB_ERROR_INVALID */
    guint needs, gives;                               /* bits of LsbFact */
} LsbDescriptionStep;

/* The steps in their order, ended by a NULL function. */
extern const LsbDescriptionStep lsb_description_steps[];

/* Run the steps. FALSE with the LSB_ERROR_INVALID of the first that fails. */
gboolean lsb_description_complete(LsbDraft *draft, GError **error);

#endif
