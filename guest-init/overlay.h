/*
 * Overlays: writes over a read-only tree go to memory, and vanish with the sandbox, or to a
 * directory that is kept.
 */
#ifndef LSANDBOX_INIT_OVERLAY_H
#define LSANDBOX_INIT_OVERLAY_H

#include "path.h"
#include "plan.h"

/*
 * Mount a tmpfs of SIZE bytes (0: the kernel's default) for the writes at root->work, with a
 * directory "root" in it. WORK gets its descriptor. -1, with failure_text().
 */
int overlay_prepare(const struct root *root, uint64_t size, int *work);

/* Where an overlay's writes go. */
struct overlay_dirs {
    int store;
    const char *upper, *work; /* directories in it */
    bool kept;                /* they may be there already, and outlive the overlay */
    bool own;                 /* they are on a filesystem that only this guest has mounted */
};

/*
 * Make the directories that are missing. Where the upper one is fresh, it gets LOWER's mode and
 * owner, and so does the top of the overlay. -1 and errno.
 */
int overlay_make_dirs(const struct overlay_dirs *dirs, int lower);

/* Mount the overlay over LOWER on TARGET. FLAGS as for mount(2). -1 and errno. */
int overlay_mount_dirs(const struct overlay_dirs *dirs, int lower, int target, unsigned long flags);

/* The same with new directories in WORK. LOWER and TARGET are O_PATH directories. -1 and errno. */
int overlay_mount(int work, int lower, int target);

/*
 * Put together at TARGET the whole tree at SOURCE, mounts included: by overlays where the kernel
 * allows them, and read-only where it does not. SKIP names directories to leave empty, NULL at the
 * end. Missing mount points of PLAN can be made in the result. -1, with failure_text().
 */
int overlay_tree(struct root *root, int work, const char *source, int target,
                 const char *const *skip, const struct plan *plan);

#endif
