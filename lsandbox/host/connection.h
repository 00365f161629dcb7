/*
 * Connections to libvirt: one per URI and process, shared by the sandboxes that use it. The
 * embedded driver gets a private root directory and a configuration of ours. Blocking; any thread.
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
    int refs, event; /* libvirt's number of our event callback; -1: none */
};

/*
 * Start libvirt's event loop (eventloop.h) and silence libvirt's own error output. From the main
 * thread, before every connection; cheap when it was done.
 */
void lsb_connection_init(void);

/*
 * The connection to URI, opened when there is none yet. Errors: LSB_ERROR_NO_DRIVER (no such
 * driver, no daemon), LSB_ERROR_NO_PERMISSION, LSB_ERROR_CONNECT_FAILED.
 */
LsbConnection *lsb_connection_get(const char *uri, GError **error);
/* NULL is fine; the last one closes. */
void lsb_connection_release(LsbConnection *connection);
/* The URI it was opened with; borrowed. */
const char *lsb_connection_uri(const LsbConnection *connection);

/*
 * Have the life of all domains of the connection, and its own loss, told to ON_LIFECYCLE and
 * ON_LOST, in libvirt's own thread; always the same two. libvirt takes a function only once for the
 * same, so each must see to it whom an event concerns.
 */
void lsb_connection_listen(LsbConnection *connection, virConnectDomainEventCallback on_lifecycle,
                           virConnectCloseFunc on_lost);

/*
 * Make sure that libvirt knows EMULATOR: the first probe of a QEMU costs seconds, so one process of
 * this user does it and the others wait for its result.
 */
gboolean lsb_connection_probe(LsbConnection *connection, const char *emulator, GError **error);

/* The version of libvirt behind it, e.g. "9.0.0". Caller frees. */
char *lsb_connection_version(const LsbConnection *connection);

/* Where libvirt keeps the master keys of this connection's domains; NULL when not known. Caller
 * frees. */
char *lsb_connection_key_dir(const LsbConnection *connection);

/* Take this thread's last libvirt error into ERROR, as CODE unless it is of a better known kind. */
void lsb_set_libvirt_error(GError **error, int code, const char *what);

#endif
