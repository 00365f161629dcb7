#include "networkhost.h"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "error.h"

static int last_code(void)
{
    const virError *e = virGetLastError();
    return e ? e->code : VIR_ERR_OK;
}

/* A driver that cannot tell leaves it to the start to fail. */
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

/* ---- after a failed start ---- */

/* rtnetlink(7): RTM_DELLINK. One end of a pair takes the other with it. No answer is waited for. */
static void remove_device(const char *name)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg link;
    } m = {
        .header = {.nlmsg_len = sizeof m, .nlmsg_type = RTM_DELLINK, .nlmsg_flags = NLM_F_REQUEST},
        .link = {.ifi_index = (int)if_nametoindex(name)}};
    cleanup_fd int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (m.link.ifi_index > 0 && fd >= 0 && send(fd, &m, sizeof m, 0) < 0)
        g_debug("cannot remove the interface %s", name);
}

static gboolean is_local(const LsbDescription *d)
{
    return strstr(d->uri, ":///") && !strchr(d->uri, '+');
}

void lsb_network_host_failed(const LsbDescription *d, GError **error)
{
    for (guint n = 0; is_local(d) && n < d->network.interfaces->len; n++) {
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
