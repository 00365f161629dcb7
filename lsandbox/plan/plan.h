/*
 * The plan: what follows from a description without asking libvirt. What the host exports to the
 * sandbox, and the guest plan that the guest init carries out (shared/wire.h has its fields).
 */
#ifndef LSANDBOX_PLAN_H
#define LSANDBOX_PLAN_H

#include <glib.h>

#include "shared/wire.h"
#include "recipe/description.h"

/*
 * A host tree that the sandbox gets: the root first, the home, those of the mounts in order, and
 * what is included.
 */
typedef struct {
    char *tag;  /* 9p mount tag: "lsb0" for the root, "lsb1" ... */
    char *path; /* host path; a file where IS_FILE */
    gboolean readonly;
    gboolean is_file;
    gboolean is_mapped; /* machine: owners and modes are the guest's own affair */
    gboolean is_upper;  /* keeps the writes of an overlay: "upper" and "work" are in it */
    gboolean is_lower; /* below an overlay, which shows one file system: without the mounts in it */
    gboolean is_ours;  /* made for this sandbox, and its user's already */
} LsbExport;

GPtrArray *lsb_plan_exports(const LsbDescription *d); /* of LsbExport; caller unrefs */

/*
 * Seconds that leases may take. dnsmasq asks for 3 s whether somebody has the address already; the
 * rest is for hosts that are busy. Less than a start may take.
 */
enum { LSB_LEASE_SECONDS = 15 };

/* Host paths below the root that no sandbox may see by its root: homes, and what is private or
 * virtual. */
char **lsb_plan_hidden(const LsbDescription *d);

/*
 * The guest plan's bytes.
 * SOURCES: for a container, what stands for each export's tag ("fd:5", a path), then for each image
 * that is mounted, the root first; NULL for a machine: the tags and serial numbers themselves.
 * SILENCE: seconds that no lease can come in, at first.
 */
GBytes *lsb_plan_guest(const LsbDescription *d, char **sources, guint silence);

/* Whether the guest needs overlayfs: asked for, or a mount point is missing in the root. */
gboolean lsb_plan_needs_overlay(const LsbDescription *d);

/*
 * Where in DIRECTORY, which the recipe names, a container keeps the writes of an overlay: in a form
 * of its own, which another kind would not read. Caller frees.
 */
char *lsb_plan_upper(const char *directory);

/* The directory of what is included, and the name in it of number INDEX. Caller frees. */
char *lsb_plan_include_dir(const LsbDescription *d);
char *lsb_plan_include_name(guint index);

#endif
