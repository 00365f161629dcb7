/*
 * The script of a DHCP client: dhclient, udhcpc and dhcpcd each start a program that sets the
 * address, the router and the name servers of a lease. Here that program is the guest init itself,
 * copied to DHCP_SCRIPT (dhcp.h).
 */
#ifndef LSANDBOX_INIT_DHCPSCRIPT_H
#define LSANDBOX_INIT_DHCPSCRIPT_H

#include <stdbool.h>

/* Whether PROGRAM, this process's argv[0], says that a client has started it as its script. */
bool dhcpscript_is_meant(const char *program);

/* Do what the client's environment variables ask for. Returns the exit status. */
int dhcpscript_run(char **argv);

#endif
