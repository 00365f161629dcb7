/* Mounts overlays over directories of the host (WIRE_MOUNT_OVERLAY). */
#define _GNU_SOURCE
#include "layers.h"

#include "kept.h"
#include "syscalls.h"
#include "mountflags.h"
#include "overlay.h"
#include "source.h"
#include "shared/closekeep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* The plan's options of one mount. */
struct layers {
    unsigned uid, gid;
    const char *upper; /* source of the tree that takes the writes; NULL: memory */
    char memory[64];   /* options of the tmpfs for the writes, or only for mount points */
    bool again;        /* an earlier plan has made that tmpfs */
};

static int parse_layers(const struct plan_mount *m, struct layers *l)
{
    int end = 0;
    if (sscanf(m->options, "uid=%u,gid=%u,%n", &l->uid, &l->gid, &end) != 2 || !end) {
        errno = EINVAL;
        return -1;
    }
    const char *rest = m->options + end;
    l->upper = strncmp(rest, "upper=", 6) == 0 ? rest + 6 : NULL;
    snprintf(l->memory, sizeof l->memory, "%s,mode=700", l->upper ? "size=64k" : rest);
    return 0;
}

/* Attach TREE, which is closed, as NAME in WORK. Returns a descriptor of it. */
static int attach_as(int work, const char *name, int tree)
{
    mkdirat(work, name, 0700);
    int point = openat(work, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = tree < 0 || point < 0 ? -1 : syscall_attach_mount(tree, point);
    close_keep(point);
    close_keep(tree);
    return result < 0 ? -1 : openat(work, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Mount the overlay. Its top belongs to the program's user, whoever owns the host's directory. */
static int put_together(int work, int lower, const struct layers *l, int store, int target,
                        unsigned long flags)
{
    struct overlay_dirs dirs = {
        .store = store, .upper = "upper", .work = "work", .kept = l->upper != NULL};
    if (!l->upper) {
        dirs.store = work;
        dirs.kept = dirs.own = l->again;
    }
    if (dirs.store < 0 || lower < 0 || overlay_make_dirs(&dirs, lower) < 0 ||
        fchownat(dirs.store, dirs.upper, l->uid, l->gid, 0) < 0)
        return -1;
    return overlay_mount_dirs(&dirs, lower, target, flags);
}

/* Mount the tmpfs of the overlay at root->work and open it. -1 and errno. */
static int mount_memory(struct root *root, const struct plan_mount *m, struct layers *l)
{
    int point = open(root->work, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int again = l->upper ? 0 : kept_attach(m->kind, m->target, point);
    close(point);
    if (again < 0 ||
        (!again && mount("none", root->work, "tmpfs", MS_NOSUID | MS_NODEV, l->memory) < 0))
        return -1;
    l->again = again;
    int work = open(root->work, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (work >= 0 && !l->upper && !again && kept_add(m->kind, m->target, work) < 0) {
        close_keep(work);
        return -1;
    }
    return work;
}

static int build_layers(struct root *root, const struct plan_mount *m, struct layers *l, int lower,
                        int upper, int target)
{
    int work = mount_memory(root, m, l);
    if (work < 0)
        return -1;
    int bottom = attach_as(work, "lower", lower);
    int store = l->upper ? attach_as(work, "store", upper) : -1;
    int result = put_together(work, bottom, l, store, target, mountflags_mount(m->flags));
    close_keep(store);
    close_keep(bottom);
    close_keep(work);
    syscall_unmount_keep(root->work);
    return result;
}

/* Open both trees before the tmpfs is mounted, because opening one needs root->work, too. */
int layers_mount(struct root *root, const struct plan_mount *m, int target)
{
    struct layers l;
    if (parse_layers(m, &l) < 0)
        return -1;
    int lower = source_tree(root, m->source);
    int upper = lower >= 0 && l.upper ? source_tree(root, l.upper) : -1;
    if (lower < 0 || (l.upper && upper < 0)) {
        close_keep(lower);
        return -1;
    }
    return build_layers(root, m, &l, lower, upper, target);
}
