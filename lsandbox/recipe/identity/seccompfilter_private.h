/* The rows of a profile, which seccompprofiles.c lists and seccompfilter.c compiles. */
#ifndef LSANDBOX_RECIPE_IDENTITY_SECCOMPFILTER_PRIVATE_H
#define LSANDBOX_RECIPE_IDENTITY_SECCOMPFILTER_PRIVATE_H

#include <glib.h>
#include <seccomp.h>

#include "recipe/identity/seccompfilter.h"

/* A condition on one argument of a call. COMPARE 0: there is none, and every such call is meant. */
typedef struct {
    guint argument;
    enum scmp_compare compare;
    guint64 a, b; /* as for SCMP_CMP64() */
} LsbSeccompWhen;

typedef struct {
    const char *name;
    guint64 opened_by; /* a program with one of these capabilities is exempt from the row */
    int errnum;        /* what the refused call gives; 0: the errno of the filter */
    LsbSeccompWhen when;
} LsbSeccompRow;

typedef struct {
    gboolean allows; /* TRUE: only the calls in the rows are allowed; FALSE: those are refused */
    const LsbSeccompRow *const *tables; /* each ended by a NULL name; NULL behind the last */
} LsbSeccompRules;

#endif
