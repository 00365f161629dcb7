/* Writing a plan down for the guest init: its fields in the order of shared/wire.h. */
#include "plan/guestplan.h"

#include "plan/plan.h"
#include "plan/planmounts.h"
#include "recipe/description.h"
#include "recipe/driver.h"
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

static void put_guest_interface(struct wire_buf *b, const LsbInterface *i, guint index)
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
        put_guest_interface(b, network->interfaces->pdata[i], i);
}

/* --- mounts, disks, the whole --- */

static void put_guest_mount(struct wire_buf *b, const LsbGuestMount *m)
{
    wire_put_u32(b, m->kind);
    wire_put_u32(b, m->flags);
    wire_put_str(b, m->source);
    wire_put_str(b, m->target);
    wire_put_str(b, m->options);
}

static void put_guest_mounts(struct wire_buf *b, GPtrArray *mounts)
{
    wire_put_u32(b, mounts->len);
    for (guint i = 0; i < mounts->len; i++)
        put_guest_mount(b, mounts->pdata[i]);
}

/* Name servers that the recipe names are not replaced by those of a lease. */
static gboolean wants_lease_dns(const LsbNetwork *network)
{
    return lsb_network_has_dhcp(network) && network->dns.servers->len == 0;
}

static void put_root(struct wire_buf *b, const LsbPlan *plan)
{
    const LsbPlanDisk *disk = lsb_plan_disk(plan, LSB_DISK_ROOT, NULL);
    wire_put_str(b, disk ? disk->name : lsb_plan_export(plan, LSB_EXPORT_ROOT, NULL)->name);
}

/* A machine's guest init mounts the root's disk; a container gets the root mounted: "". */
static void put_root_filesystem(struct wire_buf *b, const LsbPlan *plan)
{
    const LsbPlanDisk *disk = lsb_plan_disk(plan, LSB_DISK_ROOT, NULL);
    g_autofree char *options =
        disk && disk->dev ? lsb_plan_disk_options(plan->description, disk->image) : NULL;
    wire_put_str(b, options ? options : "");
}

enum { READ_BY_OWNER = 0400, WRITE_BY_OWNER = 0600 };

/* The node of each disk belongs to the sandbox's user, and no other user may open it. */
static void put_guest_disks(struct wire_buf *b, const LsbPlan *plan)
{
    const LsbIdentity *id = plan->description->identity;
    wire_put_u32(b, plan->description->disks->len);
    for (guint i = 0; i < plan->disks->len; i++) {
        const LsbPlanDisk *p = plan->disks->pdata[i];
        if (p->role != LSB_DISK_RAW)
            continue;
        wire_put_str(b, p->name);
        wire_put_str(b, p->disk->tag);
        wire_put_u32(b, id->uid);
        wire_put_u32(b, id->gid);
        wire_put_u32(b, p->image->readonly ? READ_BY_OWNER : WRITE_BY_OWNER);
    }
}

static guint32 plan_flags(const LsbPlan *plan)
{
    const LsbDescription *d = plan->description;
    return (d->kind == LSB_MACHINE ? WIRE_PLAN_MACHINE : 0u) |
           (plan->root_overlay ? WIRE_PLAN_ROOT_OVERLAY : 0u) |
           (d->root_mode == LSB_ROOT_OVERLAY ? WIRE_PLAN_ROOT_WRITABLE : 0u) |
           (wants_lease_dns(&d->network) ? WIRE_PLAN_LEASE_DNS : 0u);
}

GBytes *lsb_plan_guest(const LsbPlan *plan, guint silence)
{
    const LsbDescription *d = plan->description;
    const LsbPlanDisk *overlay = lsb_plan_disk(plan, LSB_DISK_OVERLAY, NULL);
    struct wire_buf b = {0};
    wire_put_u32(&b, plan_flags(plan));
    wire_put_str(&b, d->hostname);
    wire_put_str(&b, d->domainname ? d->domainname : "");
    wire_put_str(&b, d->timezone ? d->timezone : "");
    put_root(&b, plan);
    wire_put_u64(&b, d->overlay_size ? d->overlay_size : d->memory / 2);
    wire_put_u64(&b, d->memory / 2);
    wire_put_u32(&b, d->tuning.pids ? d->tuning.pids : LSB_USUAL_PIDS);
    put_guest_mounts(&b, plan->mounts);
    put_network(&b, &d->network);
    wire_put_u32(&b, LSB_LEASE_SECONDS + silence);
    put_root_filesystem(&b, plan);
    put_guest_disks(&b, plan);
    wire_put_str(&b, overlay ? overlay->name : "");
    GBytes *bytes = g_bytes_new(b.data, b.len);
    wire_buf_clear(&b);
    return bytes;
}
