/* System call filters, compiled with libseccomp. */
#include "recipe/identity/seccompfilter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "recipe/identity/seccompfilter_private.h"
#include "recipe/identity/seccompprofiles.h"
#include "recipe/value/fields.h"

enum {
    MOST_KEPT = 64,       /* filters of different recipes that are kept compiled */
    HIGHEST_NUMBER = 600, /* above the last system call of the architectures below */
    NEAR_ENOUGH = 2,      /* edits between a mistyped name and the name that was meant */
    BINARY_TREE = 2,      /* SCMP_FLTATR_CTL_OPTIMIZE: search a tree of calls, not a list */
};

const char *const lsb_seccomp_profiles[] = {"none", "default", "no-network", "strict", NULL};
const char *const lsb_seccomp_always[] = {"execve", "exit", "exit_group", "rt_sigreturn", NULL};

/* --- the object --- */

static void seccomp_clear(gpointer data)
{
    LsbSeccomp *s = data;
    g_strfreev(s->allow);
    g_strfreev(s->deny);
    g_strfreev(s->kill);
}

LsbSeccomp *lsb_seccomp_new(LsbSeccompProfile profile)
{
    LsbSeccomp *s = g_atomic_rc_box_new0(LsbSeccomp);
    s->profile = profile;
    s->errnum = EPERM;
    return s;
}

LsbSeccomp *lsb_seccomp_ref(LsbSeccomp *s)
{
    return s ? g_atomic_rc_box_acquire(s) : NULL;
}

void lsb_seccomp_unref(LsbSeccomp *s)
{
    if (s)
        g_atomic_rc_box_release_full(s, seccomp_clear);
}

const char *lsb_seccomp_name(const LsbSeccomp *s)
{
    return s->profile == LSB_SECCOMP_OWN ? "own" : lsb_seccomp_profiles[s->profile];
}

/* --- names --- */

gboolean lsb_seccomp_knows(const char *name)
{
    return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR;
}

char *lsb_seccomp_nearest(const char *name)
{
    static const guint32 arches[] = {SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_AARCH64,
                                     SCMP_ARCH_ARM};
    char *best = NULL;
    guint least = NEAR_ENOUGH + 1;
    for (gsize i = 0; i < G_N_ELEMENTS(arches); i++)
        for (int number = 0; number < HIGHEST_NUMBER; number++) {
            char *known = seccomp_syscall_resolve_num_arch(arches[i], number);
            guint d = known ? lsb_text_distance(name, known) : least;
            if (d < least) {
                least = d;
                g_free(best);
                best = g_strdup(known);
            }
            free(known);
        }
    return best;
}

/* --- compiling --- */

typedef struct {
    scmp_filter_ctx filter;
    guint32 fallback;
    int result; /* 0, or libseccomp's first refusal, negative */
} Build;

static guint32 scmp_action(LsbSeccompAction action, int errnum)
{
    return action == LSB_SECCOMP_ALLOW   ? SCMP_ACT_ALLOW
           : action == LSB_SECCOMP_ERRNO ? SCMP_ACT_ERRNO((guint16)errnum)
                                         : SCMP_ACT_KILL_PROCESS;
}

/* Add no rule for a name that this libseccomp does not know, nor one that changes nothing. */
static void add_rule(Build *b, guint32 action, const char *name, const LsbSeccompWhen *when)
{
    int number = seccomp_syscall_resolve_name(name);
    if (b->result < 0 || number == __NR_SCMP_ERROR || action == b->fallback)
        return;
    gboolean conditional = when && when->compare;
    struct scmp_arg_cmp cmp = {0};
    if (conditional)
        cmp = (struct scmp_arg_cmp){when->argument, when->compare, when->a, when->b};
    b->result = seccomp_rule_add_array(b->filter, action, number, conditional, &cmp);
}

static void add_names(Build *b, guint32 action, char *const *names)
{
    for (char *const *name = names; name && *name; name++)
        add_rule(b, action, *name, NULL);
}

static gboolean is_among(char *const *names, const char *name)
{
    return names && g_strv_contains((const char *const *)names, name);
}

/* Whether the recipe names the call NAME or it is always allowed: then no profile decides. */
static gboolean is_decided(const LsbSeccomp *s, const char *name)
{
    return is_among(s->allow, name) || is_among(s->deny, name) || is_among(s->kill, name) ||
           g_strv_contains(lsb_seccomp_always, name);
}

static void add_profile(Build *b, const LsbSeccomp *s, guint64 capabilities)
{
    const LsbSeccompRules *rules = &lsb_seccomp_rules[s->profile];
    for (const LsbSeccompRow *const *table = rules->tables; table && *table; table++)
        for (const LsbSeccompRow *row = *table; row->name; row++) {
            LsbSeccompAction action =
                rules->allows && !row->errnum ? LSB_SECCOMP_ALLOW : LSB_SECCOMP_ERRNO;
            if (!(row->opened_by & capabilities) && !is_decided(s, row->name))
                add_rule(b, scmp_action(action, row->errnum ? row->errnum : s->errnum), row->name,
                         &row->when);
        }
}

