/* Finds disks by their serial numbers, mounts them, and makes nodes for programs. */
#define _GNU_SOURCE
#include "disks.h"

#include "syscalls.h"
#include "log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define BLOCK "/sys/block"

/* --- finding disks --- */

/* The first line of a file below /sys/block/NAME; "" when it cannot be read. */
static void read_attribute(const char *name, const char *attribute, char *text, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, BLOCK "/%s/%s", name, attribute);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
    text[n > 0 ? n : 0] = 0;
    text[strcspn(text, "\n")] = 0;
    close(fd);
}

/*
 * Get the kernel's NAME ("vda") of the disk SERIAL. There is no need to wait for the disk: the
 * driver was loaded before the plan came, and finds its disks while its module is loaded.
 */
static bool find_disk(const char *serial, char *name, size_t size)
{
    DIR *block = opendir(BLOCK);
    bool found = false;
    for (struct dirent *e; block && !found && (e = readdir(block));) {
        char text[64];
        if (e->d_name[0] == '.')
            continue;
        read_attribute(e->d_name, "serial", text, sizeof text);
        found = strcmp(text, serial) == 0 && strlen(e->d_name) < size;
        if (found)
            strcpy(name, e->d_name);
    }
    if (block)
        closedir(block);
    if (!found)
        errno = ENODEV;
    return found;
}

int disks_mount(const char *serial, const char *filesystem, unsigned long flags, int target)
{
    char name[32], device[64], type[32];
    size_t n = strcspn(filesystem, " ");
    if (n >= sizeof type) {
        errno = EINVAL;
        return -1;
    }
    if (!find_disk(serial, name, sizeof name))
        return -1;
    memcpy(type, filesystem, n);
    type[n] = 0;
    snprintf(device, sizeof device, "/dev/%s", name);
    return mount_at(target, device, type, flags, filesystem[n] ? filesystem + n + 1 : NULL);
}

/* --- nodes for programs --- */

/* Make /dev/disk/by-tag and open it. Modes hold as they are, because the init's umask is 0. */
static int open_by_tag(int dev)
{
    mkdirat(dev, "disk", 0755);
    mkdirat(dev, "disk/by-tag", 0755);
    return openat(dev, "disk/by-tag", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Give the node NAME in DEV its owner, its mode and its link in TAGS. */
static int give_node(int dev, int tags, const char *name, const struct plan_disk *d)
{
    char to[64];
    snprintf(to, sizeof to, "../../%s", name);
    return fchownat(dev, name, d->uid, d->gid, AT_SYMLINK_NOFOLLOW) < 0 ||
                   fchmodat(dev, name, d->mode, 0) < 0 || symlinkat(to, tags, d->tag) < 0
               ? -1
               : 0;
}

/* Make the node of a disk, with mode 0 until give_node() has given it its owner. */
static int make_node(int dev, const struct plan_disk *d, char *name, size_t size)
{
    char number[32];
    unsigned major_number, minor_number;
    if (!find_disk(d->source, name, size))
        return -1;
    read_attribute(name, "dev", number, sizeof number);
    if (sscanf(number, "%u:%u", &major_number, &minor_number) != 2) {
        errno = ENODEV;
        return -1;
    }
    return mknodat(dev, name, S_IFBLK, makedev(major_number, minor_number));
}

static int prepare_node(int dev, int tags, const struct plan_disk *d, bool machine)
{
    char name[32];
    if (machine && make_node(dev, d, name, sizeof name) < 0)
        return -1;
    return give_node(dev, tags, machine ? name : d->source, d);
}

static int prepare_nodes(const struct root *root, const struct plan *plan, bool machine)
{
    if (plan->disk_count == 0)
        return 0;
    int dev = syscall_open_in(root->fd, "/dev", O_PATH | O_DIRECTORY);
    int tags = dev < 0 ? -1 : open_by_tag(dev);
    int result = tags < 0 ? failed("make /dev/disk/by-tag") : 0;
    for (uint32_t i = 0; i < plan->disk_count && result == 0; i++)
        if (prepare_node(dev, tags, &plan->disks[i], machine) < 0)
            result = failed("make /dev/disk/by-tag/%s", plan->disks[i].tag);
    close(tags);
    close(dev);
    return result;
}

int disks_make_nodes(const struct root *root, const struct plan *plan)
{
    return prepare_nodes(root, plan, true);
}

int disks_take_nodes(const struct root *root, const struct plan *plan)
{
    return prepare_nodes(root, plan, false);
}
