#define _GNU_SOURCE
#include "systemid.h"

#include "kernel.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <unistd.h>

/*
 * Do not wait until the kernel trusts its random numbers (getrandom(2), GRND_INSECURE): a machine
 * without a seed needs a second for that, and the ids are no secret.
 */
enum { INSECURE = 4, ID_BYTES = 16 };

/* ---- a file of ours over one of the root's ---- */

/* Make a file with TEXT in the tmpfs at root->work; a descriptor of it. */
static int make_file(const struct root *root, const char *name, const char *text)
{
    int dir = open(root->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int file = openat(dir, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0444);
    close(dir);
    if (file < 0 || write(file, text, strlen(text)) == (ssize_t)strlen(text))
        return file;
    close(file);
    return -1;
}

static int cover(int file, int target)
{
    int tree = kernel_clone_mount(file, false);
    int result = tree < 0 || kernel_set_attr(tree, ATTR_RDONLY, false) < 0 ||
                         kernel_attach_mount(tree, target) < 0
                     ? -1
                     : 0;
    int saved = errno;
    close(tree);
    errno = saved;
    return result;
}

/* Where the root has no such file there is nothing to cover. */
static int cover_path(const struct root *root, int file, const char *path)
{
    int target = path_open(root, path);
    if (target < 0)
        return 0;
    int result = cover(file, target) < 0 ? failed("put a file of the sandbox over %s", path) : 0;
    close(target);
    return result;
}

static int cover_with(const struct root *root, const char *name, const char *text,
                      const char *const *paths)
{
    int file = make_file(root, name, text);
    if (file < 0)
        return failed("make the file %s", name);
    int result = 0;
    for (; *paths && result == 0; paths++)
        result = cover_path(root, file, *paths);
    close(file);
    return result;
}

/* ---- ids ---- */

/* The bytes as hexadecimal digits, with "-" before those whose place DASHES has a bit for. */
static void id_text(char *text, unsigned dashes)
{
    unsigned char bytes[ID_BYTES] = {0};
    if (getrandom(bytes, sizeof bytes, INSECURE) != sizeof bytes)
        errno = 0; /* so early that there are none: all zero is no worse than the host's own */
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* RFC 9562: version 4, */
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* variant 1 */
    for (unsigned i = 0; i < sizeof bytes; i++)
        text += sprintf(text, "%s%02x", dashes >> i & 1 ? "-" : "", bytes[i]);
    memcpy(text, "\n", 2);
}

/*
 * machine-id(5): 32 digits. The second name is often a symlink to the first; then the new file gets
 * itself on top: no harm.
 */
static int machine_id(const struct root *root)
{
    static const char *const paths[] = {"/etc/machine-id", "/var/lib/dbus/machine-id", NULL};
    char text[64];
    id_text(text, 0);
    return cover_with(root, "machine-id", text, paths);
}

static int uuid_over(const struct root *root, const char *name, const char *path)
{
    const char *const paths[] = {path, NULL};
    char text[64];
    id_text(text, 1 << 4 | 1 << 6 | 1 << 8 | 1 << 10);
    return cover_with(root, name, text, paths);
}

/*
 * random(4), and the firmware's name for the computer (the kernel's drivers/firmware/dmi-id.c). A
 * container would show those of the host, which are names for the host; a machine from a template
 * those of the machine that it was made from.
 */
static int kernel_ids(const struct root *root)
{
    int result = uuid_over(root, "boot-id", "/proc/sys/kernel/random/boot_id");
    return result < 0 ? -1
                      : uuid_over(root, "product-uuid", "/sys/devices/virtual/dmi/id/product_uuid");
}

/* ---- time zone ---- */

/*
 * /etc/localtime is often a symlink into the zones (localtime(5)). Followed, it would lead to a
 * zone's own file, and covering that one would give the zone a wrong content; so the mount goes on
 * the symlink itself.
 */
static int cover_localtime(const struct root *root, int zone)
{
    int etc = path_open(root, "/etc");
    int target = openat(etc, "localtime", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    close(etc);
    if (target < 0)
        return 0;
    int result = cover(zone, target) < 0 ? failed("put the time zone over /etc/localtime") : 0;
    close(target);
    return result;
}

static int timezone_files(const struct root *root, const char *name)
{
    static const char *const paths[] = {"/etc/timezone", NULL};
    char path[PATH_MAX], text[PATH_MAX];
    if (!*name)
        return 0;
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
    snprintf(text, sizeof text, "%s\n", name);
    int zone = path_open(root, path);
    if (zone < 0)
        return failed("find the time zone %s", path);
    int result = cover_localtime(root, zone);
    close(zone);
    return result < 0 ? -1 : cover_with(root, "timezone", text, paths);
}

/* ---- together ---- */

int systemid_files(const struct root *root, const struct plan *plan)
{
    if (mount("none", root->work, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k") < 0)
        return failed("mount a place for the sandbox's own files");
    int result = machine_id(root);
    if (result == 0)
        result = kernel_ids(root);
    if (result == 0)
        result = timezone_files(root, plan->timezone);
    umount2(root->work, MNT_DETACH);
    return result;
}

int systemid_names(const struct plan *plan)
{
    if (*plan->hostname && sethostname(plan->hostname, strlen(plan->hostname)) < 0)
        return failed("set the host name to %s", plan->hostname);
    if (*plan->domainname && setdomainname(plan->domainname, strlen(plan->domainname)) < 0)
        return failed("set the domain name to %s", plan->domainname);
    return 0;
}
