/* Networks, filters and bridges of the host: whether they exist, how long they are silent. */
#include "domain/networkhost.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "host/connection.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/network/network.h"
#include "shared/units.h"

static int last_code(void)
{
    const virError *e = virGetLastError();
    return e ? e->code : VIR_ERR_OK;
}

/* Where the driver cannot tell whether a network exists, the start will fail instead. */
static gboolean check_network(const LsbConnection *c, const LsbInterface *i, GError **error)
{
    virNetworkPtr network = virNetworkLookupByName(c->vir, i->source);
    if (!network)
        return last_code() != VIR_ERR_NO_NETWORK ||
               lsb_fail(error, NOT_FOUND, "%s.source: libvirt has no network \"%s\" on %s", i->path,
                        i->source, c->uri);
    int active = virNetworkIsActive(network);
    virNetworkFree(network);
    return active != 0 || lsb_fail(error, STATE,
                                   "%s.source: libvirt's network \"%s\" is not active; start it by "
                                   "\"virsh net-start %s\"",
                                   i->path, i->source, i->source);
}

static gboolean check_filter(const LsbConnection *c, const LsbInterface *i, GError **error)
{
    virNWFilterPtr filter = virNWFilterLookupByName(c->vir, i->filter);
    if (filter)
        virNWFilterFree(filter);
    return filter || last_code() != VIR_ERR_NO_NWFILTER ||
           lsb_fail(error, NOT_FOUND, "%s.filter: libvirt has no filter \"%s\" on %s", i->path,
                    i->filter, c->uri);
}

gboolean lsb_network_host_check(const LsbConnection *connection, const LsbDescription *d,
                                GError **error)
{
    for (guint n = 0; n < d->network.interfaces->len; n++) {
        const LsbInterface *i = d->network.interfaces->pdata[n];
        if ((i->type == LSB_NET_NETWORK && !check_network(connection, i, error)) ||
            (i->filter && !check_filter(connection, i, error)))
            return FALSE;
    }
    return TRUE;
}

/* --- how long a lease may take --- */

/* The bridge of an interface; caller frees. NULL: the interface has no bridge of this host. */
static char *bridge_of(const LsbConnection *c, const LsbInterface *i)
{
    if (i->type != LSB_NET_NETWORK)
        return i->type == LSB_NET_BRIDGE ? g_strdup(i->source) : NULL;
    virNetworkPtr network = virNetworkLookupByName(c->vir, i->source);
    /* g_free() may free the name, because GLib uses malloc(). */
    char *name = network ? virNetworkGetBridgeName(network) : NULL;
    if (network)
        virNetworkFree(network);
    return name;
}

/* The attribute of that type among LENGTH bytes AT (rtnetlink(7)), or NULL. */
static const struct rtattr *attribute(const void *at, int length, guint type)
{
    for (const struct rtattr *a = at; RTA_OK(a, length); a = RTA_NEXT(a, length))
        if ((a->rta_type & NLA_TYPE_MASK) == type)
            return a;
    return NULL;
}

static const struct rtattr *inner_attribute(const struct rtattr *outer, guint type)
{
    return outer ? attribute(RTA_DATA(outer), (int)RTA_PAYLOAD(outer), type) : NULL;
}

static guint32 number_in(const struct rtattr *a)
{
    guint32 number = 0;
    if (a && RTA_PAYLOAD(a) >= sizeof number)
        memcpy(&number, RTA_DATA(a), sizeof number);
    return number;
}

/*
 * Send a message of that TYPE about the interface NAME to the kernel (rtnetlink(7)). The socket,
 * from which an answer can be read; -1 where that fails.
 */
static int send_about_link(guint16 type, const char *name)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
    } m = {.header = {.nlmsg_len = sizeof m, .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST},
           .link = {.ifi_index = (int)if_nametoindex(name)}};
    cleanup_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    gboolean sent = m.link.ifi_index > 0 && fd >= 0 && send(fd, &m, sizeof m, 0) >= 0;
    return sent ? steal_fd(&fd) : -1;
}

/* Read what the kernel knows of the interface NAME into ANSWER. The number of bytes, or 0. */
static gsize ask_for_link(const char *name, struct nlmsghdr *answer, gsize size)
{
    cleanup_fd int fd = send_about_link(RTM_GETLINK, name);
    gssize got = fd < 0 ? -1 : recv(fd, answer, size, 0);
    return got > 0 && NLMSG_OK(answer, (gsize)got) && answer->nlmsg_type == RTM_NEWLINK
               ? (gsize)answer->nlmsg_len
               : 0;
}

/*
 * Milliseconds from the moment when a port is added to the first frame that BRIDGE passes. With the
 * spanning tree protocol a bridge listens for a forward delay, and learns for another (IEEE 802.1D,
 * 8.4). libvirt's networks use the protocol unless told otherwise; their delay="0" then is the
 * least that Linux takes, 2 s. /sys is not asked, because it may show another network namespace.
 */
static guint silence_of(const char *bridge)
{
    enum { TICK_MS = 10 }; /* of USER_HZ */
    union {
        struct nlmsghdr header;
        char bytes[32 * KiB]; /* netlink(7): no answer is longer */
    } answer;
    gsize length = ask_for_link(bridge, &answer.header, sizeof answer);
    if (length < NLMSG_SPACE(sizeof(struct ifinfomsg)))
        return 0;
    const struct ifinfomsg *link = NLMSG_DATA(&answer.header);
    const struct rtattr *info =
        attribute(IFLA_RTA(link), (int)(length - NLMSG_SPACE(sizeof *link)), IFLA_LINKINFO);
    const struct rtattr *kind = inner_attribute(info, IFLA_INFO_KIND),
                        *data = inner_attribute(info, IFLA_INFO_DATA);
    gboolean is_bridge =
        kind && strncmp(RTA_DATA(kind), "bridge", RTA_PAYLOAD(kind)) == 0 && RTA_PAYLOAD(kind) > 0;
    return is_bridge && number_in(inner_attribute(data, IFLA_BR_STP_STATE))
               ? 2 * TICK_MS * number_in(inner_attribute(data, IFLA_BR_FORWARD_DELAY))
               : 0;
}

guint lsb_network_host_silence(const LsbConnection *connection, const LsbDescription *d)
{
    guint longest = 0;
    for (guint n = 0; d->is_local && n < d->network.interfaces->len; n++) {
        const LsbInterface *i = d->network.interfaces->pdata[n];
        g_autofree char *bridge = i->dhcp == LSB_DHCP_YES ? bridge_of(connection, i) : NULL;
        longest = MAX(longest, bridge ? silence_of(bridge) : 0);
    }
    return (longest + 999) / 1000;
}

/* --- after a failed start --- */

/* Removing one end of a veth pair removes both. The kernel's answer is not read. */
static void remove_device(const char *name)
{
    cleanup_fd int fd = send_about_link(RTM_DELLINK, name);
    if (fd < 0)
        g_debug("there is no interface %s, or it cannot be removed", name);
}

void lsb_network_host_failed(const LsbDescription *d, GError **error)
{
    for (guint n = 0; d->is_local && n < d->network.interfaces->len; n++) {
        const LsbInterface *i = d->network.interfaces->pdata[n];
        if (d->kind == LSB_CONTAINER)
            remove_device(i->device);
        if (i->type != LSB_NET_BRIDGE || if_nametoindex(i->source))
            continue;
        g_clear_error(error);
        lsb_fail(error, NOT_FOUND, "%s.source: the host has no bridge \"%s\"", i->path, i->source);
        return;
    }
}
