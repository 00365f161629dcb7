#include "sandbox/pool_private.h"

#include "base/error.h"

static gboolean refuse(GError **error, const char *field, const char *expected, const char *got)
{
    return lsb_fail(error, INVALID,
                    "%s: expected %s in a pool, whose sandboxes cannot share it, got %s", field,
                    expected, got);
}

/* A field that no pool may have; GOT NULL: it has not. */
static gboolean check_absent(const char *field, const char *got, GError **error)
{
    g_autofree char *shown = got ? lsb_text_show(got) : NULL;
    return !got || refuse(error, field, "nothing", shown);
}

static gboolean check_image(const char *list, guint number, const LsbImage *image, GError **error)
{
    g_autofree char *field = g_strdup_printf("%s[%u].readonly", list, number);
    return image->readonly || refuse(error, field, "true", "false");
}

static gboolean check_mount(const LsbMount *m, GError **error)
{
    g_autofree char *upper = g_strdup_printf("mounts[%u].upper", m->number);
    return check_absent(upper, m->upper, error) &&
           (m->type != LSB_MOUNT_IMAGE || check_image("mounts", m->number, &m->image, error));
}

gboolean lsb_pool_check_recipe(const LsbDescription *d, GError **error)
{
    gboolean ok = check_absent("name", lsb_value_get(d->recipe, "name") ? d->name : NULL, error) &&
                  check_absent("overlay", d->overlay, error) &&
                  check_absent("graphics.socket", d->graphics.socket, error);
    for (guint i = 0; ok && i < d->mounts->len; i++)
        ok = check_mount(d->mounts->pdata[i], error);
    for (guint i = 0; ok && i < d->disks->len; i++)
        ok = check_image("disks", i + 1, &((LsbDisk *)d->disks->pdata[i])->image, error);
    return ok;
}
