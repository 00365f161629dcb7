/* Whether a machine can start from a template, and which template is its own. */
#include "domain/template/template.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "base/error.h"
#include "base/filemark.h"
#include "domain/template/templatestore.h"
#include "plan/disks.h"
#include "recipe/description.h"
#include "recipe/qemufields.h"
#include "shared/units.h"

/* Count up when templates change in a way that changes no file that goes into the key. */
#define TEMPLATE_FORMAT "lsandbox template 1"

void lsb_template_clear(LsbTemplate *t)
{
    g_clear_pointer(&t->reason, g_free);
    g_clear_pointer(&t->store, g_free);
    g_clear_pointer(&t->key, g_free);
    g_clear_pointer(&t->title, g_free);
    g_clear_pointer(&t->files, lsb_template_files_free);
    t->role = LSB_TEMPLATE_NONE;
}

void lsb_template_forgo(LsbTemplate *t, const char *reason)
{
    lsb_template_clear(t);
    t->reason = g_strdup(reason);
}

void lsb_template_acquit(LsbTemplate *t)
{
    t->role = LSB_TEMPLATE_NONE;
}

/* --- whether --- */

static gboolean has_qemu_part(const LsbDescription *d)
{
    return (d->qemu.args && *d->qemu.args) || (d->qemu.env && d->qemu.env->len > 0);
}

/*
 * Disks are an obstacle because the guest's driver has read their sizes and serial numbers by the
 * time a template is taken; devices of the host, because QEMU cannot save their state.
 */
const char *lsb_template_shape_obstacle(const LsbDescription *d)
{
    if (lsb_disks_any(d))
        return "its disks and images are its own";
    if (d->devices && d->devices->len > 0)
        return "it has devices of the host";
    if (d->graphics.type != LSB_GRAPHICS_NONE)
        return "it has graphics";
    if (has_qemu_part(d))
        return "its qemu.args and qemu.env may have any effect";
    if (d->tuning.numa_nodes)
        return "tuning.numa places its memory";
    return d->memory % MiB ? "its memory is no whole number of MiB" : NULL;
}

const char *lsb_template_obstacle(const LsbDescription *d)
{
    return d->template_mode == LSB_TEMPLATE_OFF ? "the recipe says template = \"off\""
                                                : lsb_template_shape_obstacle(d);
}

/* --- the key --- */

/* Whether a line of /proc/cpuinfo stays the same while the host runs. */
static gboolean is_model_line(const char *line)
{
    static const char *const names[] = {"vendor_id", "cpu family", "model",
                                        "stepping",  "microcode",  "flags"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_has_prefix(line, names[i]))
            return TRUE;
    return FALSE;
}

/*
 * Only the first processor, because a guest's processors may move between all of the host's.
 * Reading stops there, since the kernel makes the file up while it is read, for hundreds of
 * processors.
 */
static void add_processor(GChecksum *sum)
{
    char line[8192];
    FILE *f = fopen("/proc/cpuinfo", "re");
    while (f && fgets(line, sizeof line, f) && *line != '\n')
        if (is_model_line(line))
            g_checksum_update(sum, (const guchar *)line, -1);
    if (f)
        fclose(f);
}

static void add_kernel(GChecksum *sum)
{
    struct utsname system;
    if (uname(&system) < 0)
        return;
    g_checksum_update(sum, (const guchar *)system.release, -1);
    g_checksum_update(sum, (const guchar *)system.version, -1);
}

static void add_file_identity(GChecksum *sum, const char *path)
{
    struct stat st = {0};
    if (stat(path, &st) < 0)
        memset(&st, 0, sizeof st); /* a missing file has a mark of its own */
    g_autofree char *line = lsb_file_mark(path, &st);
    g_checksum_update(sum, (const guchar *)line, -1);
}

/*
 * The shape names the files that are in the cache under keys of their own: the kernel with its
 * initrd, which has the guest init and the modules (bootimage.h), and the launcher's directory,
 * which stands for QEMU's binary (emulator.h).
 */
static char *template_key(const LsbTemplateRequest *request)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    const char *texts[] = {TEMPLATE_FORMAT "\n", request->shape, request->libvirt};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        g_checksum_update(sum, (const guchar *)texts[i], -1);
    for (const char *const *file = request->files; *file; file++)
        add_file_identity(sum, *file);
    add_processor(sum);
    add_kernel(sum);
    return g_strndup(g_checksum_get_string(sum), 24);
}

/* --- which --- */

static void find_template(const LsbTemplateRequest *request, LsbTemplate *t)
{
    g_autoptr(GError) why = NULL;
    if (!(t->store = lsb_template_store(request->cache_dir, &why))) {
        lsb_template_forgo(t, why->message);
        return;
    }
    t->key = template_key(request);
    t->files = lsb_template_find(t->store, t->key, LSB_VERIFY_QUICK, &why);
    t->role = t->files ? LSB_TEMPLATE_USE : LSB_TEMPLATE_MAKE;
    if (t->files)
        return;
    t->reason = g_strdup(why->message);
    t->title = g_strdup(request->title);
}

gboolean lsb_template_check_required(const LsbDescription *d, const LsbTemplate *t, GError **error)
{
    return t->role != LSB_TEMPLATE_NONE || d->template_mode != LSB_TEMPLATE_REQUIRE ||
           lsb_fail(error, NO_TEMPLATE, "template = \"require\", but the machine starts cold: %s",
                    t->reason);
}

gboolean lsb_template_choose(const LsbDescription *d, const LsbTemplateRequest *request,
                             LsbTemplate *t, GError **error)
{
    const char *obstacle = lsb_template_obstacle(d);
    guint64 budget;
    if (!obstacle && !lsb_template_budget(&budget, error))
        return FALSE;
    if (obstacle)
        lsb_template_forgo(t, obstacle);
    else
        find_template(request, t);
    return lsb_template_check_required(d, t, error);
}
