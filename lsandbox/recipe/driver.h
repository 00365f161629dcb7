/*
 * Which libvirt a recipe's connection leads to, and what follows from that. The URI is read once,
 * when the description or the connection is made; afterwards the table is asked.
 */
#ifndef LSANDBOX_RECIPE_DRIVER_H
#define LSANDBOX_RECIPE_DRIVER_H

#include <glib.h>

#define LSB_URI_EMBED "qemu:///embed"

typedef enum { LSB_MACHINE, LSB_CONTAINER } LsbKind;

/* The forms without a transport; "qemu+unix:///session" is LSB_DRIVER_SESSION as well. */
typedef enum {
    LSB_DRIVER_EMBED,   /* "qemu:///embed" */
    LSB_DRIVER_SESSION, /* "qemu:///session" */
    LSB_DRIVER_SYSTEM,  /* "qemu:///system", and any other path after "qemu:" */
    LSB_DRIVER_LXC,     /* "lxc:///" */
    LSB_DRIVERS,
} LsbDriver;

typedef struct {
    LsbKind kind;        /* what its domains are */
    gboolean in_process; /* the driver is inside this process; else in a libvirtd */
    /*
     * The driver runs as this process's user, so libvirt gives no file of the host to another user,
     * and puts no domain into control groups: lsandbox does (domain/limits.h).
     */
    gboolean runs_as_caller;
    gboolean has_launcher; /* QEMU is started through lsandbox's launcher, which confines it */
    gboolean has_networks; /* a libvirtd removes what its networks and filters leave on the host */
    gboolean has_security; /* libvirt has its security drivers (SELinux, AppArmor, DAC) */
} LsbDriverTraits;

extern const LsbDriverTraits lsb_drivers[LSB_DRIVERS];

/*
 * Read URI. LOCAL: libvirt is on this host, by a URI without a host name and without a transport
 * other than a unix socket. FALSE: no URI of QEMU's or LXC's driver.
 */
gboolean lsb_driver_of_uri(const char *uri, LsbDriver *driver, gboolean *local);

#endif
