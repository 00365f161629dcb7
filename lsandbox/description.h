/*
 * The description: a recipe after validation, a plain structure with every default filled in.
 * Reading a recipe looks at the host only to check what the recipe names (paths, users); it starts
 * nothing and knows nothing of libvirt or Lua.
 */
#ifndef LSANDBOX_DESCRIPTION_H
#define LSANDBOX_DESCRIPTION_H

#include <glib.h>
#include <sys/types.h>

#include "value.h"

#define LSB_URI_EMBED "qemu:///embed"

typedef enum { LSB_MACHINE, LSB_CONTAINER } LsbKind;
typedef enum { LSB_ACCEL_AUTO, LSB_ACCEL_KVM, LSB_ACCEL_TCG } LsbAccel;
typedef enum { LSB_ROOT_READONLY, LSB_ROOT_OVERLAY } LsbRootMode;
typedef enum { LSB_HOME_PRIVATE, LSB_HOME_HOST, LSB_HOME_DIRECTORY } LsbHome;
typedef enum { LSB_MOUNT_BIND, LSB_MOUNT_RAM, LSB_MOUNT_GUEST_BIND } LsbMountType;
typedef enum { LSB_STDIO_PIPE, LSB_STDIO_NULL, LSB_STDIO_INHERIT } LsbStdio;

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
    guint64 memory; /* bytes */
    guint vcpus;
    double timeout;      /* seconds; 0: none */
    double boot_timeout; /* seconds; 0: the usual for the kind */
    guint64 max_output;  /* bytes of each captured stream */
    char *kernel_version, *kernel_path, *kernel_modules, *kernel_cmdline;
    char **kernel_extra_modules;
    GBytes *input;        /* stdin of the recipe's own program, or NULL */
    GPtrArray *extra_env; /* what the recipe's env adds: "NAME=value" */
} LsbDescription;

/*
 * Read a recipe. The error, LSB_ERROR_INVALID, names the field with its full path, what was
 * expected and what came: `mounts[2].target: expected absolute path, got "tmp"`. Caller frees.
 */
LsbDescription *lsb_description_new(const LsbValue *recipe, GError **error);
void lsb_description_free(LsbDescription *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbDescription, lsb_description_free)

/* What to run in a sandbox: the recipe's own fields are the defaults. */
typedef struct {
    char **argv;
    char **env;
    char *cwd;
    LsbIdentity *identity;
    gboolean privileged;
    LsbStdio stdio[3];
    GBytes *input;  /* stdin given as a string, or NULL */
    double timeout; /* seconds; 0: none */
    gboolean files; /* the guest init's own file service (WIRE_SPAWN_FILES), no program */
} LsbProgramSpec;

/*
 * Read a program's table (`{ "sort", "-u", stdin = "pipe", env = {...} }`), defaults from D.
 * TABLE NULL means the recipe's own command. DEFAULTS are the three stdio modes where the table
 * does not say. Errors as above.
 */
LsbProgramSpec *lsb_program_spec_new(const LsbDescription *d, const LsbValue *table,
                                     const LsbStdio defaults[3], GError **error);
void lsb_program_spec_free(LsbProgramSpec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbProgramSpec, lsb_program_spec_free)

#endif
