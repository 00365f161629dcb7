/*
 * What is made on the host for one container: its first root, directories, mount trees, loop
 * devices. Blocking; any thread.
 */
#ifndef LSANDBOX_DOMAIN_CONTAINERHOST_H
#define LSANDBOX_DOMAIN_CONTAINERHOST_H

#include <glib.h>

#include "domain/domain.h"
#include "domain/xml/domainxml.h"
#include "domain/xml/securityxml.h"
#include "plan/plan.h"
#include "recipe/description.h"
#include "recipe/identity/idmap.h"

/* The most descriptors that libvirt passes to a container here. */
enum { LSB_MOST_PASSED = 32 };

typedef struct {
    LsbSeclabel seclabel;
    LsbIdMap uids, gids; /* empty: no user namespace */
    char *skeleton;      /* directory that is the container's first root */
    GHashTable *devices; /* LsbPlanDisk -> path of its loop device, for the disks of the domain */
    int passed[LSB_MOST_PASSED]; /* descriptors for libvirt; passed[0] becomes LSB_FD_RELAY */
    guint n_passed;
} LsbContainerParts;

/* Free what P holds, and close its descriptors. */
void lsb_container_parts_clear(LsbContainerParts *p);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LsbContainerParts, lsb_container_parts_clear)

/*
 * Whether this process is root. Only root can make detached mount trees, and root's containers have
 * a user namespace unless the recipe says otherwise. Other users' containers are made by libvirtd.
 */
gboolean lsb_container_is_mapped(void);

/* For root: choose a random range of host ids, and set the maps of P by D's security.userns. */
void lsb_container_choose_ids(const LsbDescription *d, LsbContainerParts *p);

/*
 * Once the ids are chosen: make the skeleton, directories, mount trees and loop devices, and record
 * them in DOMAIN and P. Errors: LSB_ERRNO, LSB_ERROR_UNSUPPORTED.
 */
gboolean lsb_container_make_host_parts(const LsbPlan *plan, LsbDomain *domain, LsbContainerParts *p,
                                       GError **error);

/* What the domain XML needs of P; borrowed from P. */
LsbDomainParts lsb_container_domain_parts(const LsbContainerParts *p);

#endif
