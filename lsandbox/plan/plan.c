#include "plan/plan.h"

#include "plan/disks.h"
#include "plan/plan_private.h"
#include "plan/planexports.h"
#include "plan/planmounts.h"
#include "plan/planoverlay.h"
#include "recipe/description.h"
#include "recipe/limitfields.h"
#include "recipe/network/ipaddress.h"
#include "recipe/network/network.h"
#include "shared/wire.h"

/* --- network --- */

/* An address of size 0 is no bytes. */
static void put_ip(struct wire_buf *b, const LsbIp *ip)
{
    wire_put_data(b, ip->bytes, ip->size);
}

static void put_interface(struct wire_buf *b, const LsbInterface *i, guint index)
{
    g_autofree char *name = g_strdup_printf("eth%u", index);
    wire_put_data(b, i->mac, LSB_MAC);
    wire_put_str(b, name);
    wire_put_u32(b, i->mtu);
    wire_put_u32(b, i->dhcp == LSB_DHCP_YES ? WIRE_NET_DHCP | WIRE_NET_ADVERTISED : 0);
    wire_put_u32(b, i->addresses->len);
    for (guint k = 0; k < i->addresses->len; k++) {
        const LsbNetAddress *a = &g_array_index(i->addresses, LsbNetAddress, k);
        put_ip(b, &a->ip);
        wire_put_u32(b, a->ip.prefix);
        put_ip(b, &a->broadcast);
    }
    wire_put_u32(b, i->routes->len);
    for (guint k = 0; k < i->routes->len; k++) {
        const LsbNetRoute *r = &g_array_index(i->routes, LsbNetRoute, k);
        put_ip(b, &r->to);
        wire_put_u32(b, r->to.prefix);
        put_ip(b, &r->via);
    }
}

static void put_network(struct wire_buf *b, const LsbNetwork *network)
{
    wire_put_u32(b, network->interfaces->len);
    for (guint i = 0; i < network->interfaces->len; i++)
        put_interface(b, network->interfaces->pdata[i], i);
}

/* --- the whole --- */

static void put_mount(struct wire_buf *b, const LsbGuestMount *m)
{
    wire_put_u32(b, m->kind);
    wire_put_u32(b, m->flags);
    wire_put_str(b, m->source);
    wire_put_str(b, m->target);
    wire_put_str(b, m->options);
}

static void put_mounts(struct wire_buf *b, GPtrArray *mounts)
{
    wire_put_u32(b, mounts->len);
    for (guint i = 0; i < mounts->len; i++)
        put_mount(b, mounts->pdata[i]);
}

/* Name servers that the recipe names are not replaced by those of a lease. */
static gboolean wants_lease_dns(const LsbNetwork *network)
{
    return lsb_network_has_dhcp(network) && network->dns.servers->len == 0;
}

/* The root, as PLAN has it: 9p tag, serial number, descriptor or path. */
static char *root_source(const LsbDescription *d, char **sources)
{
    g_autoptr(GPtrArray) exports = lsb_plan_exports(d);
    if (sources) /* an image comes as the first tree after the exports */
        return g_strdup(sources[d->root_is_image ? exports->len : 0]);
    g_autoptr(GPtrArray) disks = lsb_disks_of(d);
    return g_strdup(d->root_is_image ? ((LsbDiskPlan *)disks->pdata[0])->serial : WIRE_ROOT_TAG);
}

static gboolean root_is_disk(const LsbDescription *d)
{
    return d->root_is_image && d->kind == LSB_MACHINE;
}

enum { READ_BY_OWNER = 0400, WRITE_BY_OWNER = 0600 };

/* Each belongs to the sandbox's user, and nobody else may open it. */
static void put_disks(struct wire_buf *b, const LsbDescription *d)
{
    g_autoptr(GPtrArray) disks = lsb_disks_of(d);
    wire_put_u32(b, d->disks->len);
    for (guint i = 0; i < disks->len; i++) {
        const LsbDiskPlan *p = disks->pdata[i];
        if (!p->disk)
            continue;
        wire_put_str(b, d->kind == LSB_MACHINE ? p->serial : p->dev);
        wire_put_str(b, p->disk->tag);
        wire_put_u32(b, d->identity->uid);
        wire_put_u32(b, d->identity->gid);
        wire_put_u32(b, p->image->readonly ? READ_BY_OWNER : WRITE_BY_OWNER);
    }
}

static guint32 plan_flags(const LsbDescription *d, gboolean overlay)
{
    return (d->kind == LSB_MACHINE ? WIRE_PLAN_MACHINE : 0u) |
           (overlay ? WIRE_PLAN_ROOT_OVERLAY : 0u) |
           (d->root_mode == LSB_ROOT_OVERLAY ? WIRE_PLAN_ROOT_WRITABLE : 0u) |
           (wants_lease_dns(&d->network) ? WIRE_PLAN_LEASE_DNS : 0u);
}

GBytes *lsb_plan_guest(const LsbDescription *d, char **sources, guint silence)
{
    g_autoptr(GPtrArray) mounts = lsb_plan_mounts(d, sources);
    gboolean overlay = lsb_plan_root_needs_overlay(d, mounts);
    struct wire_buf b = {0};
    wire_put_u32(&b, plan_flags(d, overlay));
    wire_put_str(&b, d->hostname);
    g_autofree char *root = root_source(d, sources);
    g_autofree char *filesystem = root_is_disk(d) ? lsb_plan_disk_options(d, &d->root_image) : NULL;
    wire_put_str(&b, d->domainname ? d->domainname : "");
    wire_put_str(&b, d->timezone ? d->timezone : "");
    wire_put_str(&b, root);
    wire_put_u64(&b, d->overlay_size ? d->overlay_size : d->memory / 2);
    wire_put_u64(&b, d->memory / 2);
    wire_put_u32(&b, d->tuning.pids ? d->tuning.pids : LSB_USUAL_PIDS);
    put_mounts(&b, mounts);
    put_network(&b, &d->network);
    wire_put_u32(&b, LSB_LEASE_SECONDS + silence);
    wire_put_str(&b, filesystem ? filesystem : "");
    put_disks(&b, d);
    wire_put_str(&b, d->overlay ? LSB_OVERLAY_SERIAL : "");
    GBytes *bytes = g_bytes_new(b.data, b.len);
    wire_buf_clear(&b);
    return bytes;
}
