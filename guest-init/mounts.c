/* Makes the mounts of the plan, each kind by a function of its own. */
#define _GNU_SOURCE
#include "mounts.h"

#include "disks.h"
#include "hostsfile.h"
#include "include.h"
#include "kept.h"
#include "layers.h"
#include "log.h"
#include "mountflags.h"
#include "source.h"
#include "syscalls.h"
#include "target.h"
#include "shared/closekeep.h"
#include "shared/writeall.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Attach a copy of the mounts at SOURCE, with the plan's flags on all of it. */
static int attach_with_flags(const struct plan_mount *m, int source, int target)
{
    int tree = syscall_clone_mount(source, true);
    if (tree < 0)
        return -1;
    uint64_t attr = mountflags_attr(m->flags);
    int result =
        (attr && syscall_set_attr(tree, attr, true) < 0) || syscall_attach_mount(tree, target) < 0
            ? -1
            : 0;
    close_keep(tree);
    return result;
}

/*
 * Mount one file: its directory is mounted out of sight, and only the file is attached to TARGET.
 * QEMU may not read the other files of that directory, because the host side forbids it.
 */
static int mount_ninep_file(struct root *root, const struct plan_mount *m, int target)
{
    char data[512], tag[64];
    const char *slash = strchr(m->source, '/');
    if (!slash || slash - m->source >= (long)sizeof tag)
        return failed_with(EINVAL, "mount %s: source %s is no file", m->target, m->source);
    snprintf(tag, sizeof tag, "%.*s", (int)(slash - m->source), m->source);
    source_ninep_options(data, sizeof data, m->flags & WIRE_MOUNT_CACHED, m->options);
    if (mount(tag, root->work, "9p", mountflags_mount(m->flags), data) < 0)
        return -1;
    int work = open(root->work, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int file = openat(work, slash + 1, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    int result = file < 0 ? -1 : attach_with_flags(m, file, target);
    close_keep(file);
    close_keep(work);
    syscall_unmount_keep(root->work);
    return result;
}

static int mount_ninep(struct root *root, const struct plan_mount *m, int target)
{
    if (m->flags & WIRE_MOUNT_FILE)
        return mount_ninep_file(root, m, target);
    char data[512];
    source_ninep_options(data, sizeof data, m->flags & WIRE_MOUNT_CACHED, m->options);
    return mount_at(target, m->source, "9p", mountflags_mount(m->flags), data);
}

/*
 * Put a private file that holds TEXT over the target; an empty one masks it. The file lies in a
 * tmpfs of its own, which is detached at once.
 */
static int mount_file(struct root *root, const struct plan_mount *m, int target, const char *text)
{
    if (mount("none", root->work, "tmpfs", MS_NOSUID | MS_NODEV, "size=256k") < 0)
        return -1;
    int work = open(root->work, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int file = openat(work, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    bool written = file >= 0 && write_all(file, text, strlen(text)) == 0;
    int tree = written ? syscall_clone_mount(file, false) : -1;
    int result = tree < 0 || syscall_set_attr(tree, mountflags_attr(m->flags), false) < 0 ||
                         syscall_attach_mount(tree, target) < 0
                     ? -1
                     : 0;
    close_keep(tree);
    close_keep(file);
    close_keep(work);
    syscall_unmount_keep(root->work);
    return result;
}

static int mount_text(struct root *root, const struct plan_mount *m, int target)
{
    return mount_file(root, m, target, m->source);
}

/* Note that mount points may be made in this mount. KEEP: it outlives a detach. */
static int remember_ours(struct root *root, const struct plan_mount *m, bool keep)
{
    int fd = path_open(root, m->target);
    if (fd < 0 || path_ours(root, fd) < 0 || (keep && kept_add(m->kind, m->target, fd) < 0))
        return -1;
    return m->flags & WIRE_MOUNT_READONLY ? path_layer(root, fd) : close(fd);
}

/*
 * A tmpfs stays writable for now even when it is to be read-only, because later mounts may need
 * mount points in it. make_readonly() ends that.
 */
static int mount_tmpfs(struct root *root, const struct plan_mount *m, int target)
{
    if (m->flags & WIRE_MOUNT_FILE)
        return mount_file(root, m, target, "");
    unsigned long flags = mountflags_mount(m->flags & ~WIRE_MOUNT_READONLY);
    int again = kept_attach(m->kind, m->target, target);
    if (again < 0 || (!again && mount_at(target, "none", "tmpfs", flags, m->options) < 0))
        return -1;
    return remember_ours(root, m, !again);
}

/* An overlay stays writable for now, too. */
static int mount_overlay(struct root *root, const struct plan_mount *m, int target)
{
    struct plan_mount writable = *m;
    writable.flags &= ~(uint32_t)WIRE_MOUNT_READONLY;
    return layers_mount(root, &writable, target) < 0 ? -1 : remember_ours(root, m, false);
}

static int mount_bind(struct root *root, const struct plan_mount *m, int target)
{
    int source = path_open(root, m->source);
    if (source < 0)
        return -1;
    int result = attach_with_flags(m, source, target);
    close_keep(source);
    return result;
}

static int mount_placed(struct root *root, const struct plan_mount *m, int target)
{
    int tree = source_placed_tree(root->fd, m->source);
    uint64_t attr = mountflags_attr(m->flags);
    int result = tree < 0 || syscall_attach_mount(tree, target) < 0 ||
                         (attr && syscall_set_attr(tree, attr, true) < 0)
                     ? -1
                     : 0;
    close_keep(tree);
    bool is_path = source_passed_tree(m->source) < 0;
    return result == 0 && is_path ? source_detach_place(root, m->source) : result;
}

static int mount_disk(struct root *root, const struct plan_mount *m, int target)
{
    (void)root;
    return disks_mount(m->source, m->options, mountflags_mount(m->flags), target);
}

/* WIRE_MOUNT_INCLUDE is not here, because it may need no mount point. */
static const struct {
    const char *name;
    int (*make)(struct root *root, const struct plan_mount *m, int target);
} kinds[] = {
    [WIRE_MOUNT_NINEP] = {"9p", mount_ninep},
    [WIRE_MOUNT_TMPFS] = {"tmpfs", mount_tmpfs},
    [WIRE_MOUNT_BIND] = {"bind", mount_bind},
    [WIRE_MOUNT_PLACED] = {"placed", mount_placed},
    [WIRE_MOUNT_TEXT] = {"text", mount_text},
    [WIRE_MOUNT_DISK] = {"disk", mount_disk},
    [WIRE_MOUNT_OVERLAY] = {"overlay", mount_overlay},
};

static int make_at(struct root *root, const struct plan_mount *m, int target)
{
    if (m->kind >= sizeof kinds / sizeof *kinds || !kinds[m->kind].make)
        return failed_with(EINVAL, "mount %s: no mount of kind %u", m->target, (unsigned)m->kind);
    if (kinds[m->kind].make(root, m, target) >= 0)
        return 0;
    return failed("mount %s (%s %.200s)", m->target, kinds[m->kind].name, m->source);
}

/* Only the sandbox's own root knows whether the source of a guest-bind is a file. */
static int note_type(const struct root *root, struct plan_mount *m)
{
    struct stat st;
    int source = path_open(root, m->source);
    if (source < 0 || fstat(source, &st) < 0)
        return failed("mounts: the source %s of a guest-bind", m->source);
    m->flags |= S_ISDIR(st.st_mode) ? 0u : (uint32_t)WIRE_MOUNT_FILE;
    return close(source);
}

static int make_planned(struct root *root, struct plan_mount *m)
{
    bool optional = m->flags & WIRE_MOUNT_OPTIONAL;
    if (m->kind == WIRE_MOUNT_INCLUDE)
        return include_make(root, m);
    if (m->kind == WIRE_MOUNT_BIND && note_type(root, m) < 0)
        return -1;
    int target = optional ? path_open(root, m->target)
                          : path_open_or_make(root, m->target, m->flags & WIRE_MOUNT_FILE);
    if (target < 0 && optional && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (target < 0)
        return failed("mount %s: the mount point is missing and cannot be made", m->target);
    int result = target_check(root, m, target) < 0 ? -1 : make_at(root, m, target);
    close(target);
    return result;
}

static int make_readonly(struct root *root)
{
    for (size_t i = 0; i < root->layer_count; i++) {
        if (syscall_set_attr(root->layers[i], ATTR_RDONLY, false) < 0)
            return failed("make a finished layer of the root read-only");
        close(root->layers[i]);
    }
    root->layer_count = 0;
    return 0;
}

static int make_hosts(struct root *root, const struct plan *plan)
{
    struct plan_mount m;
    if (!hostsfile_make(root, plan, &m))
        return 0;
    int result = make_planned(root, &m);
    free(m.source);
    return result;
}

int mounts_make(struct root *root, const struct plan *plan)
{
    if (make_hosts(root, plan) < 0)
        return -1;
    for (uint32_t i = 0; i < plan->mount_count; i++)
        if (make_planned(root, &plan->mounts[i]) < 0)
            return -1;
    include_done();
    return make_readonly(root);
}
