/*
 * DHCP: a client program from the root asks for a lease, and later renews it. The client writes
 * only to a directory in memory, so the root may be read-only. The client's script, which sets the
 * address, the router and the name servers, is the guest init itself under another name
 * (dhcpscript.h).
 */
#ifndef LSANDBOX_INIT_DHCP_H
#define LSANDBOX_INIT_DHCP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Where the clients' files are: in /dev, a tmpfs of the sandbox's own in both kinds. For root only.
 */
#define DHCP_DIR    "/dev/.lsandbox-net"
#define DHCP_SCRIPT DHCP_DIR "/script"
/* A file that is there when leases must not change /etc/resolv.conf. */
#define DHCP_KEEP_DNS DHCP_DIR "/keep-dns"

/*
 * Make the clients' directory; call it once, before the first lease. NAME_SERVERS: write the name
 * servers of leases to /etc/resolv.conf. 0, or -1 with failure_text().
 */
int dhcp_prepare(bool name_servers);

/* A client that runs. */
struct dhcp_asked {
    const char *interface; /* borrowed */
    const char *client;    /* its name */
    pid_t pid;
};

/* Start a client that gets a lease for INTERFACE. 0, or -1 with failure_text(). */
int dhcp_ask(const char *interface, struct dhcp_asked *asked);

/*
 * Wait for the lease until the time UNTIL of clock_ms(). SECONDS is how long that is, for the
 * message. 0, or -1 with failure_text(): then the client is gone.
 */
int dhcp_wait(const struct dhcp_asked *asked, int64_t until, uint32_t seconds);

#endif
