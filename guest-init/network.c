/* Makes the interfaces of the plan: names, addresses, routes, leases. */
#define _GNU_SOURCE
#include "network.h"

#include "clock.h"
#include "dhcp.h"
#include "log.h"
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    /*
     * The driver makes the interfaces while its module is loaded, and libvirt moves a container's
     * in before it starts the init. So an interface that does not come in this time never will.
     */
    WAIT_MS = 5000,
    LOOK_AGAIN_MS = 10,
    LINK_MS = 500, /* for the driver to see the link, after the interface is switched on */
};

/* A machine from a template still has the MAC addresses of the machine that was saved. */
static int find_interface(const struct plan *plan, uint32_t n, char name[IF_NAMESIZE])
{
    return plan->flags & WIRE_PLAN_MACHINE ? netlink_find_nth(n, plan->interface_count, name)
                                           : netlink_find(plan->interfaces[n].mac, name);
}

static int await_interface(const struct plan *plan, uint32_t n, char name[IF_NAMESIZE])
{
    const struct plan_interface *i = &plan->interfaces[n];
    for (int waited = 0; find_interface(plan, n, name) < 0; waited += LOOK_AGAIN_MS) {
        if (waited >= WAIT_MS)
            return failed_with(ENODEV, "find the interface %02x:%02x:%02x:%02x:%02x:%02x",
                               i->mac[0], i->mac[1], i->mac[2], i->mac[3], i->mac[4], i->mac[5]);
        clock_sleep(LOOK_AGAIN_MS);
    }
    return 0;
}

/* All get temporary names first, because one interface may have the name that another is to get. */
static int name_for_now(const struct plan *plan)
{
    for (uint32_t n = 0; n < plan->interface_count; n++) {
        char name[IF_NAMESIZE], temporary[IF_NAMESIZE];
        if (await_interface(plan, n, name) < 0)
            return -1;
        snprintf(temporary, sizeof temporary, "lsb%u", (unsigned)n);
        if (netlink_set_up(name, false) < 0 || netlink_set_mac(name, plan->interfaces[n].mac) < 0 ||
            netlink_rename(name, temporary) < 0)
            return failed("rename the interface %s", name);
    }
    return 0;
}

static int name_all(const struct plan *plan)
{
    if (name_for_now(plan) < 0)
        return -1;
    for (uint32_t n = 0; n < plan->interface_count; n++) {
        char temporary[IF_NAMESIZE];
        snprintf(temporary, sizeof temporary, "lsb%u", (unsigned)n);
        if (netlink_rename(temporary, plan->interfaces[n].name) < 0)
            return failed("rename an interface to %s", plan->interfaces[n].name);
    }
    return 0;
}

/* Do not take addresses that IPv6 routers advertise. Kernels without IPv6 have no such file. */
static int ignore_advertisements(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/accept_ra", name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : failed("open %s", path);
    int result = write(fd, "0", 1) == 1 ? 0 : failed("write to %s", path);
    close(fd);
    return result;
}

static const char *text_of(const struct net_ip *ip, char text[INET6_ADDRSTRLEN])
{
    inet_ntop(ip->size == 4 ? AF_INET : AF_INET6, ip->bytes, text, INET6_ADDRSTRLEN);
    return text;
}

static int add_addresses(const struct plan_interface *i)
{
    char text[INET6_ADDRSTRLEN];
    for (uint32_t n = 0; n < i->address_count; n++) {
        const struct plan_address *a = &i->addresses[n];
        if (netlink_add_address(i->name, &a->ip, &a->broadcast) < 0)
            return failed("give %s the address %s/%u", i->name, text_of(&a->ip, text),
                          (unsigned)a->ip.prefix);
    }
    return 0;
}

/* Before the lease comes, no address of the interface may be in the router's network yet. */
static int add_routes(const struct plan_interface *i)
{
    char text[INET6_ADDRSTRLEN];
    for (uint32_t n = 0; n < i->route_count; n++) {
        const struct plan_route *r = &i->routes[n];
        if (netlink_add_route(i->name, &r->to, &r->via, r->via.size && (i->flags & WIRE_NET_DHCP)) <
            0)
            return failed("add a route to %s/%u by %s", text_of(&r->to, text),
                          (unsigned)r->to.prefix, i->name);
    }
    return 0;
}

static bool has_ipv6(const struct plan_interface *i)
{
    for (uint32_t n = 0; n < i->address_count; n++)
        if (i->addresses[n].ip.size != 4)
            return true;
    return i->flags & WIRE_NET_ADVERTISED;
}

/*
 * Wait for the link, because packets sent before the driver has seen it are lost, and their senders
 * wait a second before they try again. An interface that has a link when it is switched on sends at
 * once (dev_activate() in the kernel's net/sched/sch_generic.c). But IPv6 waits until the interface
 * is said to run, which the kernel looks at only once a second (net/core/link_watch.c). A link that
 * never comes is no failure of the plan.
 */
static void wait_for_link(const struct plan_interface *i, bool had_link)
{
    if (had_link && !has_ipv6(i))
        return;
    for (int waited = 0; waited < LINK_MS && !netlink_is_running(i->name); waited++)
        clock_sleep(1);
}

static int make_interface(const struct plan_interface *i)
{
    if (!(i->flags & WIRE_NET_ADVERTISED) && ignore_advertisements(i->name) < 0)
        return -1;
    if (i->mtu && netlink_set_mtu(i->name, i->mtu) < 0)
        return failed("set the MTU of %s to %u", i->name, (unsigned)i->mtu);
    if (add_addresses(i) < 0)
        return -1;
    bool has_link = netlink_has_carrier(i->name);
    if (netlink_set_up(i->name, true) < 0)
        return failed("switch the interface %s on", i->name);
    wait_for_link(i, has_link);
    return add_routes(i);
}

int network_make(const struct plan *plan)
{
    if (name_all(plan) < 0)
        return -1;
    for (uint32_t n = 0; n < plan->interface_count; n++)
        if (make_interface(&plan->interfaces[n]) < 0)
            return -1;
    return 0;
}

/* Start a client for each interface that wants a lease. Returns how many, or -1. */
static int ask_for_leases(const struct plan *plan, struct dhcp_asked *asked)
{
    int count = 0;
    for (uint32_t n = 0; n < plan->interface_count; n++) {
        const struct plan_interface *i = &plan->interfaces[n];
        if (!(i->flags & WIRE_NET_DHCP))
            continue;
        if (count == 0 && dhcp_prepare(plan->flags & WIRE_PLAN_LEASE_DNS) < 0)
            return -1;
        if (dhcp_ask(i->name, &asked[count++]) < 0)
            return -1;
    }
    return count;
}

/* The clients ask at the same time, and have one time limit together. */
int network_lease(const struct plan *plan)
{
    int64_t until = clock_ms() + (int64_t)plan->lease_seconds * 1000;
    struct dhcp_asked *asked = calloc(plan->interface_count + 1, sizeof *asked);
    int count = asked ? ask_for_leases(plan, asked) : failed("get memory");
    int result = count < 0 ? -1 : 0;
    for (int n = 0; n < count && result == 0; n++)
        result = dhcp_wait(&asked[n], until, plan->lease_seconds);
    free(asked);
    return result;
}
