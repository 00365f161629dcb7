/* Whether a machine can be saved, what it needs where it goes on, and taking it out of QEMU. */
#include "domain/machinesave.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "domain/template/ramstate.h"
#include "domain/template/snapshot.h"
#include "domain/template/template.h"
#include "domain/xml/domainxml.h"
#include "host/connection.h"
#include "recipe/description.h"
#include "recipe/network/network.h"

/* --- what can be saved --- */

static gboolean keeps_writes(const LsbDescription *d)
{
    for (guint i = 0; i < d->mounts->len; i++)
        if (((const LsbMount *)d->mounts->pdata[i])->upper)
            return TRUE;
    return FALSE;
}

/*
 * Each QEMU process has a user network of its own, and the guest sets up its end anew. Interfaces
 * of other types have addresses and leases that other hosts know, and that two machines cannot
 * share.
 */
static gboolean has_shared_network(const LsbDescription *d)
{
    for (guint i = 0; i < d->network.interfaces->len; i++) {
        const LsbInterface *interface = d->network.interfaces->pdata[i];
        if (interface->type != LSB_NET_USER || interface->dhcp == LSB_DHCP_YES)
            return TRUE;
    }
    return FALSE;
}

const char *lsb_machine_save_obstacle(const LsbDescription *d)
{
    if (keeps_writes(d))
        return "two machines cannot have the directory that keeps what is written over its overlay";
    if (has_shared_network(d))
        return "its network would be in two machines: only interfaces of the type \"user\" without "
               "dhcp are each machine's own";
    return lsb_template_shape_obstacle(d);
}

/* --- what it needs --- */

/* The directory of a file in the cache is named after the file's content (cache.h). */
static char *cached_name(const char *path)
{
    g_autofree char *dir = path ? g_path_get_dirname(path) : NULL;
    return dir ? g_path_get_basename(dir) : g_strdup("none");
}

static char *short_checksum(const char *text)
{
    enum { SHOWN = 16 };
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    return g_strndup(sum, SHOWN);
}

/* The model and its features, because the guest's kernel has adapted itself to both. */
static char *processor(void)
{
    g_autofree char *text = NULL;
    g_autoptr(GString) lines = g_string_new(NULL);
    static const char *const wanted[] = {"vendor_id", "cpu family", "model", "stepping", "flags"};
    char *end =
        g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL) ? strstr(text, "\n\n") : NULL;
    if (end)
        *end = 0;
    g_auto(GStrv) all = g_strsplit(text ? text : "", "\n", -1);
    const char *model = "unknown";
    for (char **line = all; *line; line++) {
        for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++)
            if (g_str_has_prefix(*line, wanted[i]))
                g_string_append(lines, *line);
        if (g_str_has_prefix(*line, "model name") && strchr(*line, ':'))
            model = g_strstrip(strchr(*line, ':') + 1);
    }
    g_autofree char *sum = short_checksum(lines->str);
    return g_strdup_printf("%s (%.8s)", model, sum);
}

/* Without KVM the guest does not depend on the host's kernel. */
static char *host_kernel(LsbAccel accel)
{
    struct utsname system;
    return g_strdup(accel == LSB_ACCEL_KVM && uname(&system) == 0 ? system.release : "any");
}

static void add_need(GPtrArray *needs, const char *name, char *value)
{
    g_ptr_array_add(needs, g_strdup(name));
    g_ptr_array_add(needs, value);
}

char **lsb_machine_needs(const LsbConnection *c, const LsbDomainParts *parts, const char *shape)
{
    GPtrArray *needs = g_ptr_array_new();
    add_need(needs, "libvirt", lsb_connection_version(c));
    add_need(needs, "accel", g_strdup(parts->accel == LSB_ACCEL_KVM ? "kvm" : "tcg"));
    add_need(needs, "processor", processor());
    add_need(needs, "host-kernel", host_kernel(parts->accel));
    add_need(needs, "qemu", cached_name(parts->emulator));
    add_need(needs, "kernel", cached_name(parts->kernel));
    add_need(needs, "initrd", cached_name(parts->initrd));
    add_need(needs, "devices", short_checksum(shape));
    g_ptr_array_add(needs, NULL);
    return (char **)g_ptr_array_free(needs, FALSE);
}

/* --- taking it --- */

/* A file without a name. */
static int temporary_file(const char *dir, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "stream.XXXXXX", NULL);
    int fd = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        lsb_set_errno(error, errno, "cannot make a file in %s", dir);
    else
        g_unlink(path);
    return fd;
}

/*
 * The machine's memory may be a template's, a memfd or QEMU's own. So QEMU writes all of it into
 * its stream, and the stream is split once the machine runs on.
 */
gboolean lsb_machine_take(virDomainPtr domain, guint64 size, const char *dir, int memory, int state,
                          void (*on_taken)(gpointer), gpointer self, GError **error)
{
    cleanup_fd int stream = temporary_file(dir, error);
    gboolean saved = stream >= 0 && lsb_snapshot_save(domain, stream, LSB_MEMORY_IN_STATE, error);
    gboolean runs = lsb_snapshot_continue(domain, saved ? error : NULL);
    on_taken(self);
    if (!saved || !runs)
        return FALSE;
    if (lseek(stream, 0, SEEK_SET) == 0)
        return lsb_ramstate_split(stream, size, LSB_MEMORY_ID, memory, state, error);
    lsb_set_errno(error, errno, "cannot read the machine's state");
    return FALSE;
}
