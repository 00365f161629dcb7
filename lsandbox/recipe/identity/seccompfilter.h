/*
 * System call filters: the value of a recipe's field seccomp, and the BPF program that is compiled
 * from it and that the guest init installs. The profiles' calls are in seccompprofiles.c. Only
 * those two files include libseccomp.
 */
#ifndef LSANDBOX_RECIPE_IDENTITY_SECCOMPFILTER_H
#define LSANDBOX_RECIPE_IDENTITY_SECCOMPFILTER_H

#include <glib.h>

typedef enum {
    LSB_SECCOMP_NONE,       /* no filter */
    LSB_SECCOMP_DEFAULT,    /* refuses the calls that no ordinary program needs */
    LSB_SECCOMP_NO_NETWORK, /* refuses also every socket that is not local */
    LSB_SECCOMP_STRICT,     /* allows only files, memory, threads and time */
    LSB_SECCOMP_OWN,        /* no profile, only the recipe's lists */
} LsbSeccompProfile;

/* What the kernel does at a call. */
typedef enum { LSB_SECCOMP_ALLOW, LSB_SECCOMP_ERRNO, LSB_SECCOMP_KILL } LsbSeccompAction;

/* Never changes once it is made, and is shared by reference. */
typedef struct {
    LsbSeccompProfile profile;
    LsbSeccompAction fallback;    /* for LSB_SECCOMP_OWN: of calls that are in no list */
    int errnum;                   /* the errno of a refused call */
    char **allow, **deny, **kill; /* names; NULL: none */
} LsbSeccomp;

/* A filter of PROFILE without lists, whose errno is EPERM. Caller unrefs. */
LsbSeccomp *lsb_seccomp_new(LsbSeccompProfile profile);
LsbSeccomp *lsb_seccomp_ref(LsbSeccomp *s); /* S may be NULL, here and below */
void lsb_seccomp_unref(LsbSeccomp *s);

/* The name of the profile of S as recipes write it, or "own". Static. */
const char *lsb_seccomp_name(const LsbSeccomp *s);

/* The names of the profiles by LsbSeccompProfile, up to LSB_SECCOMP_STRICT, and NULL. */
extern const char *const lsb_seccomp_profiles[];

/* Whether libseccomp knows a system call NAME, of any architecture. */
gboolean lsb_seccomp_knows(const char *name);

/* The name of the known call that is most similar to NAME; NULL: none is. Caller frees. */
char *lsb_seccomp_nearest(const char *name);

/*
 * The calls that are always allowed, because no program starts or ends without them. The last
 * element is NULL.
 */
extern const char *const lsb_seccomp_always[];

/*
 * Compile S to an array of struct sock_filter (linux/filter.h), for this host's architecture and
 * the 32-bit one beside it. A profile does not refuse the calls that one of CAPABILITIES (a bit for
 * each number) is there for. The result is kept for later programs with the same filter. May be
 * called from any thread. Caller unrefs. NULL without an error: S is no filter. NULL with
 * LSB_ERROR_FAILED: libseccomp has refused a rule.
 */
GBytes *lsb_seccomp_compile(const LsbSeccomp *s, guint64 capabilities, GError **error);

#endif
