/* The rights of a program, and the names of capabilities. */
#include "recipe/identity/rights.h"

#include <linux/capability.h>
#include <string.h>

#include "base/error.h"
#include "recipe/identity/seccompfilter.h"
#include "recipe/value/fields.h"

enum {
    NEAR_ENOUGH = 2, /* edits between a mistyped name and the name that was meant */
    PREFIX = 4,      /* bytes of "cap_" */
};

/* By number, from linux/capability.h and capabilities(7). */
static const char *const capability_names[] = {
    [CAP_CHOWN] = "chown",
    [CAP_DAC_OVERRIDE] = "dac_override",
    [CAP_DAC_READ_SEARCH] = "dac_read_search",
    [CAP_FOWNER] = "fowner",
    [CAP_FSETID] = "fsetid",
    [CAP_KILL] = "kill",
    [CAP_SETGID] = "setgid",
    [CAP_SETUID] = "setuid",
    [CAP_SETPCAP] = "setpcap",
    [CAP_LINUX_IMMUTABLE] = "linux_immutable",
    [CAP_NET_BIND_SERVICE] = "net_bind_service",
    [CAP_NET_BROADCAST] = "net_broadcast",
    [CAP_NET_ADMIN] = "net_admin",
    [CAP_NET_RAW] = "net_raw",
    [CAP_IPC_LOCK] = "ipc_lock",
    [CAP_IPC_OWNER] = "ipc_owner",
    [CAP_SYS_MODULE] = "sys_module",
    [CAP_SYS_RAWIO] = "sys_rawio",
    [CAP_SYS_CHROOT] = "sys_chroot",
    [CAP_SYS_PTRACE] = "sys_ptrace",
    [CAP_SYS_PACCT] = "sys_pacct",
    [CAP_SYS_ADMIN] = "sys_admin",
    [CAP_SYS_BOOT] = "sys_boot",
    [CAP_SYS_NICE] = "sys_nice",
    [CAP_SYS_RESOURCE] = "sys_resource",
    [CAP_SYS_TIME] = "sys_time",
    [CAP_SYS_TTY_CONFIG] = "sys_tty_config",
    [CAP_MKNOD] = "mknod",
    [CAP_LEASE] = "lease",
    [CAP_AUDIT_WRITE] = "audit_write",
    [CAP_AUDIT_CONTROL] = "audit_control",
    [CAP_SETFCAP] = "setfcap",
    [CAP_MAC_OVERRIDE] = "mac_override",
    [CAP_MAC_ADMIN] = "mac_admin",
    [CAP_SYSLOG] = "syslog",
    [CAP_WAKE_ALARM] = "wake_alarm",
    [CAP_BLOCK_SUSPEND] = "block_suspend",
    [CAP_AUDIT_READ] = "audit_read",
    [CAP_PERFMON] = "perfmon",
    [CAP_BPF] = "bpf",
    [CAP_CHECKPOINT_RESTORE] = "checkpoint_restore",
};

/* --- names of capabilities --- */

static const char *without_prefix(const char *name)
{
    return g_ascii_strncasecmp(name, "cap_", PREFIX) == 0 ? name + PREFIX : name;
}

int lsb_capability_number(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(capability_names); i++)
        if (g_ascii_strcasecmp(without_prefix(name), capability_names[i]) == 0)
            return (int)i;
    return -1;
}

const char *lsb_capability_nearest(const char *name)
{
    g_autofree char *lower = g_ascii_strdown(without_prefix(name), -1);
    const char *best = NULL;
    guint least = NEAR_ENOUGH + 1;
    for (gsize i = 0; i < G_N_ELEMENTS(capability_names); i++) {
        guint d = lsb_text_distance(lower, capability_names[i]);
        if (d < least) {
            least = d;
            best = capability_names[i];
        }
    }
    return best;
}

const char *lsb_capability_name(int number)
{
    gboolean known = number >= 0 && (gsize)number < G_N_ELEMENTS(capability_names);
    return known ? capability_names[number] : NULL;
}

/* --- rights --- */

void lsb_rights_clear(LsbRights *rights)
{
    lsb_seccomp_unref(rights->seccomp);
    memset(rights, 0, sizeof *rights);
}

gboolean lsb_rights_check(const LsbRights *rights, GError **error)
{
    if (!rights->privileged || !rights->has_capabilities)
        return TRUE;
    return lsb_fail(error, INVALID,
                    "capabilities: expected nothing beside privileged = true, which keeps all, got "
                    "a table");
}

LsbRights lsb_rights_join(const LsbRights *recipe, const LsbRights *own)
{
    LsbRights r = *recipe;
    if (own->has_privileged || own->has_capabilities) {
        r.has_privileged = own->has_privileged;
        r.privileged = own->privileged;
        r.has_capabilities = own->has_capabilities;
        r.capabilities = own->capabilities;
    }
    if (own->has_no_new_privs) {
        r.has_no_new_privs = TRUE;
        r.no_new_privs = own->no_new_privs;
    }
    if (own->has_umask) {
        r.has_umask = TRUE;
        r.umask = own->umask;
    }
    r.seccomp = lsb_seccomp_ref(own->seccomp ? own->seccomp : recipe->seccomp);
    return r;
}

guint64 lsb_rights_capabilities(const LsbRights *rights)
{
    return rights->privileged ? G_MAXUINT64 : rights->capabilities;
}

gboolean lsb_rights_no_new_privs(const LsbRights *rights)
{
    return rights->has_no_new_privs ? rights->no_new_privs : !rights->privileged;
}

guint lsb_rights_umask(const LsbRights *rights)
{
    return rights->has_umask ? rights->umask : LSB_USUAL_UMASK;
}

LsbSeccomp *lsb_rights_seccomp(const LsbRights *rights)
{
    if (rights->seccomp)
        return lsb_seccomp_ref(rights->seccomp);
    return lsb_seccomp_new(rights->privileged ? LSB_SECCOMP_NONE : LSB_SECCOMP_DEFAULT);
}

const char *lsb_rights_seccomp_name(const LsbRights *rights)
{
    LsbSeccomp *s = lsb_rights_seccomp(rights);
    const char *name = lsb_seccomp_name(s);
    lsb_seccomp_unref(s);
    return name;
}
