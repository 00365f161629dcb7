#include "plan/disks.h"

#include <string.h>

#include "recipe/description.h"
#include "recipe/image.h"

static void plan_free(gpointer data)
{
    LsbDiskPlan *p = data;
    g_free(p->dev);
    g_free(p->serial);
    g_free(p);
}

/* IN_DOMAIN: a disk of the domain, which gets the next letter. */
static void add(GPtrArray *all, const LsbImage *image, const char *serial, const LsbMount *mount,
                const LsbDisk *disk, guint *letters, gboolean in_domain)
{
    LsbDiskPlan *p = g_new0(LsbDiskPlan, 1);
    p->image = image;
    p->mount = mount;
    p->disk = disk;
    p->serial = g_strdup(serial);
    /* after vdz comes vdaa: virDiskNameToIndex() */
    if (in_domain && *letters >= 26)
        p->dev =
            g_strdup_printf("vd%c%c", 'a' + (int)(*letters / 26 - 1), 'a' + (int)(*letters % 26));
    else if (in_domain)
        p->dev = g_strdup_printf("vd%c", 'a' + (int)*letters);
    *letters += in_domain ? 1 : 0;
    g_ptr_array_add(all, p);
}

GPtrArray *lsb_disks_of(const LsbDescription *d)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(plan_free);
    gboolean machine = d->kind == LSB_MACHINE;
    guint letters = 0;
    if (d->root_is_image)
        add(all, &d->root_image, "+root", NULL, NULL, &letters, machine);
    if (d->overlay)
        add(all, &d->overlay_image, LSB_OVERLAY_SERIAL, NULL, NULL, &letters, machine);
    for (guint i = 0; i < d->mounts->len; i++) {
        const LsbMount *m = d->mounts->pdata[i];
        g_autofree char *serial = g_strdup_printf("+%u", i + 1);
        if (m->type == LSB_MOUNT_IMAGE)
            add(all, &m->image, serial, m, NULL, &letters, machine);
    }
    for (guint i = 0; i < d->disks->len; i++) {
        const LsbDisk *disk = d->disks->pdata[i];
        add(all, &disk->image, disk->tag, NULL, disk, &letters, TRUE);
    }
    return all;
}

gboolean lsb_disks_any_writable(const LsbDescription *d)
{
    g_autoptr(GPtrArray) all = lsb_disks_of(d);
    for (guint i = 0; i < all->len; i++)
        if (!((LsbDiskPlan *)all->pdata[i])->image->readonly)
            return TRUE;
    return FALSE;
}

/* Each once, and in one order, so that the same disks make the same boot image. */
char **lsb_disks_modules(const LsbDescription *d)
{
    g_autoptr(GPtrArray) all = lsb_disks_of(d);
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    guint used = 0;
    for (guint i = 0; i < all->len; i++) {
        const LsbImage *image = ((LsbDiskPlan *)all->pdata[i])->image;
        used |= image->filesystem == LSB_IMAGE_GUESS ? 0 : 1u << image->filesystem;
    }
    if (all->len > 0)
        g_strv_builder_add(names, "virtio_blk");
    for (guint i = 0; lsb_filesystems[i].name; i++)
        for (guint k = 0; used & 1u << i && lsb_filesystems[i].modules[k]; k++)
            g_strv_builder_add(names, lsb_filesystems[i].modules[k]);
    return g_strv_builder_end(names);
}
