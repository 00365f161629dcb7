/*
 * The images of a sandbox in the order in which it gets them: its root, what keeps the writes over
 * that, its image mounts, its disks. What follows from that for libvirt and for the guest plan.
 */
#ifndef LSANDBOX_PLAN_DISKS_H
#define LSANDBOX_PLAN_DISKS_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/image.h"

/* Of the disk that keeps what a machine writes over its root. */
#define LSB_OVERLAY_SERIAL "+overlay"

typedef struct {
    /*
     * How libvirt calls the disk: "vda", "vdb" ... in the domain XML's <target dev=''/>, for
     * virDomainBlockStats() and virDomainSetBlockIoTune(). A machine's kernel may name it
     * otherwise; its guest init finds it by its serial number. NULL for what is no disk of the
     * domain: what a container's host mounts.
     */
    char *dev;
    char *serial;          /* machine: the tag, or "+root", "+1" ..., which no tag can be */
    const LsbMount *mount; /* mounted there; or NULL */
    const LsbDisk *disk; /* to be opened by programs; or NULL. Neither: the root, or its overlay */
    const LsbImage *image; /* borrowed from the description, as are the above */
} LsbDiskPlan;

/* Of LsbDiskPlan; caller unrefs. */
GPtrArray *lsb_disks_of(const LsbDescription *d);

/* Whether any image is to be written to. */
gboolean lsb_disks_any_writable(const LsbDescription *d);

/* Names of the modules that a machine needs for its disks, NULL-terminated; empty for none. strv */
char **lsb_disks_modules(const LsbDescription *d);

#endif
