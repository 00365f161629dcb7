/* TODO: say what planoverlay is about. */
#ifndef LSANDBOX_PLAN_PLANOVERLAY_H
#define LSANDBOX_PLAN_PLANOVERLAY_H

#include <glib.h>

#include "recipe/description.h"

/* Whether the guest needs overlayfs: asked for, or a mount point is missing in the root. */
gboolean lsb_plan_needs_overlay(const LsbDescription *d);

/* Whether the root has to be an overlay for MOUNTS; whether one of them is one. */
gboolean lsb_plan_root_needs_overlay(const LsbDescription *d, GPtrArray *mounts);
gboolean lsb_plan_has_overlay(GPtrArray *mounts);

#endif
