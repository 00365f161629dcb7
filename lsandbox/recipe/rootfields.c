/* The fields root, home and overlay of a recipe. */
#include "recipe/rootfields.h"

#include <string.h>

#include "base/error.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/hostsource.h"
#include "recipe/image.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"
#include "shared/units.h"

enum {
    LEAST_KEPT = 16 * MiB, /* a file system with a journal */
};

/* The image is opened read-only whatever root_mode is, because an overlay takes the writes. */
gboolean lsb_root_check(LsbDescription *d, GError **error)
{
    if (g_file_test(d->root, G_FILE_TEST_IS_DIR))
        return lsb_host_resolve("root", &d->root, error);
    d->root_is_image = TRUE;
    d->root_image = (LsbImage){.source = g_strdup(d->root),
                               .format = LSB_IMAGE_GUESS,
                               .filesystem = LSB_IMAGE_GUESS,
                               .readonly = TRUE};
    return lsb_image_check(&d->root_image, "root", "root", TRUE, error);
}

gboolean lsb_home_parse(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                        GError **error)
{
    (void)arg;
    static const char what[] = "\"private\", \"host\" or an absolute path";
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    if (strcmp(text, "private") != 0 && strcmp(text, "host") != 0)
        return g_path_is_absolute(text) ? lsb_field_path(value, path, out, NULL, error)
                                        : lsb_field_error(error, path, what, value);
    lsb_field_set_text(out, text);
    return TRUE;
}

gboolean lsb_home_fill(LsbDescription *d, const char *said, GError **error)
{
    if (!said || strcmp(said, "private") == 0)
        return TRUE;
    d->home = strcmp(said, "host") == 0 ? LSB_HOME_HOST : LSB_HOME_DIRECTORY;
    if (d->home == LSB_HOME_HOST)
        return TRUE;
    d->home_source = g_strdup(said);
    return lsb_host_directory("home", &d->home_source, error);
}

/*
 * "host" is the home of the program's user. Root inside is not the host's, and may not see its
 * home.
 */
gboolean lsb_home_check(LsbDescription *d, GError **error)
{
    if (d->home == LSB_HOME_HOST && d->identity->uid == 0)
        return lsb_fail(error, INVALID,
                        "home: expected \"private\" or an absolute path, got \"host\": the "
                        "sandbox's root is not the host's and may not see its home");
    if (d->home != LSB_HOME_HOST)
        return TRUE;
    d->home_source = g_strdup(d->identity->home);
    if (g_file_test(d->home_source, G_FILE_TEST_IS_DIR))
        return lsb_host_resolve("home", &d->home_source, error);
    return lsb_fail(error, INVALID,
                    "home: expected \"private\" or an absolute path, got \"host\": user %s has no "
                    "home directory %s on the host",
                    d->identity->name, d->identity->home);
}

/* The image file in DIRECTORY in which a machine keeps its writes. */
static char *kept_path(const char *directory)
{
    return g_build_filename(directory, "machine.ext4", NULL);
}

/*
 * A container cannot keep its writes over the root. Its root is made of many overlays and of new
 * directories in memory, and its user namespace maps other host ids each time.
 */
gboolean lsb_overlay_check(LsbDescription *d, GError **error)
{
    if (!d->overlay)
        return TRUE;
    if (d->root_mode != LSB_ROOT_OVERLAY)
        return lsb_fail(error, INVALID,
                        "overlay: expected nothing unless root_mode is \"overlay\", got \"%s\"",
                        d->overlay);
    if (d->kind == LSB_CONTAINER)
        return lsb_fail(error, INVALID,
                        "overlay: expected nothing for a container, which can keep what it writes "
                        "in mounts only, got \"%s\"",
                        d->overlay);
    if (!lsb_host_directory("overlay", &d->overlay, error))
        return FALSE;
    d->overlay_image = (LsbImage){.source = kept_path(d->overlay),
                                  .format = LSB_IMAGE_RAW,
                                  .filesystem = LSB_FS_EXT4};
    return !d->overlay_size || d->overlay_size >= LEAST_KEPT ||
           lsb_fail(error, INVALID,
                    "overlay_size: expected at least %uM beside overlay, got %" G_GUINT64_FORMAT
                    " bytes",
                    LEAST_KEPT / MiB, d->overlay_size);
}
