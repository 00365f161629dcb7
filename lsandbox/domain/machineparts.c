/* Finding what the host has for a machine: accelerator, QEMU, boot image, firmware, launcher. */
#include "domain/machineparts.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/paths.h"
#include "base/timeline.h"
#include "bootimage/bootimage.h"
#include "domain/accel.h"
#include "domain/domain.h"
#include "domain/emulator.h"
#include "domain/xml/domainxml.h"
#include "domain/xml/qemuxml.h"
#include "domain/xml/securityxml.h"
#include "host/connection.h"
#include "plan/disks.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/image.h"

void lsb_machine_parts_clear(LsbMachineParts *p)
{
    g_free(p->qemu);
    g_free(p->firmware);
    g_free(p->launcher);
    g_free(p->relay);
    g_free(p->jail);
    g_free(p->display);
    g_free(p->modules);
    lsb_boot_image_free(p->boot);
}

/* The recipe's, and the driver of the USB controller where machinexml.c adds one. */
static char **extra_modules(const LsbDescription *d)
{
    g_autoptr(GStrvBuilder) modules = g_strv_builder_new();
    for (char **m = d->kernel_extra_modules; m && *m; m++)
        g_strv_builder_add(modules, *m);
    if (lsb_qemu_has_usb(d))
        g_strv_builder_add(modules, "xhci_pci");
    return g_strv_builder_end(modules);
}

static LsbBootImage *find_boot_image(const LsbPlan *plan, const char *cache, GError **error)
{
    const LsbDescription *d = plan->description;
    g_autofree char *init = lsb_path_helper("lsandbox-init", error);
    g_auto(GStrv) disk_modules = lsb_disks_modules(plan);
    g_auto(GStrv) extra = extra_modules(d);
    if (!init)
        return NULL;
    LsbBootRequest request = {.version = d->kernel_version,
                              .path = d->kernel_path,
                              .modules = d->kernel_modules,
                              .extra_modules = (const char *const *)extra,
                              .disk_modules = (const char *const *)disk_modules,
                              .guest_init = init,
                              .cache_dir = cache};
    return lsb_boot_image_get(&request, error);
}

static gboolean check_boot_image(const LsbPlan *plan, const LsbBootImage *boot, GError **error)
{
    if (plan->description->network.interfaces->len && !boot->has_network)
        return lsb_fail(error, NO_MODULE, "kernel %s has no virtio_net module, which network needs",
                        boot->release);
    if (boot->has_overlay || !plan->needs_overlayfs)
        return TRUE;
    return lsb_fail(error, NO_MODULE,
                    "kernel %s has no overlay module, which root_mode = \"overlay\" and missing "
                    "mount points need",
                    boot->release);
}

/* The names are borrowed from BOOT. */
static char **needed_modules(const LsbPlan *plan, const LsbBootImage *boot)
{
    gboolean network = plan->description->network.interfaces->len > 0;
    char **lists[] = {plan->needs_overlayfs ? boot->overlay_modules : NULL,
                      network ? boot->network_modules : NULL};
    GPtrArray *names = g_ptr_array_new();
    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        for (char **name = lists[i]; name && *name; name++)
            g_ptr_array_add(names, *name);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(names, FALSE);
}

gboolean lsb_machine_find_parts(const LsbPlan *plan, const char *cache, LsbMachineParts *p,
                                GError **error)
{
    if (!lsb_accel_resolve(plan->description->accel, &p->accel, error) ||
        !(p->qemu = lsb_emulator_qemu(error)) ||
        !(p->boot = find_boot_image(plan, cache, error)) ||
        !check_boot_image(plan, p->boot, error))
        return FALSE;
    p->firmware = p->boot->pvh ? lsb_emulator_firmware() : NULL;
    p->modules = needed_modules(plan, p->boot);
    return TRUE;
}

static gboolean has_file_bind(const LsbDescription *d)
{
    for (guint i = 0; i < d->mounts->len; i++)
        if (((LsbMount *)d->mounts->pdata[i])->type == LSB_MOUNT_BIND &&
            ((LsbMount *)d->mounts->pdata[i])->is_file)
            return TRUE;
    return FALSE;
}

gboolean lsb_machine_find_launcher(const LsbDescription *d, LsbDomain *domain, LsbMachineParts *p,
                                   GError **error)
{
    LsbConnection *c = domain->connection;
    if (!lsb_drivers[c->driver].has_launcher)
        return !has_file_bind(d) ||
               lsb_fail(error, UNSUPPORTED,
                        "mounts: a single file cannot be bound into a machine on %s, where no "
                        "launcher keeps QEMU from the files beside it; bind the directory",
                        d->uri);
    lsb_timeline_phase(domain->timeline, LSB_LANE_LIBVIRT, "QEMU's capabilities");
    p->launcher = lsb_emulator_launcher(c->host->cache_dir, p->qemu, error);
    return p->launcher && lsb_connection_probe(c, p->launcher, error);
}

/* With the embedded driver, root's launcher makes QEMU another user, who opens the images anew. */
gboolean lsb_machine_check_images(const LsbPlan *plan, const LsbConnection *c, GError **error)
{
    const LsbDescription *d = plan->description;
    gboolean in_process = lsb_drivers[c->driver].in_process;
    for (guint i = 0; i < plan->disks->len; i++) {
        const LsbImage *image = ((const LsbPlanDisk *)plan->disks->pdata[i])->image;
        cleanup_fd int fd = lsb_image_open(image, error);
        if (fd < 0 || (in_process && !lsb_emulator_check_image(image, d, error)))
            return FALSE;
    }
    return TRUE;
}

LsbDomainParts lsb_machine_domain_parts(const LsbMachineParts *p, const char *console,
                                        LsbDriver driver, const LsbSeclabel *seclabel)
{
    return (LsbDomainParts){
        .accel = p->accel,
        .emulator = p->launcher,
        .firmware = p->firmware,
        .kernel = p->boot->kernel,
        .initrd = p->boot->initrd,
        .modules = p->modules,
        .relay = p->relay,
        .console = console,
        .jail = p->jail,
        .display = p->display,
        .no_label = !lsb_drivers[driver].has_security,
        .own_groups = lsb_drivers[driver].runs_as_caller,
        .seclabel = seclabel,
    };
}
