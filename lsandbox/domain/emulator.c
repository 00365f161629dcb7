/* Finding QEMU, placing the launcher before it, and writing the jail file of a machine. */
#include "domain/emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/filemark.h"
#include "base/ownership.h"
#include "base/paths.h"
#include "bootimage/cachedirectory.h"
#include "domain/xml/domainxml.h"
#include "host/cgroup.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/identity/identity.h"
#include "recipe/identity/securityfields.h"
#include "recipe/image.h"
#include "recipe/network/network.h"
#include "recipe/qemufields.h"
#include "shared/treeremove.h"
#include "shared/units.h"

#define EMULATOR_NAME "qemu-system-x86_64"
#define PRELOAD_NAME  "lsandbox-preload.so"

char *lsb_emulator_qemu(GError **error)
{
    /* Fedora and RHEL have a second QEMU in a directory that is in no PATH. */
    static const char *const names[] = {EMULATOR_NAME, "/usr/bin/" EMULATOR_NAME,
                                        "/usr/libexec/qemu-kvm"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *found = g_find_program_in_path(names[i]);
        char *real = found ? realpath(found, NULL) : NULL;
        if (real)
            return real;
    }
    g_set_error(error, LSB_ERROR, LSB_ERROR_NO_QEMU,
                EMULATOR_NAME " was not found in PATH; install qemu-system-x86 (Debian, Ubuntu) or "
                              "qemu-system-x86-core (Fedora)");
    return NULL;
}

char *lsb_emulator_firmware(void)
{
    static const char *const places[] = {"/usr/share/qemu/qboot.rom", "/usr/share/qboot/bios.bin",
                                         "/usr/share/qemu-kvm/qboot.rom"};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        if (access(places[i], R_OK) == 0)
            return g_strdup(places[i]);
    return NULL;
}

/* --- the launcher's place --- */

static gboolean add_mark(GChecksum *sum, const char *path, GError **error)
{
    struct stat st;
    if (stat(path, &st) < 0) {
        lsb_set_errno(error, errno, "cannot look at %s", path);
        return FALSE;
    }
    g_autofree char *line = lsb_file_mark(path, &st);
    g_checksum_update(sum, (const guchar *)line, -1);
    return TRUE;
}

static gboolean copy_program(const char *from, const char *dir, const char *name, GError **error)
{
    g_autofree char *to = g_build_filename(dir, name, NULL), *data = NULL;
    gsize len;
    g_autoptr(GError) cause = NULL;
    if (g_file_get_contents(from, &data, &len, &cause) &&
        g_file_set_contents_full(to, data, (gssize)len, G_FILE_SET_CONTENTS_NONE, 0755, &cause))
        return chmod(to, 0755) == 0;
    return lsb_fail(error, FAILED, "cannot copy %s: %s", from, cause->message);
}

/* The launcher's directory has these, and is named after them. */
typedef struct {
    char *launcher, *preload; /* parts of lsandbox, copied */
    const char *qemu;         /* the host's, as a symlink */
} Programs;

static void programs_clear(Programs *p)
{
    g_free(p->launcher);
    g_free(p->preload);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Programs, programs_clear)

static gboolean fill_launcher_dir(const char *dir, const Programs *p, GError **error)
{
    g_autofree char *link = g_build_filename(dir, "qemu", NULL);
    if (!copy_program(p->launcher, dir, EMULATOR_NAME, error) ||
        !copy_program(p->preload, dir, PRELOAD_NAME, error))
        return FALSE;
    if (symlink(p->qemu, link) == 0)
        return TRUE;
    lsb_set_errno(error, errno, "cannot make %s", link);
    return FALSE;
}

/*
 * Fill a temporary directory, then rename it to DIR. Where another process was faster, the
 * directory of that process is used.
 */
static gboolean publish_launcher_dir(const char *dir, const Programs *p, GError **error)
{
    g_autofree char *temporary = g_strconcat(dir, ".XXXXXX", NULL);
    if (!g_mkdtemp_full(temporary, 0755)) {
        lsb_set_errno(error, errno, "cannot make %s", temporary);
        return FALSE;
    }
    chmod(temporary, 0755);
    gboolean ok = fill_launcher_dir(temporary, p, error);
    if (ok && rename(temporary, dir) < 0 && errno != EEXIST && errno != ENOTEMPTY) {
        lsb_set_errno(error, errno, "cannot make %s", dir);
        ok = FALSE;
    }
    lsb_path_remove_tree(temporary);
    return ok;
}

