/*
 * Requests to the kernel about network interfaces, by rtnetlink(7) and netdevice(7). Changes need
 * CAP_NET_ADMIN in the network namespace.
 */
#ifndef LSANDBOX_INIT_NETLINK_H
#define LSANDBOX_INIT_NETLINK_H

#include "shared/wire.h"

#include <net/if.h>

/* An address or a network. SIZE is 4 or 16 bytes; 0: none. */
struct net_ip {
    uint8_t bytes[WIRE_NET_MOST_ADDRESS];
    size_t size;
    uint32_t prefix;
};

/* Get the name of the interface with the hardware address MAC. 0, or -1 where there is none. */
int netlink_find(const uint8_t mac[WIRE_NET_MAC], char name[IF_NAMESIZE]);

/*
 * Get the name of the Nth (from 0) of QEMU's interfaces, in the order in which the machine has
 * them. 0, or -1 while the kernel has not found OF of them.
 */
int netlink_find_nth(uint32_t n, uint32_t of, char name[IF_NAMESIZE]);

/* Change an interface: 0, or -1 and errno. It can only be renamed while it is down. */
int netlink_rename(const char *name, const char *to);
int netlink_set_mac(const char *name, const uint8_t mac[WIRE_NET_MAC]);
int netlink_set_mtu(const char *name, uint32_t mtu);
int netlink_set_up(const char *name, bool up);

/* Whether the driver has seen a link, be the interface up or down. */
bool netlink_has_carrier(const char *name);

/* Whether the interface is up and the kernel says that its link is, too (IFF_RUNNING). */
bool netlink_is_running(const char *name);

/*
 * Add or remove an address: 0, or -1 and errno. To add one that is there already is no error.
 * BROADCAST of size 0: the last address of the network.
 */
int netlink_add_address(const char *name, const struct net_ip *ip, const struct net_ip *broadcast);
int netlink_drop_address(const char *name, const struct net_ip *ip);

/*
 * Add a route to TO by the interface, through VIA where that has a size: 0, or -1 and errno. A
 * route to the same network by the same interface is replaced. ON_LINK: VIA can be reached directly
 * although no address of the interface is in its network.
 */
int netlink_add_route(const char *name, const struct net_ip *to, const struct net_ip *via,
                      bool on_link);

#endif
