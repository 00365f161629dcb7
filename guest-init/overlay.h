/*
 * Overlays in memory: what is written vanishes with the sandbox.
 */
#ifndef LSANDBOX_INIT_OVERLAY_H
#define LSANDBOX_INIT_OVERLAY_H

#include "path.h"
#include "plan.h"

/*
 * Mount a tmpfs of SIZE bytes (0: the kernel's usual) at root->work to hold what is written, with a
 * directory "root" in it; WORK gets its descriptor. -1: see failure_text().
 */
int overlay_prepare(const struct root *root, uint64_t size, int *work);

/* Where an overlay's writes go. */
struct overlay_dirs {
    int store;
    const char *upper, *work; /* directories in it */
    bool kept;                /* they were there before, and will be */
    bool own;                 /* on a file system that nobody else has mounted */
};

/* Make them where they are missing; where the upper one is fresh, the overlay's
 * top gets LOWER's mode and owner. -1 and errno. */
int overlay_make_dirs(const struct overlay_dirs *dirs, int lower);

/* Put the overlay over LOWER onto TARGET. FLAGS as for mount(2). -1 and errno. */
int overlay_mount_dirs(const struct overlay_dirs *dirs, int lower, int target, unsigned long flags);

/* An overlay of what LOWER is onto what TARGET is (both O_PATH directories). */
int overlay_mount(int work, int lower, int target);

/*
 * Put together at TARGET the whole tree that SOURCE shows, mounts included,
 * in overlays where that can be done and read-only where it cannot. SKIP: directories to leave
 * empty, NULL at the end. The directories above a mount point of PLAN that is missing are made so
 * that it can be made in them.
 */
int overlay_tree(struct root *root, int work, const char *source, int target,
                 const char *const *skip, const struct plan *plan);

#endif
