/*
 * What the guest init asks of the kernel about interfaces: by rtnetlink(7) and netdevice(7). All
 * of it needs CAP_NET_ADMIN in the network namespace.
 */
#ifndef LSANDBOX_INIT_NETLINK_H
#define LSANDBOX_INIT_NETLINK_H

#include "shared/wire.h"

#include <net/if.h>

/* An address, or a network: SIZE is 4 or 16 bytes, 0 for none. */
struct net_ip {
    uint8_t bytes[WIRE_NET_MOST_ADDRESS];
    size_t size;
    uint32_t prefix;
};

/* The name of the interface whose hardware address is MAC. 0, or -1 where there is none. */
int netlink_find(const uint8_t mac[WIRE_NET_MAC], char name[IF_NAMESIZE]);

/*
 * The name of the Nth (from 0) of QEMU's interfaces, in the order in which the machine has them. 0,
 * or -1 while there are not OF of them.
 */
int netlink_find_nth(uint32_t n, uint32_t of, char name[IF_NAMESIZE]);

/* These give 0, or -1 and errno. An interface can be renamed while it is down only. */
int netlink_rename(const char *name, const char *to);
int netlink_set_mac(const char *name, const uint8_t mac[WIRE_NET_MAC]);
int netlink_set_mtu(const char *name, uint32_t mtu);
int netlink_set_up(const char *name, bool up);

/* Is it on, and the link too? */
/* Whether the driver has seen a link, be the interface up or down. */
bool netlink_has_carrier(const char *name);

bool netlink_is_running(const char *name);

/* Add or take away an address. BROADCAST may have size 0. One that is there already is no error. */
int netlink_add_address(const char *name, const struct net_ip *ip, const struct net_ip *broadcast);
int netlink_drop_address(const char *name, const struct net_ip *ip);

/*
 * Add a route to TO by the interface, through VIA where that has a size; one to the same network by
 * the same interface is replaced. ON_LINK: VIA can be reached although no address says so.
 */
int netlink_add_route(const char *name, const struct net_ip *to, const struct net_ip *via,
                      bool on_link);

#endif
