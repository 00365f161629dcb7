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
