/*
 * DHCP: the root's own client asks, and goes on to renew the lease. All that it writes is in a
 * directory of ours in memory, so the root may be read-only. What a client's script has to do (set
 * the address, the router, the name servers) this very program does, under another name.
 */
#ifndef LSANDBOX_INIT_DHCP_H
#define LSANDBOX_INIT_DHCP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Where a client's files are; below /dev, which is the sandbox's own in both kinds. Root's only. */
#define DHCP_DIR    "/dev/.lsandbox-net"
#define DHCP_SCRIPT DHCP_DIR "/script"
/* It is there when /etc/resolv.conf is not a lease's business. */
#define DHCP_KEEP_DNS DHCP_DIR "/keep-dns"

/* To be called once, before the first lease. NAME_SERVERS: write those of leases to
 * /etc/resolv.conf. 0, or -1: see failure_text(). */
int dhcp_prepare(bool name_servers);

/* A client that is at work. */
struct dhcp_asked {
    const char *interface; /* the caller's */
    const char *client;    /* its name */
    pid_t pid;
};

/* Have a client get a lease for INTERFACE. 0 or -1. */
int dhcp_ask(const char *interface, struct dhcp_asked *asked);

/* Wait for it, until that time of CLOCK_MONOTONIC in milliseconds; SECONDS is what that is called
 * where it does not come. 0 or -1, and then the client is gone. */
int dhcp_wait(const struct dhcp_asked *asked, int64_t until, uint32_t seconds);

#endif
