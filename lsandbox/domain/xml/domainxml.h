/* The domain XML: a plan and the parts that the host found, as libvirt wants them. */
#ifndef LSANDBOX_DOMAIN_XML_DOMAINXML_H
#define LSANDBOX_DOMAIN_XML_DOMAINXML_H

#include <glib.h>

#include "domain/xml/securityxml.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/identity/idmap.h"

/*
 * The id of the QEMU object that is the machine's memory, where QEMU does not allocate the memory
 * itself. QEMU uses it as the name of the memory's block in a saved state.
 */
#define LSB_MEMORY_ID "lsandbox.ram"

/* Where QEMU gets a machine's memory from. */
typedef enum {
    LSB_MEMORY_OWN,      /* QEMU allocates it */
    LSB_MEMORY_NEW,      /* a memfd from the launcher (shared/memoryfd.h), for a new template */
    LSB_MEMORY_TEMPLATE, /* a template's file; the state of the devices comes over the monitor */
} LsbMemoryRole;

/* What is not in the recipe. Borrowed for the call; what a kind does not use is NULL. */
typedef struct {
    /* machine */
    LsbAccel accel;       /* KVM or TCG */
    const char *emulator; /* NULL: libvirt's own choice */
    const char *firmware; /* file for -bios; NULL: QEMU's default */
    const char *kernel, *initrd;
    guint tsc_khz;        /* TCG: the rate of the host's time stamp counter; 0: not known */
    char **modules;       /* to load from the initrd's /modules for this recipe; or NULL */
    const char *relay;    /* unix socket that QEMU listens on; NULL: libvirt chooses */
    const char *console;  /* file for the boot console; NULL: a pty */
    const char *jail;     /* the launcher's LSANDBOX_JAIL; NULL: no launcher */
    const char *display;  /* unix socket of the graphics; NULL: none, or TCP */
    LsbMemoryRole memory; /* where QEMU has the machine's memory */
    gboolean shape;       /* write only what all machines that share a template have in common */
    gboolean no_label;    /* the driver has no security driver */
    gboolean own_groups;  /* lsandbox makes QEMU's control groups */
    const LsbSeclabel *seclabel; /* both kinds; NULL: none */
    /* container */
    const char *skeleton; /* directory that becomes the container's first root */
    const char *init;     /* path of the init inside */
    LsbIdMap uids, gids;  /* empty: no user namespace */
    GHashTable *devices;  /* LsbPlanDisk -> path of a block device (diskxml.h); NULL: none yet */
} LsbDomainParts;

/* The domain XML of PLAN and PARTS. Caller frees. Never fails. */
char *lsb_domain_xml(const LsbPlan *plan, const LsbDomainParts *parts);

/* Which fields of the recipe reach past lsandbox into QEMU: bits of LsbTaint (metadata.h). */
guint lsb_domain_taint(const LsbDescription *d);

#endif
