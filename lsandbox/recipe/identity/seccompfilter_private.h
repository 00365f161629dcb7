/* A profile's rules, as rows (seccompprofiles.c) that seccompfilter.c makes a filter of. */
#ifndef LSANDBOX_RECIPE_IDENTITY_SECCOMPFILTER_PRIVATE_H
#define LSANDBOX_RECIPE_IDENTITY_SECCOMPFILTER_PRIVATE_H

#include <glib.h>
#include <seccomp.h>

#include "recipe/identity/seccompfilter.h"

/* A condition on one argument of a call; the call is meant in any case where COMPARE is 0. */
typedef struct {
    guint argument;
    enum scmp_compare compare;
    guint64 a, b; /* as for SCMP_CMP64() */
} LsbSeccompWhen;

typedef struct {
    const char *name;
    guint64 opened_by; /* with one of these capabilities the row does not hold */
    int errnum;        /* 0: the filter's own */
    LsbSeccompWhen when;
} LsbSeccompRow;

typedef struct {
    gboolean allows; /* the rows are what is allowed, and all else is refused; else the contrary */
    const LsbSeccompRow *const *tables; /* each ended by a NULL name; NULL at the end */
} LsbSeccompRules;

#endif
