/* The images of a sandbox: its root, the overlay over that, its image mounts, its disks. */
#include "plan/disks.h"

#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/image.h"

static void plan_disk_free(gpointer data)
{
    LsbPlanDisk *p = data;
    g_free(p->dev);
    g_free(p->serial);
    g_free(p->name);
    g_free(p);
}

/* After vdz comes vdaa: virDiskNameToIndex(). */
static char *device_name(guint index)
{
    enum { LETTERS = 26 };
    if (index < LETTERS)
        return g_strdup_printf("vd%c", 'a' + (int)index);
    return g_strdup_printf("vd%c%c", 'a' + (int)(index / LETTERS - 1),
                           'a' + (int)(index % LETTERS));
}

/* All images are disks of a machine's domain. The host mounts those of a container's mounts. */
static gboolean is_in_domain(const LsbPlan *plan, LsbDiskRole role)
{
    return plan->passing == LSB_PASS_TAGS || role == LSB_DISK_RAW;
}

static guint disks_in_domain(const LsbPlan *plan)
{
    guint n = 0;
    for (guint i = 0; i < plan->disks->len; i++)
        n += ((const LsbPlanDisk *)plan->disks->pdata[i])->dev ? 1 : 0;
    return n;
}

/* NULL for an image that only root could mount for a container: another user's start fails. */
static char *name_of_disk(const LsbPlan *plan, const LsbPlanDisk *p)
{
    return plan->passing == LSB_PASS_TAGS ? g_strdup(p->serial)
           : p->descriptor >= 0           ? g_strdup_printf("fd:%d", p->descriptor)
                                          : g_strdup(p->dev);
}

static LsbPlanDisk *add_disk(LsbPlan *plan, LsbDiskRole role, const LsbImage *image,
                             const char *serial)
{
    LsbPlanDisk *p = g_new0(LsbPlanDisk, 1);
    gboolean in_domain = is_in_domain(plan, role);
    p->role = role;
    p->image = image;
    p->serial = g_strdup(serial);
    p->dev = in_domain ? device_name(disks_in_domain(plan)) : NULL;
    p->descriptor =
        !in_domain && plan->passing == LSB_PASS_DESCRIPTORS ? plan->descriptors++ : -1;
    p->name = name_of_disk(plan, p);
    g_ptr_array_add(plan->disks, p);
    return p;
}

void lsb_plan_add_disks(LsbPlan *plan)
{
    const LsbDescription *d = plan->description;
    plan->disks = g_ptr_array_new_with_free_func(plan_disk_free);
    if (d->root_is_image)
        add_disk(plan, LSB_DISK_ROOT, &d->root_image, "+root");
    if (d->overlay)
        add_disk(plan, LSB_DISK_OVERLAY, &d->overlay_image, "+overlay");
    for (guint i = 0; i < d->mounts->len; i++) {
        const LsbMount *m = d->mounts->pdata[i];
        g_autofree char *serial = g_strdup_printf("+%u", i + 1);
        if (m->type == LSB_MOUNT_IMAGE)
            add_disk(plan, LSB_DISK_MOUNT, &m->image, serial)->mount = m;
    }
    for (guint i = 0; i < d->disks->len; i++) {
        const LsbDisk *disk = d->disks->pdata[i];
        add_disk(plan, LSB_DISK_RAW, &disk->image, disk->tag)->disk = disk;
    }
}

gboolean lsb_disks_any(const LsbDescription *d)
{
    LsbPlan plan = {.description = d};
    lsb_plan_add_disks(&plan);
    g_autoptr(GPtrArray) disks = plan.disks;
    return disks->len > 0;
}

/* Each module once, and in one order, so that the same disks make the same boot image. */
char **lsb_disks_modules(const LsbPlan *plan)
{
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    guint used = 0;
    for (guint i = 0; i < plan->disks->len; i++) {
        const LsbImage *image = ((const LsbPlanDisk *)plan->disks->pdata[i])->image;
        used |= image->filesystem == LSB_IMAGE_GUESS ? 0 : 1u << image->filesystem;
    }
    if (plan->disks->len > 0)
        g_strv_builder_add(names, "virtio_blk");
    for (guint i = 0; lsb_filesystems[i].name; i++)
        for (guint k = 0; used & 1u << i && lsb_filesystems[i].modules[k]; k++)
            g_strv_builder_add(names, lsb_filesystems[i].modules[k]);
    return g_strv_builder_end(names);
}
