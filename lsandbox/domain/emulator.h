/*
 * QEMU and how we start it: where it is, the launcher that stands in for it as the domain's
 * emulator (launcher/launcher.c), and the jail file that tells the launcher what QEMU may touch.
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

/* The QEMU of this host for x86_64 machines, canonical. Error: LSB_ERROR_NO_QEMU. Caller frees. */
char *lsb_emulator_qemu(GError **error);

/* QEMU's fast firmware, or NULL where the distribution ships none. Caller frees. */
char *lsb_emulator_firmware(void);

/*
 * The path to give libvirt as emulator: the launcher, in a directory of the cache named after
 * QEMU's and the launcher's identity (libvirt's capability cache is keyed by path and ctime, and
 * would not see an upgrade of QEMU). Beside it lies what a QEMU that starts from a template loads:
 * QEMU's user may not reach where we are, such as a clone in root's home. Made when missing; safe
 * with many processes at once. Caller frees.
 */
char *lsb_emulator_launcher(const char *cache_dir, const char *qemu, GError **error);

/* Who QEMU becomes by its jail when root starts it: never root. */
void lsb_emulator_user(const LsbDescription *d, uid_t *uid, gid_t *gid);

/*
 * Whether the user that QEMU becomes when root starts it can open the image as it is to be used.
 * Who is not root has opened it already. Error: LSB_ERROR_NO_PERMISSION.
 */
gboolean lsb_emulator_check_image(const LsbImage *image, const LsbDescription *d, GError **error);

/* What the jail of one machine is made from. Borrowed for the call. */
typedef struct {
    const LsbPlan *plan;
    LsbAccel accel;
    const char *launcher; /* lsb_emulator_launcher() */
    const char *keeper;   /* socket */
    const char *dir;      /* the sandbox's own directory, writable for QEMU */
    const char *libvirt;  /* where libvirt keeps its master keys */
    const char *kernel, *initrd, *firmware;
    LsbMemoryRole memory;    /* what the launcher passes on */
    const char *template;    /* with LSB_MEMORY_TEMPLATE: its memory */
    const LsbGroups *groups; /* QEMU enters those that are ours */
} LsbJailParts;

/* Write the jail file to PATH (0600). */
gboolean lsb_emulator_write_jail(const char *path, const LsbJailParts *parts, GError **error);

#endif
