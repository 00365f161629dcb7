/*
 * Starting and ending the domain of a sandbox: what machine.c and container.c do, each for its
 * kind. Blocking, in a worker thread; nothing here touches the relay or Lua.
 */
#ifndef LSANDBOX_START_H
#define LSANDBOX_START_H

#include "host/cgroup.h"
#include "host/connection.h"
#include "recipe/description.h"
#include "host/loop.h"
#include "host/reaper.h"
#include "domain/template/savedmachine.h"
#include "domain/stats.h"
#include "domain/template/template.h"
#include "base/timeline.h"

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

/*
 * Start a domain that carries D out, into DOMAIN, which lsb_domain_init() has made. Blocking; any
 * thread. FALSE: lsb_domain_end() still has to clear what was started. Errors: those of the
 * connection, the boot image, the accelerator; LSB_ERROR_LIBVIRT, LSB_ERRNO.
 */
gboolean lsb_machine_start(const LsbDescription *d, LsbDomain *domain, GError **error);
gboolean lsb_container_start(const LsbDescription *d, LsbDomain *domain, GError **error);

/* End what was started from a template, which does not do as it should for WHY, and start cold. */
gboolean lsb_machine_start_again(const LsbDescription *d, LsbDomain *domain, const char *why,
                                 GError **error);

/*
 * A machine whose role is LSB_TEMPLATE_MAKE, stopped by nobody and waiting for its plan: put its
 * template into the store. The machine goes on meanwhile: ON_TAKEN is called in this thread as soon
 * as it does, and DOMAIN is not used after that. Blocking. Errors are for the trace only.
 */
gboolean lsb_machine_make_template(LsbDomain *domain, void (*on_taken)(gpointer), gpointer self,
                                   GError **error);

/* The domain XML without starting anything, as far as it can be known before. NULL with an error.
 */
char *lsb_machine_xml(const LsbDescription *d, GError **error);
char *lsb_container_xml(const LsbDescription *d, GError **error);

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

/* Its labels (LsbLabel) and taint (metadata.h); NULL where it does not carry our mark. Caller
 * unrefs.
 */
GPtrArray *lsb_domain_labels(virDomainPtr domain, guint *taint);
/* Its uuid; its XML as it runs. Callers free. */
char *lsb_domain_uuid(virDomainPtr domain);
char *lsb_domain_live_xml(virDomainPtr domain);

/* What it uses now; g_free(). NULL with LSB_ERROR_LIBVIRT. */
LsbStats *lsb_domain_stats(const LsbDescription *d, virDomainPtr domain, const LsbGroups *groups,
                           GError **error);

/* End the domain, whatever state it is in, and let go of everything. A started part is fine too. */
void lsb_domain_end(LsbDomain *domain);

#endif
