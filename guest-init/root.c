/* Puts the root together, and makes it "/": of a machine, of a container. */
#define _GNU_SOURCE
#include "root.h"

#include "disks.h"
#include "syscalls.h"
#include "log.h"
#include "mountinfo.h"
#include "mounts.h"
#include "source.h"
#include "overlay.h"
#include "shared/closekeep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- machine --- */

#define NEW_ROOT        "/newroot"
#define LOWER           "/lower"
#define MACHINE_OVERLAY "/overlay"
#define MACHINE_WORK    "/work"

/* The root of the initramfs, opened when it is left. */
static int initramfs = -1;

/* The memory for the writes over the root is mounted, and stays so from plan to plan. */
static bool memory_is_kept;

/*
 * The root is cached, because the host's files change too rarely to ask for them again each time.
 */
static int mount_root_export(const char *tag, const char *target)
{
    char data[256];
    source_ninep_options(data, sizeof data, true, "");
    if (mount(tag, target, "9p", MS_RDONLY, data) < 0)
        return failed("mount the root (9p tag %s)", tag);
    return 0;
}

/* Mounted with MS_NODEV, because an image may hold device nodes; the sandbox has its own /dev. */
static int mount_root_disk(const struct plan *plan, const char *target)
{
    int fd = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = disks_mount(plan->root, plan->root_filesystem, MS_RDONLY | MS_NODEV, fd);
    if (result < 0)
        failed("mount the root (disk, %s)", plan->root_filesystem);
    close(fd);
    return result;
}

static int mount_root(const struct plan *plan, const char *target)
{
    return *plan->root_filesystem ? mount_root_disk(plan, target)
                                  : mount_root_export(plan->root, target);
}