/* Remove a launcher's directory in which another user may have put another program. */
static gboolean drop_foreign_launcher_dir(const char *dir, GError **error)
{
    struct stat st;
    LsbOwnership ownership = lsb_ownership_of(dir, S_IFDIR, &st);
    gboolean of_root = ownership == LSB_NOT_OURS && st.st_uid == 0 && !(st.st_mode & 0022);
    if (ownership == LSB_OURS || ownership == LSB_NOT_THERE || of_root || tree_remove(dir) == 0)
        return TRUE;
    return lsb_fail(error, NO_PERMISSION,
                    "another user can write in the cache directory %s, and it cannot be removed: "
                    "%s; remove it, or set LSANDBOX_CACHE to another directory",
                    dir, g_strerror(errno));
}

/* The name of the launcher's directory. */
static char *launcher_key(const Programs *p, GError **error)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    if (!add_mark(sum, p->launcher, error) || !add_mark(sum, p->preload, error) ||
        !add_mark(sum, p->qemu, error))
        return NULL;
    return g_strndup(g_checksum_get_string(sum), 24);
}

char *lsb_emulator_launcher(const char *cache_dir, const char *qemu, GError **error)
{
    g_auto(Programs) p = {.launcher = lsb_path_helper("lsandbox-launcher", error), .qemu = qemu};
    if (!p.launcher || !(p.preload = lsb_path_helper(PRELOAD_NAME, error)))
        return NULL;
    g_autofree char *key = launcher_key(&p, error);
    if (!key)
        return NULL;
    g_autofree char *parent = lsb_cache_open(cache_dir, "emulator", error);
    if (!parent)
        return NULL;
    g_autofree char *dir = g_build_filename(parent, key, NULL);
    g_autofree char *path = g_build_filename(dir, EMULATOR_NAME, NULL);
    if (!drop_foreign_launcher_dir(dir, error))
        return NULL;
    if (access(path, X_OK) == 0)
        return g_steal_pointer(&path);
    return publish_launcher_dir(dir, &p, error) ? g_steal_pointer(&path) : NULL;
}

/* --- the jail file --- */

static void put_rule(GString *out, const char *key, const char *value)
{
    g_string_append_printf(out, "%s=%s", key, value);
    g_string_append_c(out, 0);
}

static void put_number_rule(GString *out, const char *key, guint value)
{
    g_autofree char *text = g_strdup_printf("%u", value);
    put_rule(out, key, text);
}

/*
 * The user of the program, so that files in a writable bind have the same owner in the sandbox and
 * on the host; or the user whom the recipe's security label of the model "dac" names.
 */
void lsb_emulator_user(const LsbDescription *d, uid_t *uid, gid_t *gid)
{
    guint32 label_uid, label_gid;
    if (!d->security.label || !lsb_security_dac_ids(d->security.label, &label_uid, &label_gid)) {
        lsb_identity_on_host(d->identity, uid, gid);
        return;
    }
    *uid = label_uid;
    *gid = label_gid;
}

/*
 * Open the image with that user's file system ids, which belong to this thread only (setfsuid(2)),
 * so no other thread loses rights. setfsuid() also takes root's capabilities over files away.
 */
