/*
 * The description of a sandbox: a recipe after validation, as a plain structure with every default
 * filled in. Reading a recipe looks at the host only to check the paths and users that the recipe
 * names. It starts nothing, and knows neither libvirt nor Lua.
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
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

typedef enum { LSB_ACCEL_AUTO, LSB_ACCEL_KVM, LSB_ACCEL_TCG } LsbAccel;
typedef enum { LSB_TEMPLATE_AUTO, LSB_TEMPLATE_OFF, LSB_TEMPLATE_REQUIRE } LsbTemplateMode;
typedef enum { LSB_ROOT_READONLY, LSB_ROOT_OVERLAY } LsbRootMode;
typedef enum { LSB_HOME_PRIVATE, LSB_HOME_HOST, LSB_HOME_DIRECTORY } LsbHome;
/* Not set: the caller of the recipe's program decides by whether it has a terminal itself. */
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
    guint number;       /* its place in the recipe, from 1 */
    char *source;       /* absolute; NULL for ram */
    char *target;       /* absolute, in the sandbox */
    char *upper;        /* overlay: host directory that keeps the writes; NULL: memory keeps them */
    gboolean temporary; /* bind: of a directory that is made for the sandbox and goes with it */
    gboolean is_file;
    gboolean readonly, nosuid, nodev, noexec;
    guint64 size;   /* ram, and overlay in memory: bytes; 0: half of the memory */
    guint64 inodes; /* ram; 0: the kernel's default */
    int mode;       /* ram: mode of the directory; -1: 01777 */
    LsbImage image; /* image only; its source is a copy of SOURCE */
} LsbMount;

/* A disk of the sandbox that is not mounted: /dev/disk/by-tag/TAG inside. */
typedef struct {
    char *tag;
    LsbImage image;
} LsbDisk;

/* A file or tree of the host that is copied before the start. */
typedef struct {
    char *source; /* absolute; its type is looked at again when it is copied */
    char *target; /* absolute, in the sandbox */
    gboolean is_dir;
    int mode; /* permission bits of the target; -1: those of the source */
} LsbInclude;

/* The user that a program runs as inside the sandbox. */
typedef struct {
    uid_t uid;
    gid_t gid;
    GArray *groups; /* gid_t, supplementary */
    char *name;     /* login name; the number of a user without one */
    char *home;     /* home directory inside the sandbox */
} LsbIdentity;

typedef struct _LsbDescription LsbDescription;

struct _LsbDescription {
    char **command; /* argument vector; NULL: the recipe has none */
    char *name;
    char *uuid; /* random */
    char *uri;
    LsbDriver driver;  /* which libvirt the URI leads to (driver.h) */
    gboolean is_local; /* and whether that is on this host */
    LsbKind kind;
    LsbAccel accel;
    LsbTemplateMode template_mode;
    char *root; /* a directory of the host or a disk image; absolute, canonical */
    gboolean root_is_image;
    LsbImage root_image;
    LsbRootMode root_mode;
    char *overlay; /* host directory that keeps the writes over the root; NULL: memory keeps them */
    LsbImage overlay_image; /* the image file in OVERLAY */
    LsbHome home;
    char *home_source; /* the host directory; NULL: LSB_HOME_PRIVATE */
    GPtrArray *mounts; /* LsbMount, in the order in which the guest init makes them */
    LsbNetwork network;
    GPtrArray *disks;    /* LsbDisk */
    GPtrArray *includes; /* LsbInclude, a tree before the targets inside it */
    char *scratch;       /* host directory that goes with the sandbox; NULL: it needs none */
    char **env;          /* "NAME=value", the whole environment */
    char *cwd;
    char *hostname, *domainname, *timezone;
    LsbIdentity *identity;
    LsbRights rights;
    LsbSecurity security;
    LsbRlimits rlimits;
    guint64 memory; /* bytes */
    guint vcpus;
    guint max_vcpus;      /* how many processors it may be given while it runs; at least VCPUS */
    guint64 overlay_size; /* most bytes of writes over the root; 0: the default */
    LsbTuning tuning;
    double timeout;      /* seconds of the sandbox's life (sandbox/timeouts.c); 0: no limit */
    double idle_timeout; /* seconds without a frame over the relay; 0: no limit */
    double boot_timeout; /* seconds; 0: the default of the kind */
    guint64 max_output;  /* most bytes of each captured stream */
    char *kernel_version, *kernel_path, *kernel_modules, *kernel_cmdline;
    char **kernel_extra_modules;
    GBytes *input;        /* stdin of the recipe's own program, or NULL */
    LsbTty tty;           /* of the recipe's own program */
    guint rows, cols;     /* 0: not set */
    GPtrArray *extra_env; /* the recipe's env and its timezone: "NAME=value" */
    LsbQemu qemu;
    GPtrArray *devices; /* LsbDevice; NULL: none */
    LsbGraphics graphics;
    GPtrArray *labels; /* LsbLabel; NULL: none */
    LsbValue *recipe;  /* the recipe that was read */
};

/* The fields that a recipe may have, ended by a NULL name. */
extern const LsbField lsb_recipe_fields[];

/*
 * Read RECIPE. Caller frees. NULL with LSB_ERROR_INVALID, whose message names the full path of the
 * field, what was expected and what came: `mounts[2].target: expected absolute path, got "tmp"`.
 */
LsbDescription *lsb_description_new(const LsbValue *recipe, GError **error);
void lsb_description_free(LsbDescription *d);

/* The host directory whose etc/ has the root's passwd and group; NULL: the root is an image. */
const char *lsb_description_users(const LsbDescription *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbDescription, lsb_description_free)

#endif
