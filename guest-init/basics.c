/* Makes /dev, /proc and /sys of a sandbox, protects them, and switches the loopback on. */
#define _GNU_SOURCE
#include "basics.h"

#include "kept.h"
#include "syscalls.h"
#include "log.h"
#include "systemid.h"
#include "shared/closekeep.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* --- mounts --- */

#define SHM "/dev/shm"

enum { SHM_FLAGS = MS_NOSUID | MS_NODEV };

static const char shm_mode[] = "mode=1777";

/* /dev holds only device nodes, so 64 KiB are plenty, and no program can fill memory there. */
static const struct {
    const char *type, *target, *options;
    unsigned long flags;
} machine_mounts[] = {
    {"proc", "/proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC},
    {"sysfs", "/sys", NULL, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC},
    {"tmpfs", "/dev", "mode=755,size=64k", MS_NOSUID | MS_NOEXEC},
    {"devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=620,gid=5", MS_NOSUID | MS_NOEXEC},
    {"tmpfs", SHM, shm_mode, SHM_FLAGS},
};

/* Note that mount points may be made in the tmpfs at TARGET. KEEP: it outlives a detach. */
static int note_tmpfs(struct root *root, const char *target, bool keep)
{
    int fd = path_open(root, target);
    if (fd < 0 || path_ours(root, fd) < 0 || (keep && kept_add(WIRE_MOUNT_TMPFS, target, fd) < 0))
        return failed("look at %s", target);
    return close(fd);
}

static int mount_machine_mounts(struct root *stage)
{
    for (size_t i = 0; i < sizeof machine_mounts / sizeof *machine_mounts; i++) {
        const char *type = machine_mounts[i].type, *path = machine_mounts[i].target;
        int target = path_open_or_make(stage, path, false);
        if (target < 0 ||
            mount_at(target, "none", type, machine_mounts[i].flags, machine_mounts[i].options) < 0)
            return failed("mount %s", path);
        close(target);
        if (strcmp(type, "tmpfs") == 0 && note_tmpfs(stage, path, false) < 0)
            return -1;
    }
    return 0;
}

/*
 * Mount /dev/shm on TARGET with SIZE bytes. THERE: it is mounted already, with the default size,
 * half of the kernel's memory (in a container, of the host's).
 */
static int size_shm(int target, bool there, uint64_t size)
{
    char options[64];
    unsigned long flags = SHM_FLAGS | (there ? MS_REMOUNT : 0);
    if (there && !size)
        return 0;
    snprintf(options, sizeof options, "%s,size=%llu", shm_mode, (unsigned long long)size);
    return mount_at(target, "none", "tmpfs", flags, size ? options : shm_mode);
}

static int mount_shm(struct root *root, const struct plan *plan, bool there)
{
    int target = path_open_or_make(root, SHM, false);
    if (target < 0)
        return failed("find the mount point " SHM " in the root");
    int again = kept_attach(WIRE_MOUNT_TMPFS, SHM, target);
    if (again < 0 || (!again && size_shm(target, there, plan->shm_size) < 0))
        return failed("mount " SHM);
    close(target);
    return note_tmpfs(root, SHM, !again);
}

/* --- /dev --- */

static const struct {
    const char *name;
    unsigned major, minor;
} devices[] = {
    {"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
    {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

static const struct {
    const char *name, *to;
} links[] = {
    {"ptmx", "pts/ptmx"},          {"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"},
};

static int make_devices(int dev)
{
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (mknodat(dev, devices[i].name, S_IFCHR | 0666,
                    makedev(devices[i].major, devices[i].minor)) < 0)
            return failed("make /dev/%s", devices[i].name);
    return 0;
}

static int make_links(int dev)
{
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (symlinkat(links[i].to, dev, links[i].name) < 0 && errno != EEXIST)
            return failed("make /dev/%s", links[i].name);
    return 0;
}

/* The guest init's own messages go to the console, so no program may write there. */
static void hide_console(struct root *root)
{
    static const char *const names[] = {"/dev/console", "/dev/tty1"};
    int null = path_open(root, "/dev/null");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int console = path_open(root, names[i]);
        int tree = console < 0 ? -1 : syscall_clone_mount(null, false);
        if (tree >= 0)
            syscall_attach_mount(tree, console);
        close(tree);
        close(console);
    }
    close(null);
}

/* --- /proc and /sys --- */

/* The lists that OCI runtimes use for a container that is not privileged. */
static const char *const readonly_paths[] = {
    "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static const char *const masked_paths[] = {
    "/proc/acpi",
    "/proc/asound",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
};

static int protect_path(int fd)
{
    int tree = syscall_clone_mount(fd, true);
    if (tree < 0)
        return -1;
    bool done =
        syscall_set_attr(tree, ATTR_RDONLY, true) == 0 && syscall_attach_mount(tree, fd) == 0;
    close_keep(tree);
    return done ? 0 : -1;
}

/* A masked directory becomes an empty one, a masked file becomes /dev/null. */
static int mask_path(const struct root *root, int fd)
{
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        return mount_at(fd, "none", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                        "size=0");
    int null = path_open(root, "/dev/null");
    int tree = syscall_clone_mount(null, false);
    int result = syscall_attach_mount(tree, fd);
    close_keep(tree);
    close_keep(null);
    return result;
}

static int protect_one(const struct root *root, const char *path, bool mask)
{
    int fd = path_open(root, path);
    if (fd < 0)
        return 0; /* this kernel has no such file */
    int result = mask ? mask_path(root, fd) : protect_path(fd);
    if (result < 0)
        failed("protect %s", path);
    close(fd);
    return result;
}

/* How often each processor was too hot tells what else the host does (Docker masks it, too). */
static int mask_thermal(const struct root *root)
{
    long processors = sysconf(_SC_NPROCESSORS_CONF);
    for (long i = 0; i < processors; i++) {
        char path[80];
        snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%ld/thermal_throttle", i);
        if (protect_one(root, path, true) < 0)
            return -1;
    }
    return 0;
}

static int protect(const struct root *root)
{
    for (size_t i = 0; i < sizeof readonly_paths / sizeof *readonly_paths; i++)
        if (protect_one(root, readonly_paths[i], false) < 0)
            return -1;
    for (size_t i = 0; i < sizeof masked_paths / sizeof *masked_paths; i++)
        if (protect_one(root, masked_paths[i], true) < 0)
            return -1;
    return mask_thermal(root);
}

/* --- the loopback interface --- */

/* Where the guest init may not do this, libvirt has done it already: no error. */
void basics_loopback(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq lo = {.ifr_name = "lo"};
    if (fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &lo) == 0 && !(lo.ifr_flags & IFF_UP)) {
        lo.ifr_flags |= IFF_UP;
        ioctl(fd, SIOCSIFFLAGS, &lo);
    }
    if (fd >= 0)
        close(fd);
}

/* --- of a machine, in two steps --- */

#define STAGE "/stage"

static int make_stage(struct root *stage)
{
    if (mkdir(STAGE, 0755) < 0 && errno != EEXIST)
        return -1;
    stage->fd = open(STAGE, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return stage->fd < 0 ? -1 : path_ours(stage, stage->fd);
}

static int fill_dev(const struct root *root)
{
    int dev = syscall_open_in(root->fd, "/dev", O_RDONLY | O_DIRECTORY);
    if (dev < 0)
        return failed("open /dev");
    int result = make_devices(dev) < 0 || make_links(dev) < 0 ? -1 : 0;
    close(dev);
    return result;
}

int basics_stage(const char *work)
{
    struct root stage = {.fd = -1, .work = work};
    if (make_stage(&stage) < 0)
        return failed("make the directory " STAGE);
    if (mount_machine_mounts(&stage) < 0 || fill_dev(&stage) < 0 || protect(&stage) < 0 ||
        systemid_prepare(&stage) < 0)
        return -1;
    path_root_done(&stage);
    basics_loopback();
    return 0;
}

static int move_in(struct root *root, const char *staged, const char *target)
{
    int tree = open(staged, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int point = path_open_or_make(root, target, false);
    if (point < 0)
        return failed("find the mount point %s in the root", target);
    if (tree < 0 || syscall_attach_mount(tree, point) < 0)
        return failed("mount %s", target);
    close(point);
    return close(tree);
}

int basics_mount(struct root *root, const struct plan *plan)
{
    return move_in(root, STAGE "/proc", "/proc") < 0 || move_in(root, STAGE "/sys", "/sys") < 0 ||
                   move_in(root, STAGE "/dev", "/dev") < 0 || note_tmpfs(root, "/dev", false) < 0
               ? -1
               : mount_shm(root, plan, true);
}

/* --- of a container --- */

int basics_complete(struct root *root, const struct plan *plan)
{
    int dev = syscall_open_in(root->fd, "/dev", O_RDONLY | O_DIRECTORY);
    if (dev < 0 || path_ours(root, dev) < 0)
        return failed("open /dev");
    int result = make_links(dev);
    close(dev);
    if (result == 0)
        result = mount_shm(root, plan, false);
    hide_console(root);
    return result < 0 ? -1 : protect(root);
}
