/* The field disks of a recipe, and the checks of all of its disk images together. */
#include "recipe/diskfields.h"

#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/image.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

enum {
    LONGEST_TAG = 20, /* bytes of a virtio disk's serial number, VIRTIO_BLK_ID_BYTES */
    MAX_DISKS = 20,   /* with the images among the mounts they must fit into 26 letters */
};

void lsb_disk_free(gpointer data)
{
    LsbDisk *disk = data;
    g_free(disk->tag);
    lsb_image_clear(&disk->image);
    g_free(disk);
}

static gboolean parse_tag(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    static const char what[] =
        "a tag of at most 20 letters, digits, \"-\", \"_\" and \".\", the first no \".\"";
    (void)arg;
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    gsize ok = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");
    if (!*text || text[ok] || ok > LONGEST_TAG || text[0] == '.')
        return lsb_field_error(error, path, what, value);
    lsb_field_set_text(out, text);
    return TRUE;
}

static const LsbField disk_fields[] = {
    {"tag", parse_tag, offsetof(LsbDisk, tag), NULL},
    {"source", lsb_field_path, offsetof(LsbDisk, image.source), NULL},
    {"format", lsb_field_enum, offsetof(LsbDisk, image.format), lsb_image_formats},
    {"readonly", lsb_field_boolean, offsetof(LsbDisk, image.readonly), NULL},
    {NULL, NULL, 0, NULL},
};

static gboolean check_disk(LsbDisk *disk, const char *path, GError **error)
{
    g_autofree char *source = g_strconcat(path, ".source", NULL);
    if (!disk->tag)
        return lsb_fail(error, INVALID, "%s.tag: expected a tag, got nothing", path);
    if (!disk->image.source)
        return lsb_fail(error, INVALID, "%s: expected absolute path, got nothing", source);
    return lsb_image_check(&disk->image, path, source, FALSE, error);
}

static LsbDisk *read_disk(const LsbValue *value, const char *path, GError **error)
{
    if (!lsb_value_is_named(value)) {
        lsb_field_error(error, path, "a table that describes a disk", value);
        return NULL;
    }
    LsbDisk *disk = g_new0(LsbDisk, 1);
    disk->image.format = disk->image.filesystem = LSB_IMAGE_GUESS;
    disk->image.readonly = TRUE;
    if (lsb_fields_read(value, path, disk_fields, disk, error) && check_disk(disk, path, error))
        return disk;
    lsb_disk_free(disk);
    return NULL;
}

static const LsbDisk *disk_of_tag(GPtrArray *disks, const char *tag)
{
    for (guint i = 0; i < disks->len; i++)
        if (strcmp(((LsbDisk *)disks->pdata[i])->tag, tag) == 0)
            return disks->pdata[i];
    return NULL;
}

gboolean lsb_disks_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error)
{
    (void)arg;
    if (!lsb_value_is_list(value))
        return lsb_field_error(error, path, "a list of disks", value);
    GPtrArray *items = value->u.table.items, *disks = *(GPtrArray **)out;
    if (!lsb_field_at_most(path, MAX_DISKS, "disks", items->len, error))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        g_autofree char *at = g_strdup_printf("%s[%u]", path, i + 1);
        LsbDisk *disk = read_disk(items->pdata[i], at, error);
        if (!disk)
            return FALSE;
        gboolean twice = disk_of_tag(disks, disk->tag) != NULL;
        g_ptr_array_add(disks, disk);
        if (twice)
            return lsb_fail(error, INVALID,
                            "%s.tag: expected a tag of its own, got \"%s\", which an earlier disk "
                            "has",
                            at, disk->tag);
    }
    return TRUE;
}

/* --- all images of the recipe --- */

/* Called for each image of a description. TABLE is the path of its table in the recipe. */
typedef gboolean (*ImageCheck)(const LsbImage *image, const char *table, gpointer data,
                               GError **error);

static gboolean each_image(const LsbDescription *d, ImageCheck check, gpointer data, GError **error)
{
    if (d->root_is_image && !check(&d->root_image, "root", data, error))
        return FALSE;
    for (guint i = 0; i < d->mounts->len; i++) {
        const LsbMount *m = d->mounts->pdata[i];
        g_autofree char *table = g_strdup_printf("mounts[%u]", m->number);
        if (m->type == LSB_MOUNT_IMAGE && !check(&m->image, table, data, error))
            return FALSE;
    }
    for (guint i = 0; i < d->disks->len; i++) {
        g_autofree char *table = g_strdup_printf("disks[%u]", i + 1);
        if (!check(&((LsbDisk *)d->disks->pdata[i])->image, table, data, error))
            return FALSE;
    }
    return TRUE;
}

/* Two kernels, or two mounts, that write to one image would destroy its filesystem. */
static gboolean check_shared(const LsbImage *image, const char *table, gpointer data,
                             GError **error)
{
    GHashTable *seen = data;
    const LsbImage *earlier = g_hash_table_lookup(seen, image->source);
    if (earlier && !(earlier->readonly && image->readonly))
        return lsb_fail(error, INVALID,
                        "%s.source: expected an image of its own, got \"%s\", which is used twice "
                        "and written to",
                        table, image->source);
    g_hash_table_insert(seen, image->source, (gpointer)image);
    return TRUE;
}

static gboolean check_raw(const LsbImage *image, const char *table, gpointer data, GError **error)
{
    (void)data;
    if (image->format == LSB_IMAGE_RAW)
        return TRUE;
    return lsb_fail(error, INVALID,
                    "%s%s: expected a raw image for a container, got \"%s\", which is qcow2; make "
                    "a raw one with \"qemu-img convert -O raw\"",
                    table, strcmp(table, "root") == 0 ? "" : ".format", image->source);
}

gboolean lsb_disks_check_kind(const LsbDescription *d, GError **error)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    return each_image(d, check_shared, seen, error) &&
           (d->kind == LSB_MACHINE || each_image(d, check_raw, NULL, error));
}
