/* Machine or container: the connection decides, and each kind has fields that it cannot do. */
#include "recipe/kindfields.h"

#include "base/error.h"
#include "recipe/description.h"
#include "recipe/diskfields.h"
#include "recipe/driver.h"
#include "recipe/limitfields.h"
#include "recipe/qemufields.h"
#include "recipe/value/value.h"
#include "shared/units.h"

enum {
    /* A machine was seen to boot with 88 MiB, but below 128 MiB a program has no room. */
    LEAST_MACHINE_MEMORY = 128 * MiB,
    LEAST_CONTAINER_MEMORY = 16 * MiB,
    LEAST_OVERLAY = 1 * MiB, /* it also holds missing mount points */
};

const char *const lsb_accel_words[] = {"auto", "kvm", "tcg", NULL};

/* WHERE the URI stands: the recipe's field, or the variable that stands in for it. */
static gboolean unknown_uri(const char *where, const char *uri, GError **error)
{
    g_autofree char *shown = lsb_text_show(uri);
    return lsb_fail(
        error, INVALID,
        "%s: expected a URI like \"qemu:///embed\", \"qemu:///session\", \"qemu:///system\" or "
        "\"lxc:///\", got %s",
        where, shown);
}

gboolean lsb_kind_fill(LsbDescription *d, GError **error)
{
    const char *where = d->uri ? "connect" : "LIBVIRT_DEFAULT_URI";
    const char *uri = g_getenv("LIBVIRT_DEFAULT_URI");
    if (!d->uri)
        d->uri = g_strdup(uri && *uri ? uri : LSB_URI_EMBED);
    if (!lsb_driver_of_uri(d->uri, &d->driver, &d->is_local))
        return unknown_uri(where, d->uri, error);
    d->kind = lsb_drivers[d->driver].kind;
    return TRUE;
}

/* --- what a kind cannot do --- */

/*
 * A machine has the host's directories by 9p, which cannot carry the writes of an overlay. Where
 * QEMU's server keeps owners in attributes it does not tell the types of directory entries; where
 * it does not, only root could change a file's owner.
 */
gboolean lsb_kind_check_kept(const LsbDescription *d, GError **error)
{
    if (d->kind == LSB_CONTAINER)
        return TRUE;
    for (guint i = 0; i < d->mounts->len; i++) {
        const LsbMount *m = d->mounts->pdata[i];
        if (m->upper)
            return lsb_fail(error, INVALID,
                            "mounts[%u].upper: expected nothing for a machine, which can keep what "
                            "it writes in bind mounts only, got \"%s\"",
                            m->number, m->upper);
    }
    return TRUE;
}

/* Fields for which a container has no counterpart. */
static gboolean check_machine_only(const LsbDescription *d, GError **error)
{
    const struct {
        const char *field;
        gboolean said;
        const char *why;
    } fields[] = {
        {"qemu", d->qemu.set, "which has no QEMU, got a table"},
        {"devices", d->devices && d->devices->len > 0, "whose /dev is its own, got a list"},
        {"graphics", d->graphics.type != LSB_GRAPHICS_NONE, "which has no display, got a table"},
    };
    for (gsize i = 0; d->kind == LSB_CONTAINER && i < G_N_ELEMENTS(fields); i++)
        if (fields[i].said)
            return lsb_fail(error, INVALID, "%s: expected nothing for a container, %s",
                            fields[i].field, fields[i].why);
    return TRUE;
}

static gboolean check_for_kind(const LsbDescription *d, GError **error)
{
    guint64 least = d->kind == LSB_MACHINE ? LEAST_MACHINE_MEMORY : LEAST_CONTAINER_MEMORY;
    const char *what = d->kind == LSB_MACHINE ? "machine" : "container";
    if (d->memory < least)
        return lsb_fail(error, INVALID,
                        "memory: expected at least %uM for a %s, got %" G_GUINT64_FORMAT " bytes",
                        (guint)(least / MiB), what, d->memory);
    if (d->kind == LSB_CONTAINER && d->accel != LSB_ACCEL_AUTO)
        return lsb_fail(error, INVALID,
                        "accel: expected \"auto\" for a container, which runs on the host's own "
                        "kernel, got \"%s\"",
                        lsb_accel_words[d->accel]);
    if (d->kind == LSB_CONTAINER && d->template_mode == LSB_TEMPLATE_REQUIRE)
        return lsb_fail(error, INVALID,
                        "template: expected \"auto\" or \"off\" for a container, which needs none, "
                        "got \"require\"");
    if (d->kind == LSB_CONTAINER && (d->kernel_version || d->kernel_path || d->kernel_modules ||
                                     d->kernel_cmdline || d->kernel_extra_modules))
        return lsb_fail(error, INVALID,
                        "kernel: expected nothing for a container, which runs on the host's own "
                        "kernel, got a table");
    return lsb_disks_check_kind(d, error);
}

gboolean lsb_kind_check(const LsbDescription *d, GError **error)
{
    return check_for_kind(d, error) && check_machine_only(d, error);
}

/* --- limits --- */

/*
 * A container writes to a loop device, and a kernel thread outside the container's control groups
 * writes that to the disk.
 */
static gboolean check_disk_rates(const LsbDescription *d, GError **error)
{
    g_autoptr(GPtrArray) tags = g_ptr_array_new();
    if (d->kind == LSB_CONTAINER && d->tuning.disks && d->tuning.disks->len > 0)
        return lsb_fail(
            error, INVALID,
            "tuning.block.disks: expected nothing for a container, whose disks the host's "
            "kernel writes, got a table");
    for (guint i = 0; i < d->disks->len; i++)
        g_ptr_array_add(tags, ((LsbDisk *)d->disks->pdata[i])->tag);
    g_ptr_array_add(tags, NULL);
    return lsb_tuning_check_disks(&d->tuning, (const char *const *)tags->pdata, error);
}

gboolean lsb_kind_fill_limits(LsbDescription *d, GError **error)
{
    gboolean machine = d->kind == LSB_MACHINE;
    if (d->max_vcpus && d->max_vcpus < d->vcpus)
        return lsb_fail(error, INVALID, "max_vcpus: expected at least vcpus, %u, got %u", d->vcpus,
                        d->max_vcpus);
    if (d->max_vcpus && !machine)
        return lsb_fail(error, INVALID,
                        "max_vcpus: expected nothing for a container, which has the host's "
                        "processors, got %u",
                        d->max_vcpus);
    if (d->overlay_size && d->overlay_size < LEAST_OVERLAY)
        return lsb_fail(error, INVALID,
                        "overlay_size: expected at least %uM, got %" G_GUINT64_FORMAT " bytes",
                        LEAST_OVERLAY / MiB, d->overlay_size);
    if (!d->max_vcpus)
        d->max_vcpus = d->vcpus;
    return lsb_tuning_check(&d->tuning, machine, d->memory, d->vcpus, error) &&
           check_disk_rates(d, error);
}