/*
 * Apply the rules to the 32-bit calls as well, because a 64-bit program can make them. Calls of any
 * other ABI, such as x32, fail with ENOSYS, as on a kernel without that ABI.
 */
static int set_architectures(Build *b)
{
    static const struct {
        guint32 native, beside;
    } pairs[] = {{SCMP_ARCH_X86_64, SCMP_ARCH_X86}, {SCMP_ARCH_AARCH64, SCMP_ARCH_ARM}};
    int result = seccomp_attr_set(b->filter, SCMP_FLTATR_ACT_BADARCH,
                                  b->fallback == SCMP_ACT_KILL_PROCESS ? b->fallback
                                                                       : SCMP_ACT_ERRNO(ENOSYS));
    if (result == 0)
        result = seccomp_attr_set(b->filter, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
    for (gsize i = 0; i < G_N_ELEMENTS(pairs) && result == 0; i++)
        if (seccomp_arch_native() == pairs[i].native)
            result = seccomp_arch_add(b->filter, pairs[i].beside);
    return result;
}

/* Through a memfd, because libseccomp 2.5 writes to a descriptor only. */
static GBytes *export_program(scmp_filter_ctx filter, int *result)
{
    cleanup_fd int fd = memfd_create("seccomp", MFD_CLOEXEC);
    *result = fd < 0 ? -errno : seccomp_export_bpf(filter, fd);
    if (*result < 0)
        return NULL;
    off_t size = lseek(fd, 0, SEEK_END);
    g_autofree guint8 *data = g_malloc((gsize)size);
    if (size <= 0 || pread(fd, data, (gsize)size, 0) != size) {
        *result = -EIO;
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&data), (gsize)size);
}

static GBytes *compile_filter(const LsbSeccomp *s, guint64 capabilities, GError **error)
{
    guint32 refuse = scmp_action(LSB_SECCOMP_ERRNO, s->errnum);
    Build b = {.fallback = s->profile == LSB_SECCOMP_OWN ? scmp_action(s->fallback, s->errnum)
                           : lsb_seccomp_rules[s->profile].allows ? refuse
                                                                  : SCMP_ACT_ALLOW};
    b.filter = seccomp_init(b.fallback);
    b.result = b.filter ? set_architectures(&b) : -ENOMEM;
    add_profile(&b, s, capabilities);
    add_names(&b, SCMP_ACT_ALLOW, s->allow);
    add_names(&b, refuse, s->deny);
    add_names(&b, SCMP_ACT_KILL_PROCESS, s->kill);
    add_names(&b, SCMP_ACT_ALLOW, (char *const *)lsb_seccomp_always);
    GBytes *program = b.result == 0 ? export_program(b.filter, &b.result) : NULL;
    if (b.filter)
        seccomp_release(b.filter);
    if (!program)
        lsb_fail(error, FAILED, "libseccomp cannot make the filter of seccomp: %s",
                 g_strerror(-b.result));
    return program;
}

/* --- filters that are kept compiled --- */

static void add_key(GString *key, char *const *names)
{
    g_autofree char *joined = names ? g_strjoinv(" ", (char **)names) : NULL;
    g_string_append_printf(key, "/%s", joined ? joined : "");
}

static char *filter_key(const LsbSeccomp *s, guint64 capabilities)
{
    GString *key = g_string_new(NULL);
    g_string_printf(key, "%d %d %d %" G_GINT64_MODIFIER "x", (int)s->profile, (int)s->fallback,
                    s->errnum, capabilities);
    add_key(key, s->allow);
    add_key(key, s->deny);
    add_key(key, s->kill);
    return g_string_free(key, FALSE);
}

/* Filters are kept, because compiling takes milliseconds and many programs share one filter. */
GBytes *lsb_seccomp_compile(const LsbSeccomp *s, guint64 capabilities, GError **error)
{
    static GMutex lock;
    static GHashTable *kept;
    if (s->profile == LSB_SECCOMP_NONE)
        return NULL;
    g_autofree char *key = filter_key(s, capabilities);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&lock);
    if (!kept)
        kept =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    GBytes *program = g_hash_table_lookup(kept, key);
    if (program)
        return g_bytes_ref(program);
    program = compile_filter(s, capabilities, error);
    if (program && g_hash_table_size(kept) >= MOST_KEPT)
        g_hash_table_remove_all(kept);
    if (program)
        g_hash_table_insert(kept, g_steal_pointer(&key), g_bytes_ref(program));
    return program;
}
