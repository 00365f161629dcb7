/*
 * System call filters: what a recipe's `seccomp` says, and the BPF program made of it, which the
 * guest init installs. Only seccompfilter.c and seccompprofiles.c include libseccomp.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_SECCOMPFILTER_H
#define LSANDBOX_RECIPE_IDENTITY_SECCOMPFILTER_H

#include <glib.h>

typedef enum {
    LSB_SECCOMP_NONE,       /* no filter */
    LSB_SECCOMP_DEFAULT,    /* what no ordinary program needs is refused */
    LSB_SECCOMP_NO_NETWORK, /* the same, and sockets other than local ones */
    LSB_SECCOMP_STRICT,     /* computing: files, memory, threads, time */
    LSB_SECCOMP_OWN,        /* no profile: the lists alone */
} LsbSeccompProfile;

/* What happens at a call. */
typedef enum { LSB_SECCOMP_ALLOW, LSB_SECCOMP_ERRNO, LSB_SECCOMP_KILL } LsbSeccompAction;

/* Does not change once it is made; shared by reference. */
typedef struct {
    LsbSeccompProfile profile;
    LsbSeccompAction fallback;    /* for LSB_SECCOMP_OWN: of calls that no list names */
    int errnum;                   /* what a refused call gives */
    char **allow, **deny, **kill; /* names; NULL: none */
} LsbSeccomp;

LsbSeccomp *lsb_seccomp_new(LsbSeccompProfile profile);
LsbSeccomp *lsb_seccomp_ref(LsbSeccomp *s); /* NULL is fine, here and below */
void lsb_seccomp_unref(LsbSeccomp *s);

/* The profile's name in a recipe; "own". Static. */
const char *lsb_seccomp_name(const LsbSeccomp *s);
extern const char *const lsb_seccomp_profiles[]; /* "none", "default" ..., NULL */

/* Whether any Linux architecture has a system call of that name. */
gboolean lsb_seccomp_knows(const char *name);
/* The known name that is most like NAME, or NULL. Caller frees. */
char *lsb_seccomp_nearest(const char *name);
/* The calls without which no program starts and ends: always allowed. NULL at the end. */
extern const char *const lsb_seccomp_always[];

/*
 * The filter as an array of struct sock_filter (linux/filter.h) for this host's architecture and
 * the 32-bit one beside it; NULL without an error: no filter. CAPABILITIES, a bit mask: what those
 * are there for is not refused by a profile. What is compiled is kept for the next program.
 * Any thread. Caller unrefs. LSB_ERROR_FAILED: libseccomp refuses.
 */
GBytes *lsb_seccomp_compile(const LsbSeccomp *s, guint64 capabilities, GError **error);

#endif
