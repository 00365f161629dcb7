/*
 * The description: a recipe after validation, a plain structure with every default filled in.
 * Reading a recipe looks at the host only to check what the recipe names (paths, users); it starts
 * nothing and knows nothing of libvirt or Lua.
 */
#ifndef LSANDBOX_RECIPE_DESCRIPTION_H
#define LSANDBOX_RECIPE_DESCRIPTION_H

#include <glib.h>
#include <sys/types.h>

#include "recipe/driver.h"
#include "recipe/identity/rights.h"
#include "recipe/identity/securityfields.h"
#include "recipe/image.h"
#include "recipe/limitfields.h"
#include "recipe/network/network.h"
#include "recipe/qemufields.h"
#include "recipe/rlimits.h"
#include "recipe/value/value.h"

typedef enum { LSB_ACCEL_AUTO, LSB_ACCEL_KVM, LSB_ACCEL_TCG } LsbAccel;
typedef enum { LSB_TEMPLATE_AUTO, LSB_TEMPLATE_OFF, LSB_TEMPLATE_REQUIRE } LsbTemplateMode;
typedef enum { LSB_ROOT_READONLY, LSB_ROOT_OVERLAY } LsbRootMode;
typedef enum { LSB_HOME_PRIVATE, LSB_HOME_HOST, LSB_HOME_DIRECTORY } LsbHome;
/* Not set: whoever runs the recipe's program decides by its own terminal. */
typedef enum { LSB_TTY_NOT_SET, LSB_TTY_NO, LSB_TTY_YES } LsbTty;
typedef enum {
    LSB_MOUNT_BIND,
    LSB_MOUNT_RAM,
    LSB_MOUNT_GUEST_BIND,
    LSB_MOUNT_OVERLAY,
    LSB_MOUNT_IMAGE
} LsbMountType;

typedef struct {
    LsbMountType type;
    guint number;       /* in the recipe, from 1 */
    char *source;       /* absolute; NULL for ram */
    char *target;       /* absolute, in the sandbox */
    char *upper;        /* overlay: host directory that keeps the writes; NULL: memory */
    gboolean temporary; /* a bind of a host directory that lives with the sandbox */
    gboolean is_file;
    gboolean readonly, nosuid, nodev, noexec;
    guint64 size;   /* bytes; ram, and overlay in memory. 0: half of the memory */
    guint64 inodes; /* ram; 0: as many as the kernel gives */
    int mode;       /* ram: of the directory; -1: 01777 */
    LsbImage image; /* image only; its source is a copy */
} LsbMount;

/* A disk of the sandbox, not mounted: /dev/disk/by-tag/TAG. */
typedef struct {
    char *tag;
    LsbImage image;
} LsbDisk;

/* A copy of a file or tree of the host, made before the start. */
typedef struct {
    char *source; /* absolute; what it is is looked at when it is copied */
    char *target; /* absolute, in the sandbox */
    gboolean is_dir;
    int mode; /* permission bits of the top; -1: the source's */
} LsbInclude;

/* Who a program is inside the sandbox. */
typedef struct {
    uid_t uid;
    gid_t gid;
    GArray *groups; /* gid_t, supplementary */
    char *name;     /* login name; the number where there is none */
    char *home;     /* home directory inside the sandbox */
} LsbIdentity;

typedef struct _LsbDescription LsbDescription;

struct _LsbDescription {
    char **command; /* argument vector, NULL when the recipe has none */
    char *name;
    char *uuid; /* generated */
    char *uri;
    LsbDriver driver;  /* which libvirt the URI leads to (driver.h) */
    gboolean is_local; /* and whether that is on this host */
    LsbKind kind;
    LsbAccel accel;
    LsbTemplateMode template;
    char *root; /* absolute, canonical; where it is an image: the file's path */
    gboolean root_is_image;
    LsbImage root_image;
    LsbRootMode root_mode;
    char *overlay; /* host directory that keeps what is written over the root; NULL: memory does */
    LsbImage overlay_image; /* the file in it; where OVERLAY is */
    LsbHome home;
    char *home_source; /* host directory; for LSB_HOME_DIRECTORY */
    GPtrArray *mounts; /* LsbMount, in the order in which they are made */
    LsbNetwork network;
    GPtrArray *disks;    /* LsbDisk */
    GPtrArray *includes; /* LsbInclude, what holds others first */
    char *scratch;       /* host directory that lives with the sandbox; NULL: it needs none */
    char **env;          /* "NAME=value", the whole environment */
    char *cwd;
    char *hostname, *domainname, *timezone;
    LsbIdentity *identity;
    LsbRights rights;
    LsbSecurity security;
    LsbRlimits rlimits;
    guint64 memory; /* bytes */
    guint vcpus;
    guint max_vcpus;      /* how many it may get while it runs; at least VCPUS */
    guint64 overlay_size; /* bytes of what is written over the root; 0: the usual */
    LsbTuning tuning;
    double timeout;      /* seconds; 0: none */
    double idle_timeout; /* seconds without a word over the relay; 0: none */
    double boot_timeout; /* seconds; 0: the usual for the kind */
    guint64 max_output;  /* bytes of each captured stream */
    char *kernel_version, *kernel_path, *kernel_modules, *kernel_cmdline;
    char **kernel_extra_modules;
    GBytes *input;        /* stdin of the recipe's own program, or NULL */
    LsbTty tty;           /* of the recipe's own program */
    guint rows, cols;     /* 0: not said */
    GPtrArray *extra_env; /* what the recipe's env adds: "NAME=value" */
    LsbQemu qemu;
    GPtrArray *devices; /* LsbDevice; NULL: none */
    LsbGraphics graphics;
    GPtrArray *labels; /* LsbLabel; NULL: none */
    LsbValue *recipe;  /* what it was read from */
};

/*
 * Read a recipe. The error, LSB_ERROR_INVALID, names the field with its full path, what was
 * expected and what came: `mounts[2].target: expected absolute path, got "tmp"`. Caller frees.
 */
LsbDescription *lsb_description_new(const LsbValue *recipe, GError **error);
void lsb_description_free(LsbDescription *d);

/* The directory of the host that holds the root's passwd and group; NULL: the host has no such. */
const char *lsb_description_users(const LsbDescription *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbDescription, lsb_description_free)

#endif
