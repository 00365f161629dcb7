/* Making a plan from a description, and finding the record of a mount in it. */
#include "plan/plan.h"

#include "plan/disks.h"
#include "plan/planexports.h"
#include "plan/planmounts.h"
#include "plan/planoverlay.h"
#include "recipe/description.h"
#include "recipe/identity/identity.h"

static gboolean any_disk_writable(GPtrArray *disks)
{
    for (guint i = 0; i < disks->len; i++)
        if (!((const LsbPlanDisk *)disks->pdata[i])->image->readonly)
            return TRUE;
    return FALSE;
}

LsbPlan *lsb_plan_new(const LsbDescription *d, LsbPassing passing)
{
    LsbPlan *plan = g_new0(LsbPlan, 1);
    g_auto(GStrv) homes = lsb_identity_homes(lsb_description_users(d));
    plan->description = d;
    plan->passing = passing;
    plan->descriptors = LSB_FD_TREES;
    lsb_plan_add_exports(plan);
    lsb_plan_add_disks(plan);
    lsb_plan_add_hidden(plan, homes);
    lsb_plan_add_mounts(plan, homes);
    plan->root_overlay = lsb_plan_root_needs_overlay(d, plan->mounts);
    plan->needs_overlayfs = plan->root_overlay || lsb_plan_has_overlay(plan->mounts);
    plan->writes_images = any_disk_writable(plan->disks);
    return plan;
}

void lsb_plan_free(LsbPlan *plan)
{
    if (!plan)
        return;
    g_ptr_array_unref(plan->exports);
    g_ptr_array_unref(plan->disks);
    g_ptr_array_unref(plan->mounts);
    g_strfreev(plan->hidden);
    g_free(plan);
}

const LsbExport *lsb_plan_export(const LsbPlan *plan, LsbExportRole role, const LsbMount *mount)
{
    for (guint i = 0; i < plan->exports->len; i++) {
        const LsbExport *e = plan->exports->pdata[i];
        if (e->role == role && e->mount == mount)
            return e;
    }
    return NULL;
}

const LsbPlanDisk *lsb_plan_disk(const LsbPlan *plan, LsbDiskRole role, const LsbMount *mount)
{
    for (guint i = 0; i < plan->disks->len; i++) {
        const LsbPlanDisk *p = plan->disks->pdata[i];
        if (p->role == role && p->mount == mount)
            return p;
    }
    return NULL;
}
