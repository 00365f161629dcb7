/*
 * Connections to libvirt: one per URI and process, shared by the sandboxes that use it. lsandbox
 * gives the embedded driver a private root directory and configuration. Blocking; any thread.
 */
#ifndef LSANDBOX_HOST_CONNECTION_H
#define LSANDBOX_HOST_CONNECTION_H

#include <glib.h>
#include <libvirt/libvirt.h>

#include "host/host.h"
#include "recipe/driver.h"

typedef struct _LsbConnection LsbConnection;
struct _LsbConnection {
    virConnectPtr vir;
    char *uri;
    LsbDriver driver;
    LsbHostState *host;
    /* private */
    int refs, event; /* libvirt's number of the event callback; -1: none */
};

/*
 * Start libvirt's event loop (eventloop.h) and silence libvirt's own error output. Called from the
 * main thread before every connection; cheap after the first time.
 */
void lsb_connection_init(void);

/*
 * The connection to URI, opened when there is none yet. Errors: LSB_ERROR_NO_DRIVER (no such
 * driver, no daemon), LSB_ERROR_NO_PERMISSION, LSB_ERROR_CONNECT_FAILED.
 */
LsbConnection *lsb_connection_get(const char *uri, GError **error);
/* Drop a reference of lsb_connection_get(); the last one closes the connection. NULL is fine. */
void lsb_connection_release(LsbConnection *connection);
/* The URI that CONNECTION was opened with; borrowed. */
const char *lsb_connection_uri(const LsbConnection *connection);

/*
 * Have libvirt call ON_LIFECYCLE for events of all domains of the connection, and ON_LOST when the
 * connection breaks, in the thread of libvirt's event loop. The two functions must be the same in
 * every call, because libvirt registers a function only once; each has to find out itself which
 * sandbox an event concerns.
 */
void lsb_connection_listen(LsbConnection *connection, virConnectDomainEventCallback on_lifecycle,
                           virConnectCloseFunc on_lost);

/*
 * Make sure that libvirt knows the capabilities of EMULATOR. The first probe of a QEMU costs
 * seconds, so one process of this user does it while the others wait for its result. FALSE with
 * LSB_ERROR_NO_QEMU.
 */
gboolean lsb_connection_probe(LsbConnection *connection, const char *emulator, GError **error);

/* The version of the connection's libvirt, "9.0.0". Caller frees. */
char *lsb_connection_version(const LsbConnection *connection);

/*
 * The directory in which libvirt keeps the master keys of the connection's domains. Caller frees.
 */
char *lsb_connection_key_dir(const LsbConnection *connection);

/*
 * Set ERROR to this thread's last libvirt error, with WHAT (what was tried) in front. The code is
 * CODE, unless libvirt's error says that there is no driver or no permission.
 */
void lsb_set_libvirt_error(GError **error, int code, const char *what);

#endif
