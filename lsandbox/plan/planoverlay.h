/* Whether a plan's guest needs overlayfs, which costs the guest a kernel module and time. */
#ifndef LSANDBOX_PLAN_PLANOVERLAY_H
#define LSANDBOX_PLAN_PLANOVERLAY_H

#include <glib.h>

#include "recipe/description.h"

/*
 * Whether the root has to be an overlay: the recipe asks for it, or the root lacks the mount point
 * of one of MOUNTS (LsbGuestMount).
 */
gboolean lsb_plan_root_needs_overlay(const LsbDescription *d, GPtrArray *mounts);

/* Whether one of MOUNTS is an overlay. */
gboolean lsb_plan_has_overlay(GPtrArray *mounts);

#endif
