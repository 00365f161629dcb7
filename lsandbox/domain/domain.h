/*
 * Starting and ending the domain of a sandbox: what machine.c and container.c do, each for its
 * kind. Blocking, in a worker thread; nothing here touches the relay or Lua.
 */
#ifndef LSANDBOX_DOMAIN_DOMAIN_H
#define LSANDBOX_DOMAIN_DOMAIN_H

#include <glib.h>
#include <libvirt/libvirt.h>

#include "base/timeline.h"
#include "domain/template/savedmachine.h"
#include "domain/template/template.h"
#include "host/cgroup.h"
#include "host/connection.h"
#include "host/loop.h"
#include "host/reaper.h"
#include "recipe/description.h"

/* A domain that was started. What a kind does not use stays NULL or -1. */
typedef struct {
    LsbConnection *connection;
    virDomainPtr domain;
    char *xml;     /* what libvirt was given */
    char *dir;     /* the sandbox's own directory; removed at the end */
    char *console; /* the boot console's file */
    GBytes *plan;
    int relay;     /* descriptor, until the relay takes it */
    int pid;       /* QEMU's or libvirt_lxc's, where it is a process we can end ourselves; else 0 */
    char *scratch; /* the sandbox's directory for what it writes to disk; removed at the end */
    GArray *locks; /* descriptors that hold what keeps the writes of overlays */
    char **leftovers;       /* paths that libvirt leaves behind, to be removed after the end */
    int controller;         /* pidfd of libvirt_lxc, where we may end it; else -1 */
    LsbGroups groups;       /* of a container; of QEMU, where they are ours */
    LsbReaper *reaper;      /* of PID; NULL where libvirtd does it */
    gboolean writes_images; /* a machine that may hold back what it has written to them */
    LsbLoops *loops;        /* of a container's images; or NULL */
    char *link;             /* the recipe's name for that socket, a link to it; NULL: none */
    char *display;          /* unix socket of the graphics; NULL: none, or TCP */
    LsbAccel accel;
    guint silence;           /* seconds that a bridge passes nothing, of what a lease may take */
    LsbTemplate template;    /* which part one has in its start */
    LsbSavedMachine *origin; /* it goes on from that; or NULL */
    char **needs;            /* of one that is saved (savedmachine.h); NULL: it cannot be */
    gboolean from_template; /* it runs from it: the guest waits for the plan without another word */
    LsbTimeline *timeline;  /* of its start and its end; always there */
    GMutex freezing;        /* held while it is frozen, thawed or given other limits */
} LsbDomain;

/* Nothing started, nothing to end. */
void lsb_domain_init(LsbDomain *domain);
void lsb_domain_clear(LsbDomain *domain);

/* After lsb_domain_end(): ready for another start, whose timeline goes on. */
void lsb_domain_reset(LsbDomain *domain);

gboolean lsb_domain_is_paused(virDomainPtr domain);

/* The relay is about to be closed by us, and lsb_domain_end() follows. Does not block. */
void lsb_domain_hang_up_soon(LsbDomain *domain);

/* Drop our handles of a domain that lives on. */
void lsb_domain_let_go(LsbDomain *domain);

/*
 * Its labels (LsbLabel) and taint (metadata.h); NULL where it does not carry our mark. Caller
 * unrefs.
 */
GPtrArray *lsb_domain_labels(virDomainPtr domain, guint *taint);
/* Its uuid; its XML as it runs. Callers free. */
char *lsb_domain_uuid(virDomainPtr domain);
char *lsb_domain_live_xml(virDomainPtr domain);

/* End the domain, whatever state it is in, and let go of everything. A started part is fine too. */
void lsb_domain_end(LsbDomain *domain);

#endif
