/* Which mount points the root of a sandbox lacks, and whether overlayfs has to make them. */
#include "plan/planoverlay.h"

#include <sys/stat.h>

#include "base/rootfile.h"
#include "base/subpath.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "shared/wire.h"

static gboolean is_in_root(const LsbDescription *d, const LsbGuestMount *m)
{
    if (d->root_is_image)
        return FALSE; /* an image is not opened to look into it */
    return lsb_rootfile_is(d->root, m->target, m->flags & WIRE_MOUNT_FILE ? S_IFREG : S_IFDIR);
}

/*
 * Whether TARGET is a symlink into /run, where the guest init can make the file. systemd-resolved's
 * /etc/resolv.conf is one; the sandbox does not see the host's /run.
 */
static gboolean leads_to_run(const LsbDescription *d, const char *target)
{
    g_autofree char *link = lsb_rootfile_link(d->root, target);
    g_autofree char *parent = g_path_get_dirname(target);
    g_autofree char *to = link ? g_canonicalize_filename(link, parent) : NULL;
    return to && lsb_path_is_below(to, "/run") && lsb_rootfile_is(d->root, "/run", S_IFDIR);
}

/* Whether the mount point of mounts[AT] is there, or lies on an earlier mount. */
static gboolean has_mount_point(const LsbDescription *d, GPtrArray *mounts, guint at)
{
    const LsbGuestMount *m = mounts->pdata[at];
    for (guint i = 0; i < at; i++) {
        const LsbGuestMount *earlier = mounts->pdata[i];
        if (lsb_path_is_below(m->target, earlier->target) &&
            (!(earlier->flags & WIRE_MOUNT_OPTIONAL) || is_in_root(d, earlier)))
            return TRUE;
    }
    return is_in_root(d, m) || (m->kind == WIRE_MOUNT_TEXT && leads_to_run(d, m->target));
}

gboolean lsb_plan_root_needs_overlay(const LsbDescription *d, GPtrArray *mounts)
{
    if (d->root_mode == LSB_ROOT_OVERLAY)
        return TRUE;
    for (guint i = 0; i < mounts->len; i++)
        if (!(((LsbGuestMount *)mounts->pdata[i])->flags & WIRE_MOUNT_OPTIONAL) &&
            !has_mount_point(d, mounts, i))
            return TRUE;
    return FALSE;
}

gboolean lsb_plan_has_overlay(GPtrArray *mounts)
{
    for (guint i = 0; i < mounts->len; i++)
        if (((LsbGuestMount *)mounts->pdata[i])->kind == WIRE_MOUNT_OVERLAY)
            return TRUE;
    return FALSE;
}
