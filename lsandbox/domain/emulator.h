/*
 * QEMU and how it is started: where it is, the launcher that libvirt runs as the domain's emulator
 * instead (launcher/launcher.c), and the jail file that tells the launcher what QEMU may touch.
 */
#ifndef LSANDBOX_DOMAIN_EMULATOR_H
#define LSANDBOX_DOMAIN_EMULATOR_H

#include <glib.h>
#include <sys/types.h>

#include "domain/xml/domainxml.h"
#include "host/cgroup.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/image.h"

/* The canonical path of the host's QEMU for x86-64. Caller frees. NULL with LSB_ERROR_NO_QEMU. */
char *lsb_emulator_qemu(GError **error);

/* The path of qboot, a firmware that starts fast; NULL: the host has none. Caller frees. */
char *lsb_emulator_firmware(void);

/*
 * The path to give libvirt as emulator: the launcher, in a directory of the cache that is named
 * after the identities of QEMU and of the launcher (libvirt's capability cache is keyed by path and
 * ctime, and would not see an upgrade of QEMU). The library that a QEMU loads when it starts from a
 * template lies beside the launcher, because QEMU's user may not be able to reach this
 * installation, such as a clone in root's home. Made when missing; safe with many processes at
 * once. Caller frees. NULL with LSB_ERRNO, LSB_ERROR_FAILED or LSB_ERROR_NOT_FOUND.
 */
char *lsb_emulator_launcher(const char *cache_dir, const char *qemu, GError **error);

/* The user that QEMU becomes by its jail when root starts it: never root. */
void lsb_emulator_user(const LsbDescription *d, uid_t *uid, gid_t *gid);

/*
 * For root: whether the user that QEMU becomes can open IMAGE to read it and, unless it is
 * read-only, to write it. TRUE for other users, whose QEMU runs as the user who has opened the
 * image already. Error: LSB_ERROR_NO_PERMISSION.
 */
gboolean lsb_emulator_check_image(const LsbImage *image, const LsbDescription *d, GError **error);

/* What goes into the jail file of one machine. Borrowed for the call. */
typedef struct {
    const LsbPlan *plan;
    LsbAccel accel;
    const char *launcher; /* lsb_emulator_launcher() */
    const char *keeper;   /* socket */
    const char *dir;      /* the sandbox's own directory, writable for QEMU */
    const char *libvirt;  /* where libvirt keeps its master keys */
    const char *kernel, *initrd, *firmware;
    LsbMemoryRole memory;    /* where QEMU gets its memory from */
    const char *memory_path; /* path of the memory, with LSB_MEMORY_TEMPLATE */
    const LsbGroups *groups; /* QEMU enters those that lsandbox has made */
} LsbJailParts;

/* Write the jail file to PATH (0600). */
gboolean lsb_emulator_write_jail(const char *path, const LsbJailParts *parts, GError **error);

#endif
