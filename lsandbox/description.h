/*
 * The description: a recipe after validation, a plain structure with every default filled in.
 * Reading a recipe looks at the host only to check what the recipe names (paths, users); it starts
 * nothing and knows nothing of libvirt or Lua.
 */
#ifndef LSANDBOX_DESCRIPTION_H
#define LSANDBOX_DESCRIPTION_H

#include <glib.h>
#include <sys/types.h>

#include "labelfields.h"
#include "qemufields.h"
#include "rlimits.h"
#include "value.h"

#define LSB_URI_EMBED "qemu:///embed"

typedef enum { LSB_MACHINE, LSB_CONTAINER } LsbKind;
typedef enum { LSB_ACCEL_AUTO, LSB_ACCEL_KVM, LSB_ACCEL_TCG } LsbAccel;
typedef enum { LSB_ROOT_READONLY, LSB_ROOT_OVERLAY } LsbRootMode;
typedef enum { LSB_HOME_PRIVATE, LSB_HOME_HOST, LSB_HOME_DIRECTORY } LsbHome;
/* Not set: whoever runs the recipe's program decides by its own terminal. */
typedef enum { LSB_TTY_NOT_SET, LSB_TTY_NO, LSB_TTY_YES } LsbTty;
typedef enum { LSB_MOUNT_BIND, LSB_MOUNT_RAM, LSB_MOUNT_GUEST_BIND } LsbMountType;

typedef struct {
    LsbMountType type;
    char *source; /* absolute; NULL for ram */
    char *target; /* absolute, in the sandbox */
    gboolean is_file;
    gboolean readonly, nosuid, nodev, noexec;
    guint64 size; /* bytes; ram only, 0: half of the memory */
} LsbMount;

/* Who a program is inside the sandbox. */
typedef struct {
    uid_t uid;
    gid_t gid;
    GArray *groups; /* gid_t, supplementary */
    char *name;     /* login name; the number where there is none */
    char *home;     /* home directory inside the sandbox */
} LsbIdentity;

typedef struct {
    char **command; /* argument vector, NULL when the recipe has none */
    char *name;
    char *uuid; /* generated */
    char *uri;
    LsbKind kind;
    LsbAccel accel;
    char *root; /* absolute, canonical */
    LsbRootMode root_mode;
    LsbHome home;
    char *home_source; /* host directory; for LSB_HOME_DIRECTORY */
    GPtrArray *mounts; /* LsbMount */
    char **env;        /* "NAME=value", the whole environment */
    char *cwd;
    char *hostname;
    LsbIdentity *identity;
    gboolean privileged;
    LsbRlimits rlimits;
    guint64 memory; /* bytes */
    guint vcpus;
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
} LsbDescription;

/*
 * Read a recipe. The error, LSB_ERROR_INVALID, names the field with its full path, what was
 * expected and what came: `mounts[2].target: expected absolute path, got "tmp"`. Caller frees.
 */
LsbDescription *lsb_description_new(const LsbValue *recipe, GError **error);
void lsb_description_free(LsbDescription *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbDescription, lsb_description_free)

#endif