static int overlay_in_memory(int lower, int target, uint64_t size)
{
    struct root store = {.work = MACHINE_OVERLAY};
    int work = -1;
    if (memory_is_kept)
        work = open(MACHINE_OVERLAY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    else if (overlay_prepare(&store, size, &work) < 0)
        return -1;
    struct overlay_dirs dirs = {
        .store = work, .upper = "upper", .work = "work", .kept = memory_is_kept, .own = true};
    int result =
        overlay_make_dirs(&dirs, lower) < 0 ? -1 : overlay_mount_dirs(&dirs, lower, target, 0);
    close(work);
    memory_is_kept = true;
    return result;
}

/* The disk keeps the writes for this machine and those that start with it later. */
static int overlay_on_disk(int lower, int target, const char *serial)
{
    int point = open(MACHINE_OVERLAY, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int mounted = point < 0 ? -1 : disks_mount(serial, "ext4", 0, point);
    close(point);
    if (mounted < 0)
        return failed("mount the disk that keeps the writes over the root");
    int store = open(MACHINE_OVERLAY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct overlay_dirs dirs = {
        .store = store, .upper = "upper", .work = "work", .kept = true, .own = true};
    mkdirat(store, "upper", 0); /* mode 0 makes it fresh: it gets the root's owner and mode */
    int result =
        overlay_make_dirs(&dirs, lower) < 0 ? -1 : overlay_mount_dirs(&dirs, lower, target, 0);
    close_keep(store);
    return result;
}

static int overlay_root(struct root *root, const struct plan *plan)
{
    int lower = open(LOWER, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int target = open(NEW_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if ((*plan->kept ? overlay_on_disk(lower, target, plan->kept)
                     : overlay_in_memory(lower, target, plan->overlay_size)) < 0)
        return failed("put an overlay over the root");
    close(target);
    close(lower);
    if (path_root_layer(root, open(NEW_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
        return failed("look at the root's overlay");
    return 0;
}

const char *root_make_places(void)
{
    static const char *const dirs[] = {NEW_ROOT, LOWER, MACHINE_OVERLAY, MACHINE_WORK};
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        if (mkdir(dirs[i], 0755) < 0 && errno != EEXIST) {
            failed("make the directory %s", dirs[i]);
            return NULL;
        }
    return MACHINE_WORK;
}

int root_mount_machine(struct root *root, const struct plan *plan)
{
    bool overlay = plan->flags & WIRE_PLAN_ROOT_OVERLAY;
    if (mount_root(plan, overlay ? LOWER : NEW_ROOT) < 0 ||
        (overlay && overlay_root(root, plan) < 0))
        return -1;
    root->work = MACHINE_WORK;
    root->fd = open(NEW_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root->fd < 0 ? failed("open the root") : 0;
}

/* The kernel refuses to pivot away from the initramfs (pivot_root(2)), so move the root over it. */
int root_switch_machine(struct root *root)
{
    if (initramfs < 0 && (initramfs = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
        return failed("open the initramfs");
    close(root->fd);
    if (chdir(NEW_ROOT) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
        chdir("/") < 0)
        return failed("make the root this system's root");
    root->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root->fd < 0 ? failed("open the root") : 0;
}

/* In the initramfs the mount on top of "/" has no path, so move it back to where it has one. */
int root_leave_machine(void)
{
    int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (top < 0 || fchdir(initramfs) < 0 || chroot(".") < 0)
        return failed("go back to the initramfs");
    int point = open(NEW_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = syscall_attach_mount(top, point);
    if (result < 0)
        failed("move the root away");
    close(point);
    close(top);
    return result;
}

bool root_is_left_with(const char *path)
{
    static const char *const places[] = {NEW_ROOT, LOWER, MACHINE_WORK};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (mountinfo_under(path, places[i]))
            return true;
    return !memory_is_kept && mountinfo_under(path, MACHINE_OVERLAY);
}

/* --- container --- */

/*
 * libvirt gives each container a tmpfs at /dev, the only place where the init may make a directory.
 */
#define CONTAINER_WORK "/dev/.lsandbox-init"

/* The mounts that libvirt makes for each container; basics.c protects what is in them. */
static const char *const libvirt_dirs[] = {"/proc", "/dev", "/sys", NULL};

/*
 * libvirt mounts files of a FUSE filesystem of its own over some in /proc: in libvirt 9 and 10
 * /proc/meminfo, with the container's limit of memory. They cannot be sought in (ESPIPE), so free,
 * vmstat and ps fail, and they hang when libvirt_lxc is stopped. Show the kernel's files instead.
 */
static int uncover_proc(void)
{
    struct mount_points points;
    int result = mountinfo_read(&points);
    for (size_t i = points.count; result == 0 && i-- > 0;) {
        const struct mount_point *p = &points.list[i];
        if (strncmp(p->type, "fuse", 4) == 0 && mountinfo_under(p->path, "/proc") &&
            umount2(p->path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
            result = failed("unmount libvirt's %s", p->path);
    }
    mountinfo_free(&points);
    return result;
}

/* Copy the mounts before CONTAINER_WORK is mounted in /dev, so that the copies do not have it. */
static int copy_libvirt_dirs(int trees[])
{
    for (int i = 0; libvirt_dirs[i]; i++) {
        int fd = open(libvirt_dirs[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        trees[i] = syscall_clone_mount(fd, true);
        close(fd);
        /* a container without a network of its own has the host's /sys */
        if (strcmp(libvirt_dirs[i], "/sys") == 0)
            syscall_set_attr(trees[i], ATTR_RDONLY, true);
        if (trees[i] < 0)
            return failed("copy the mounts at %s", libvirt_dirs[i]);
    }
    return 0;
}

static int attach_libvirt_dirs(const int trees[])
{
    for (int i = 0; libvirt_dirs[i]; i++) {
        /* an image may lack the directory, and has an overlay to make it in */
        mkdir(libvirt_dirs[i] + 1, 0755);
        int target = open(libvirt_dirs[i] + 1, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (syscall_attach_mount(trees[i], target) < 0)
            return failed("move %s to the new root", libvirt_dirs[i]);
        close(target);
        close(trees[i]);
    }
    return 0;
}

/* Use the root as it is, read-only, with all mounts in it. */
static int use_readonly(int tree, int target)
{
    if (syscall_attach_mount(tree, target) < 0 || syscall_set_attr(tree, ATTR_RDONLY, true) < 0)
        return failed("mount the root read-only");
    return 0;
}

/* The root has to be a mount (pivot_root(2)), so mount the directory DIR on itself. */
static int mount_on_itself(struct root *root, int dir)
{
    int tree = syscall_clone_mount(dir, false);
    if (syscall_attach_mount(tree, dir) < 0 || path_root_layer(root, tree) < 0)
        return failed("make the new root");
    return 0;
}

static int use_overlays(struct root *root, const struct plan *plan, int work, int tree, int dir)
{
    mkdirat(work, "lower", 0755);
    int lower = openat(work, "lower", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (syscall_attach_mount(tree, lower) < 0)
        return failed("mount the root below the overlay");
    close(lower);
    if (mount_on_itself(root, dir) < 0)
        return -1;
    int target = openat(work, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = overlay_tree(root, work, CONTAINER_WORK "/lower", target, libvirt_dirs, plan);
    close(target);
    return result;
}

/* With both names the same the old root ends up on top of the new one, where it is unmounted. */
static int pivot(void)
{
    if (syscall_pivot_root(".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
        return failed("make the overlay this container's root");
    return 0;
}

static int build_container(struct root *root, const struct plan *plan, int tree)
{
    int work = -1;
    if (overlay_prepare(root, plan->overlay_size, &work) < 0)
        return -1;
    int dir = openat(work, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = plan->flags & WIRE_PLAN_ROOT_OVERLAY ? use_overlays(root, plan, work, tree, dir)
                                                      : use_readonly(tree, dir);
    close(dir);
    close(work);
    return result;
}

int root_take_container(struct root *root, const struct plan *plan)
{
    int trees[sizeof libvirt_dirs / sizeof *libvirt_dirs];
    /* or a mount that is made on the host later would appear in the container */
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return failed("cut the container's mounts off from the host's");
    root->work = CONTAINER_WORK;
    if (mkdir(CONTAINER_WORK, 0700) < 0 && errno != EEXIST)
        return failed("make the directory %s", CONTAINER_WORK);
    int tree = source_placed_tree(AT_FDCWD, plan->root);
    if (tree < 0)
        return failed("find the root %s", plan->root);
    if (uncover_proc() < 0 || copy_libvirt_dirs(trees) < 0 || build_container(root, plan, tree) < 0)
        return -1;
    close(tree);
    if (chdir(CONTAINER_WORK "/root") < 0)
        return failed("enter the new root");
    if (attach_libvirt_dirs(trees) < 0 || pivot() < 0)
        return -1;
    root->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    return root->fd < 0 ? failed("open the root") : 0;
}
