/*
 * The plan: what follows from a description without asking libvirt. What the host exports to the
 * sandbox, and the guest plan that the guest init carries out (shared/wire.h has its fields).
 */
#ifndef LSANDBOX_PLAN_PLAN_H
#define LSANDBOX_PLAN_PLAN_H

#include <glib.h>

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

/*
 * Seconds that leases may take. dnsmasq asks for 3 s whether somebody has the address already; the
 * rest is for hosts that are busy. Less than a start may take.
 */
enum { LSB_LEASE_SECONDS = 15 };

/*
 * The guest plan's bytes.
 * SOURCES: for a container, what stands for each export's tag ("fd:5", a path), then for each image
 * that is mounted, the root first; NULL for a machine: the tags and serial numbers themselves.
 * SILENCE: seconds that no lease can come in, at first.
 */
GBytes *lsb_plan_guest(const LsbDescription *d, char **sources, guint silence);

#endif
