/*
 * The plan: what follows from a description without asking libvirt. Which trees and images of the
 * host the sandbox gets and by which names, what the guest init mounts, and which paths of the host
 * stay hidden. It is made once for each start. The domain XML, the container, QEMU's jail and the
 * guest plan (guestplan.h) all read it, and so agree.
 */
#ifndef LSANDBOX_PLAN_PLAN_H
#define LSANDBOX_PLAN_PLAN_H

#include <glib.h>

#include "recipe/description.h"
#include "recipe/image.h"

/* How the trees of the host get into the sandbox. */
typedef enum {
    LSB_PASS_TAGS,        /* machine: QEMU serves each over 9p, under a mount tag */
    LSB_PASS_DESCRIPTORS, /* container of root: as descriptors of detached mount trees */
    LSB_PASS_PATHS,       /* container of another user: libvirt mounts each at a path of /dev */
} LsbPassing;

/* The numbers that a container's init has its descriptors under: libvirt counts from 3. */
enum {
    LSB_FD_RELAY = 3,
    LSB_FD_INIT, /* the guest init's binary */
    LSB_FD_TREES,
};

/* What an export is for. */
typedef enum {
    LSB_EXPORT_ROOT,
    LSB_EXPORT_HOME,
    LSB_EXPORT_BIND,     /* the source of a bind mount */
    LSB_EXPORT_LOWER,    /* the source of an overlay, without the mounts in it */
    LSB_EXPORT_UPPER,    /* keeps the writes of an overlay: "upper" and "work" are in it */
    LSB_EXPORT_INCLUDES, /* the copies of what the recipe includes */
} LsbExportRole;

/* A host tree that the sandbox gets. */
typedef struct {
    LsbExportRole role;
    const LsbMount *mount; /* of BIND, LOWER and UPPER; borrowed */
    char *path;            /* on the host; a file where IS_FILE */
    char *name;            /* in the domain XML and the guest plan: "lsb0", "fd:5", a path */
    int descriptor;        /* with LSB_PASS_DESCRIPTORS, its number; else -1 */
    gboolean readonly;
    gboolean is_file;
    gboolean is_mapped;  /* machine: 9p keeps the guest's owners and modes in attributes */
    gboolean is_scratch; /* made for this sandbox, and owned by its user already */
} LsbExport;

/* What an image is for. */
typedef enum {
    LSB_DISK_ROOT,
    LSB_DISK_OVERLAY, /* keeps what a machine writes over its root */
    LSB_DISK_MOUNT,   /* the source of an image mount */
    LSB_DISK_RAW,     /* not mounted: programs open it as /dev/disk/by-tag/TAG */
} LsbDiskRole;

/* An image that the sandbox gets. */
typedef struct {
    LsbDiskRole role;
    const LsbImage *image; /* this and the next two are borrowed from the description */
    const LsbMount *mount; /* of MOUNT */
    const LsbDisk *disk;   /* of RAW */
    /*
     * How libvirt calls the disk: "vda", "vdb" ... in the domain XML's <target dev=''/>, for
     * virDomainBlockStats() and virDomainSetBlockIoTune(). A machine's kernel may name the disk
     * otherwise; its guest init finds it by its serial number. NULL for an image that the host
     * mounts for a container, because that is no disk of the domain.
     */
    char *dev;
    char *serial;   /* the disk's tag, or "+root", "+overlay", "+1" ..., which no tag can be */
    char *name;     /* in the guest plan: a machine's serial, "fd:6", a container's dev */
    int descriptor; /* of an image that the host mounts for a container, its number; else -1 */
} LsbPlanDisk;

/* One mount of the guest plan; the fields of shared/wire.h. */
typedef struct {
    guint32 kind, flags;
    char *source, *target, *options;
} LsbGuestMount;

typedef struct {
    const LsbDescription *description; /* borrowed */
    LsbPassing passing;
    GPtrArray *exports;       /* LsbExport: the root first, the home, the mounts' in order */
    GPtrArray *disks;         /* LsbPlanDisk: root, overlay, the mounts' in order, disks */
    GPtrArray *mounts;        /* LsbGuestMount, in the order in which the guest init makes them */
    char **hidden;            /* host paths that no sandbox may see by its root (planexports.h) */
    gboolean root_overlay;    /* the guest's root has to be an overlay */
    gboolean needs_overlayfs; /* that, or an overlay mount */
    gboolean writes_images;   /* the sandbox can write to at least one image */
    int descriptors;          /* one more than the last descriptor's number */
} LsbPlan;

/* Looks at the host's root for missing mount points. D has to live as long as the plan. */
LsbPlan *lsb_plan_new(const LsbDescription *d, LsbPassing passing);
void lsb_plan_free(LsbPlan *plan); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbPlan, lsb_plan_free)

/*
 * The export or the image of that role, and of MOUNT where the role has one (else NULL); borrowed.
 * NULL: the plan has none.
 */
const LsbExport *lsb_plan_export(const LsbPlan *plan, LsbExportRole role, const LsbMount *mount);
const LsbPlanDisk *lsb_plan_disk(const LsbPlan *plan, LsbDiskRole role, const LsbMount *mount);

#endif
