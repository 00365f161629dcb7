/* Ids, names and time zone of the sandbox, in files put over those of the root. */
#define _GNU_SOURCE
#include "systemid.h"

#include "syscalls.h"
#include "log.h"
#include "shared/closekeep.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <unistd.h>

/*
 * INSECURE is GRND_INSECURE of getrandom(2): do not wait until the kernel trusts its random
 * numbers, because a machine without a seed needs a second for that, and the ids are no secret.
 */
enum { INSECURE = 4, ID_BYTES = 16 };

/* --- a private file over a file of the root --- */

static int mount_place(const struct root *root)
{
    if (mount("none", root->work, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k") < 0)
        return failed("mount a place for the sandbox's own files");
    return 0;
}

/* Make a file with TEXT in the tmpfs at root->work. Returns a descriptor of it; -1 and errno. */
static int make_file(const struct root *root, const char *name, const char *text)
{
    int dir = open(root->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int file = openat(dir, name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0444);
    close(dir);
    if (file < 0 || write(file, text, strlen(text)) == (ssize_t)strlen(text))
        return file;
    close_keep(file);
    return -1;
}

/* A detached, read-only mount of FILE alone. */
static int readonly_mount(int file)
{
    int tree = syscall_clone_mount(file, false);
    if (tree < 0 || syscall_set_attr(tree, ATTR_RDONLY, false) == 0)
        return tree;
    close_keep(tree);
    return -1;
}

static int cover(int file, int target)
{
    int tree = readonly_mount(file);
    int result = tree < 0 || syscall_attach_mount(tree, target) < 0 ? -1 : 0;
    close_keep(tree);
    return result;
}

/* --- ids --- */

/*
 * Each id is a private file that covers one of the root or of the kernel. It is filled once there
 * is a plan, because by then the random numbers are this machine's own.
 *
 * The boot id (random(4)) and the product uuid (the firmware's name for the computer, the kernel's
 * drivers/firmware/dmi-id.c) are covered, because a container would show those of its host, and a
 * machine from a template those of the machine that was saved.
 */
enum { MACHINE_ID, BOOT_ID, PRODUCT_UUID, IDS };

static struct {
    const char *name, *form; /* machine-id(5); RFC 9562 */
    int file;
    char *text; /* the file's memory, mapped, so that filling it takes no system call */
} ids[IDS] = {
    [MACHINE_ID] = {"machine-id", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", -1, NULL},
    [BOOT_ID] = {"boot-id", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\n", -1, NULL},
    [PRODUCT_UUID] = {"product-uuid", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\n", -1, NULL},
};

/*
 * The second path of the machine id is often a symlink to the first. Then the new file is mounted
 * there twice, which does no harm.
 */
static struct {
    int id;
    const char *path;
    bool in_root; /* false: in /proc or /sys */
    int tree;     /* the detached mount; -1: none */
} covers[] = {
    {MACHINE_ID, "/etc/machine-id", true, -1},
    {MACHINE_ID, "/var/lib/dbus/machine-id", true, -1},
    {BOOT_ID, "/proc/sys/kernel/random/boot_id", false, -1},
    {PRODUCT_UUID, "/sys/devices/virtual/dmi/id/product_uuid", false, -1},
};

enum { COVERS = sizeof covers / sizeof *covers };

static int make_id(const struct root *root, int i)
{
    size_t length = strlen(ids[i].form);
    if (ids[i].text) /* from the plan before */
        munmap(ids[i].text, length);
    close(ids[i].file);
    ids[i].text = NULL;
    ids[i].file = make_file(root, ids[i].name, ids[i].form);
    char *text = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, ids[i].file, 0);
    if (text == MAP_FAILED)
        return failed("make the file %s", ids[i].name);
    text[0] = 'x'; /* makes the kernel map the page now, so that a template holds it */
    ids[i].text = text;
    return 0;
}

static int make_ids(const struct root *root)
{
    for (int i = 0; i < IDS; i++)
        if (make_id(root, i) < 0)
            return -1;
    return 0;
}

/* Make the mounts now, because the kernel clones no mount of a detached filesystem. */
static int make_covers(void)
{
    for (size_t i = 0; i < COVERS; i++) {
        close(covers[i].tree);
        covers[i].tree = readonly_mount(ids[covers[i].id].file);
        if (covers[i].tree < 0)
            return failed("make a mount of the file %s", ids[covers[i].id].name);
    }
    return 0;
}

/* Where the root has no such file there is nothing to cover. */
static int attach_covers(const struct root *root, bool in_root)
{
    for (size_t i = 0; i < COVERS; i++) {
        int target = covers[i].in_root == in_root ? path_open(root, covers[i].path) : -1;
        if (target < 0)
            continue;
        if (syscall_attach_mount(covers[i].tree, target) < 0)
            return failed("put a file of the sandbox over %s", covers[i].path);
        close(target);
        close(covers[i].tree); /* or the mount could not be unmounted later */
        covers[i].tree = -1;
    }
    return 0;
}

int systemid_prepare(const struct root *root)
{
    if (mount_place(root) < 0)
        return -1;
    int result = make_ids(root) < 0 || make_covers() < 0 ? -1 : attach_covers(root, false);
    umount2(root->work, MNT_DETACH);
    return result;
}

/* Put a random hexadecimal digit into TEXT for each "x" of FORM. */
static void fill_id(char *text, const char *form)
{
    unsigned char bytes[ID_BYTES] = {0};
    if (getrandom(bytes, sizeof bytes, INSECURE) != sizeof bytes)
        errno = 0; /* no random numbers yet: an id of zeros is no worse than the host's own */
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40); /* RFC 9562: version 4, */
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80); /* variant 1 */
    for (size_t i = 0, digit = 0; form[i]; i++) {
        unsigned char byte = bytes[digit / 2 % ID_BYTES];
        if (form[i] == 'x')
            text[i] = "0123456789abcdef"[digit++ % 2 ? byte & 0xf : byte >> 4];
    }
}

static void fill_ids(void)
{
    for (int i = 0; i < IDS; i++)
        fill_id(ids[i].text, ids[i].form);
}

/* --- time zone --- */

/*
 * /etc/localtime is often a symlink to the file of a zone (localtime(5)). The mount goes on the
 * symlink itself, because one on that file would give a zone the content of another.
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

static int cover_timezone(const struct root *root, const char *text)
{
    int target = path_open(root, "/etc/timezone");
    if (target < 0)
        return 0;
    int file = mount_place(root) < 0 ? -1 : make_file(root, "timezone", text);
    int result =
        file < 0 || cover(file, target) < 0 ? failed("put the time zone over /etc/timezone") : 0;
    close(file);
    close(target);
    umount2(root->work, MNT_DETACH);
    return result;
}

static int timezone_files(const struct root *root, const char *name)
{
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
    return result < 0 ? -1 : cover_timezone(root, text);
}

/* --- together --- */

int systemid_files(const struct root *root, const struct plan *plan)
{
    fill_ids();
    return attach_covers(root, true) < 0 ? -1 : timezone_files(root, plan->timezone);
}

int systemid_names(const struct plan *plan)
{
    if (*plan->hostname && sethostname(plan->hostname, strlen(plan->hostname)) < 0)
        return failed("set the host name to %s", plan->hostname);
    if (*plan->domainname && setdomainname(plan->domainname, strlen(plan->domainname)) < 0)
        return failed("set the domain name to %s", plan->domainname);
    return 0;
}