gboolean lsb_emulator_check_image(const LsbImage *image, const LsbDescription *d, GError **error)
{
    if (geteuid() != 0)
        return TRUE;
    uid_t owner;
    gid_t group;
    lsb_emulator_user(d, &owner, &group);
    int gid = setfsgid(group), uid = setfsuid(owner);
    cleanup_fd int fd = open(image->source, (image->readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    int saved = errno;
    setfsuid((uid_t)uid);
    setfsgid((gid_t)gid);
    if (fd >= 0)
        return TRUE;
    return lsb_fail(error, NO_PERMISSION,
                    "the image %s cannot be opened for %s by the user %u, as whom QEMU runs: %s; "
                    "give it to that user, or set user to its owner",
                    image->source, image->readonly ? "reading" : "reading and writing", owner,
                    g_strerror(saved));
}

/* QEMU also gets the group of /dev/kvm, unless it is root's, if that may read and write it. */
static void put_user_rules(GString *out, const LsbDescription *d, LsbAccel accel)
{
    struct stat st;
    uid_t uid;
    gid_t gid;
    lsb_emulator_user(d, &uid, &gid);
    put_number_rule(out, "uid", uid);
    put_number_rule(out, "gid", gid);
    if (accel == LSB_ACCEL_KVM && stat("/dev/kvm", &st) == 0 && st.st_gid != 0 &&
        (st.st_mode & 0060) == 0060)
        put_number_rule(out, "group", st.st_gid);
}

static void put_export_rules(GString *out, const LsbPlan *plan)
{
    for (guint i = 0; i < plan->exports->len; i++) {
        const LsbExport *e = plan->exports->pdata[i];
        put_rule(out, e->readonly ? "read" : "write", e->path);
    }
    for (char **h = plan->hidden; *h; h++)
        put_rule(out, "hide", *h);
}

/* An image may lie in a hidden directory: the launcher lets QEMU open a path that is named. */
static void put_image_rules(GString *out, const LsbPlan *plan)
{
    for (guint i = 0; i < plan->disks->len; i++) {
        const LsbImage *image = ((const LsbPlanDisk *)plan->disks->pdata[i])->image;
        put_rule(out, image->readonly ? "read" : "write", image->source);
    }
}

/*
 * QEMU opens a USB device by its node, and libusb reads sysfs; a PCI device is opened by its IOMMU
 * group. The permissions of the nodes are up to the host's administrator.
 */
static void put_device_rules(GString *out, const LsbDescription *d)
{
    for (guint i = 0; d->devices && i < d->devices->len; i++) {
        const LsbDevice *device = d->devices->pdata[i];
        gboolean usb = device->type == LSB_DEVICE_USB;
        g_autofree char *node =
            usb ? g_strdup_printf("/dev/bus/usb/%03u/%03u", device->bus, device->device)
                : g_strdup_printf("/dev/vfio/%s", device->group);
        put_rule(out, "device", node);
        if (!usb)
            put_rule(out, "device", "/dev/vfio/vfio");
        put_rule(out, "read", "/sys/bus");
        put_rule(out, "read", "/sys/devices");
    }
}

/* The launcher makes a memfd for a new template. A template's memory is opened by the preload. */
static void put_memory_rules(GString *out, const LsbJailParts *parts)
{
    if (parts->memory == LSB_MEMORY_NEW)
        put_number_rule(out, "new-memory", (guint)(parts->plan->description->memory / MiB));
    if (parts->memory != LSB_MEMORY_TEMPLATE)
        return;
    g_autofree char *dir = g_path_get_dirname(parts->launcher);
    g_autofree char *library = g_build_filename(dir, PRELOAD_NAME, NULL);
    put_rule(out, "preload", library);
    put_rule(out, "memory", parts->memory_path);
}

gboolean lsb_emulator_write_jail(const char *path, const LsbJailParts *parts, GError **error)
{
    const LsbDescription *d = parts->plan->description;
    GString *out = g_string_new(NULL);
    put_rule(out, "keeper", parts->keeper);
    if (geteuid() == 0)
        put_user_rules(out, d, parts->accel);
    put_export_rules(out, parts->plan);
    put_image_rules(out, parts->plan);
    const char *files[] = {parts->kernel, parts->initrd, parts->firmware};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        if (files[i])
            put_rule(out, "read", files[i]);
    put_rule(out, "write", parts->dir);
    if (parts->libvirt)
        put_rule(out, "libvirt", parts->libvirt);
    if (parts->accel == LSB_ACCEL_KVM)
        put_rule(out, "device", "/dev/kvm");
    if (lsb_network_has_type(&d->network, LSB_NET_USER) ||
        d->graphics.listen) /* QEMU listens at a TCP port */
        put_rule(out, "network", "1");
    for (LsbController c = 0; c < LSB_CONTROLLERS; c++)
        if (parts->groups->ours[c])
            put_rule(out, "cgroup", parts->groups->dir[c]);
    put_device_rules(out, d);
    put_rule(out, "landlock", "auto");
    put_memory_rules(out, parts);
    g_autoptr(GError) cause = NULL;
    gboolean ok = g_file_set_contents_full(path, out->str, (gssize)out->len,
                                           G_FILE_SET_CONTENTS_NONE, 0600, &cause);
    g_string_free(out, TRUE);
    return ok || lsb_fail(error, FAILED, "cannot write %s: %s", path, cause->message);
}
