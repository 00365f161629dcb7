/*
 * The domain of a sandbox: what was started for it on the host, and how that ends. machine.c and
 * container.c start one, each for its kind. Blocking, in a worker thread; nothing here touches the
 * relay or Lua.
 *
 * What a domain goes through (functions of this file unless another is named):
 *
 *     lsb_domain_init()
 *            |
 *            v
 *          EMPTY <----------- lsb_domain_reset(), before a cold start -----------.
 *            |                                                                  |
 *     lsb_machine_start(), lsb_container_start()                                |
 *            |                                                                  |
 *            |-- TRUE ----> RUNNING -------.                                    |
 *            |                             |--- lsb_domain_end() ---> ENDED ----'
 *            '-- FALSE ---> HALF STARTED --'                            |
 *                                                               lsb_domain_clear()
 *
 * HALF STARTED has some of the members below. lsb_domain_end() takes any of the states, ends what
 * runs and removes the files; xml, start.template_use and timeline stay, so that the sandbox can
 * tell how the domain was started. A sandbox that attaches to a domain of another process fills in
 * connection and domain only; lsb_domain_let_go() then leaves RUNNING without ending the domain.
 */
#ifndef LSANDBOX_DOMAIN_DOMAIN_H
#define LSANDBOX_DOMAIN_DOMAIN_H

#include <glib.h>
#include <libvirt/libvirt.h>

#include "base/timeline.h"
#include "domain/console.h"
#include "domain/template/savedmachine.h"
#include "domain/template/template.h"
#include "host/cgroup.h"
#include "host/connection.h"
#include "host/loop.h"
#include "host/reaper.h"
#include "recipe/description.h"

/* What runs: the process that libvirt has started for the domain, QEMU or libvirt_lxc. */
typedef struct {
    int pid;                /* of QEMU or libvirt_lxc, where this process may end it; else 0 */
    int controller;         /* pidfd of libvirt_lxc, where this process may end it; else -1 */
    char **watched;         /* control groups of libvirt_lxc that the keeper knows; NULL: none */
    LsbGroups groups;       /* of a container; of QEMU, where lsandbox makes them (limits.h) */
    LsbReaper *reaper;      /* takes the exit status of QEMU; NULL where libvirtd does */
    gboolean writes_images; /* a machine's kernel may have writes to images in its memory */
} LsbDomainProcess;

/* The channels between the host and the guest. */
typedef struct {
    int relay;     /* descriptor, until the session takes it over; -1 */
    GBytes *plan;  /* the guest plan */
    LsbConsole *console; /* the end of the boot console, where this process reads it; else NULL */
    char *console_path;  /* fifo or file that QEMU writes the boot console to, in files.dir */
    char *display; /* unix socket of the graphics; NULL: none, or TCP */
} LsbDomainGuest;

/* How a machine starts. */
typedef struct {
    LsbAccel accel;           /* LSB_ACCEL_AUTO until that is decided */
    gint64 begun;             /* of QEMU's process at the earliest, by g_get_monotonic_time() */
    guint silence;            /* seconds in which a bridge passes nothing, of a lease's time */
    LsbTemplate template_use; /* which part a template has in the start */
    gboolean resumed;         /* QEMU has loaded a state in which the guest waits for its plan */
    LsbSavedMachine *origin;  /* the saved machine that goes on; NULL: none */
    char **needs;             /* of a machine that is saved (savedmachine.h); NULL: it cannot be */
} LsbDomainStart;

/* What is on the host's disks, and is removed or released at the end. */
typedef struct {
    char *dir;          /* the machine's own directory: sockets, jail file, console */
    char *scratch;      /* what the sandbox writes to disk (scratch.h) */
    char *link;         /* the recipe's name for the display's socket, a symlink; NULL: none */
    char *container;    /* the name by which libvirt leaves files (shared/lxcfiles.h); NULL: none */
    char *log;          /* QEMU's own, which the embedded driver leaves; NULL: none */
    GSource *log_bound; /* keeps the log small (logbound.h) */
    GArray *locks;      /* descriptors whose flock(2) keeps other sandboxes out of kept writes */
    LsbLoops *loops;    /* loop devices of a container's images; NULL: none */
} LsbDomainFiles;

/* A domain that was started. What a kind does not use stays NULL or -1. */
typedef struct {
    LsbConnection *connection;
    virDomainPtr domain;
    char *xml;             /* the domain XML that libvirt got */
    LsbTimeline *timeline; /* of the start and the end; never NULL */
    GMutex freezing; /* locked while the domain is paused, resumed, saved or given other limits */
    LsbDomainProcess process;
    LsbDomainGuest guest;
    LsbDomainStart start;
    LsbDomainFiles files;
} LsbDomain;

/* Make DOMAIN EMPTY. The caller calls lsb_domain_clear() in the end. */
void lsb_domain_init(LsbDomain *domain);
/* Free what DOMAIN holds, once it is EMPTY or ENDED. */
void lsb_domain_clear(LsbDomain *domain);

/* After lsb_domain_end(): ready for another start, whose timeline goes on. */
void lsb_domain_reset(LsbDomain *domain);

/* Whether libvirt says that DOMAIN is paused; FALSE where libvirt does not tell. Blocks. */
gboolean lsb_domain_is_paused(virDomainPtr domain);

/*
 * Stop a container's libvirt_lxc, because this process is about to close the relay and to call
 * lsb_domain_end() (host/lxcprocess.h says what that saves). Does not block.
 */
void lsb_domain_hang_up_soon(LsbDomain *domain);

/* Release the handles of a domain that lives on. */
void lsb_domain_let_go(LsbDomain *domain);

/*
 * The labels (LsbLabel) and the taint of a domain (metadata.h). NULL where the domain does not
 * carry lsandbox's mark. Caller unrefs.
 */
GPtrArray *lsb_domain_labels(virDomainPtr domain, guint *taint);

/* The uuid of a domain as text; "" where libvirt does not tell. Caller frees. */
char *lsb_domain_uuid(virDomainPtr domain);
/* The XML of a running domain; "" where libvirt does not tell. Caller frees. */
char *lsb_domain_live_xml(virDomainPtr domain);

/* End the domain, whatever state it is in, and release and remove everything that it had. */
void lsb_domain_end(LsbDomain *domain);

#endif
