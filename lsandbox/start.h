/*
 * Starting and ending the domain of a sandbox: what machine.c and container.c do, each for its
 * kind. Blocking, in a worker thread; nothing here touches the relay or Lua.
 */
#ifndef LSANDBOX_START_H
#define LSANDBOX_START_H

#include "connection.h"
#include "description.h"
#include "reaper.h"

/* A domain that was started. What a kind does not use stays NULL or -1. */
typedef struct {
    LsbConnection *connection;
    virDomainPtr domain;
    char *xml;     /* what libvirt was given */
    char *dir;     /* the sandbox's own directory; removed at the end */
    char *console; /* the boot console's file */
    GBytes *plan;
    int relay; /* descriptor, until the relay takes it */
    int pid;   /* QEMU's or libvirt_lxc's, where it is a process we can end ourselves; else 0 */
    char **leftovers;  /* paths that libvirt leaves behind, to be removed after the end */
    int controller;    /* pidfd of libvirt_lxc, where we may end it; else -1 */
    LsbReaper *reaper; /* of PID; NULL where libvirtd does it */
    LsbAccel accel;
} LsbDomain;

gboolean lsb_machine_start(const LsbDescription *d, LsbDomain *domain, GError **error);
gboolean lsb_container_start(const LsbDescription *d, LsbDomain *domain, GError **error);

/* The domain XML without starting anything, as far as it can be known before. NULL with an error.
 */
char *lsb_machine_xml(const LsbDescription *d, GError **error);
char *lsb_container_xml(const LsbDescription *d, GError **error);

void lsb_domain_init(LsbDomain *domain);

/* The relay is about to be closed by us, and lsb_domain_end() follows. Does not block. */
void lsb_domain_hang_up_soon(LsbDomain *domain);

/* End the domain, whatever state it is in, and let go of everything. A started part is fine too. */
void lsb_domain_end(LsbDomain *domain);

#endif
