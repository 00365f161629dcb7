/* Parses the guest plan. */
#include "plan.h"

#include "wirearray.h"
#include "log.h"

#include <errno.h>
#include <string.h>

static void get_mount(struct wire_reader *r, struct plan_mount *m)
{
    m->kind = wire_get_u32(r);
    m->flags = wire_get_u32(r);
    m->source = wire_get_str(r);
    m->target = wire_get_str(r);
    m->options = wire_get_str(r);
    if (!r->failed && m->target[0] != '/')
        r->failed = true;
}

/* NONE: no bytes are allowed, too, for no address. */
static void get_ip(struct wire_reader *r, struct net_ip *ip, bool none)
{
    const uint8_t *bytes = wire_get_data(r, &ip->size);
    if (r->failed || (ip->size != 4 && ip->size != 16 && !(none && ip->size == 0)))
        r->failed = true;
    else if (ip->size)
        memcpy(ip->bytes, bytes, ip->size);
}

static void get_prefix(struct wire_reader *r, struct net_ip *ip)
{
    ip->prefix = wire_get_u32(r);
    if (ip->prefix > ip->size * 8)
        r->failed = true;
}

static void get_addresses(struct wire_reader *r, struct plan_interface *i)
{
    i->addresses = wire_array(r, &i->address_count, 16, sizeof *i->addresses);
    for (uint32_t n = 0; n < i->address_count && !r->failed; n++) {
        get_ip(r, &i->addresses[n].ip, false);
        get_prefix(r, &i->addresses[n].ip);
        get_ip(r, &i->addresses[n].broadcast, true);
    }
}

static void get_routes(struct wire_reader *r, struct plan_interface *i)
{
    i->routes = wire_array(r, &i->route_count, 16, sizeof *i->routes);
    for (uint32_t n = 0; n < i->route_count && !r->failed; n++) {
        get_ip(r, &i->routes[n].to, false);
        get_prefix(r, &i->routes[n].to);
        get_ip(r, &i->routes[n].via, true);
    }
}

static void get_interface(struct wire_reader *r, struct plan_interface *i)
{
    size_t length = 0;
    const uint8_t *mac = wire_get_data(r, &length);
    if (r->failed || length != sizeof i->mac) {
        r->failed = true;
        return;
    }
    memcpy(i->mac, mac, sizeof i->mac);
    i->name = wire_get_str(r);
    i->mtu = wire_get_u32(r);
    i->flags = wire_get_u32(r);
    if (!r->failed)
        get_addresses(r, i);
    if (!r->failed)
        get_routes(r, i);
}

static void get_disk(struct wire_reader *r, struct plan_disk *d)
{
    d->source = wire_get_str(r);
    d->tag = wire_get_str(r);
    d->uid = wire_get_u32(r);
    d->gid = wire_get_u32(r);
    d->mode = wire_get_u32(r);
}

int plan_parse(struct plan *plan, const struct wire_frame *message)
{
    struct wire_reader r = {.at = message->payload, .end = message->payload + message->length};
    memset(plan, 0, sizeof *plan);
    plan->flags = wire_get_u32(&r);
    plan->hostname = wire_get_str(&r);
    plan->domainname = wire_get_str(&r);
    plan->timezone = wire_get_str(&r);
    plan->root = wire_get_str(&r);
    plan->overlay_size = wire_get_u64(&r);
    plan->shm_size = wire_get_u64(&r);
    plan->pids = wire_get_u32(&r);
    if (!r.failed)
        plan->mounts = wire_array(&r, &plan->mount_count, 20, sizeof *plan->mounts);
    for (uint32_t i = 0; i < plan->mount_count && !r.failed; i++)
        get_mount(&r, &plan->mounts[i]);
    if (!r.failed)
        plan->interfaces = wire_array(&r, &plan->interface_count, 26, sizeof *plan->interfaces);
    for (uint32_t i = 0; i < plan->interface_count && !r.failed; i++)
        get_interface(&r, &plan->interfaces[i]);
    plan->lease_seconds = wire_get_u32(&r);
    plan->root_filesystem = r.failed ? NULL : wire_get_str(&r);
    if (!r.failed)
        plan->disks = wire_array(&r, &plan->disk_count, 20, sizeof *plan->disks);
    for (uint32_t i = 0; i < plan->disk_count && !r.failed; i++)
        get_disk(&r, &plan->disks[i]);
    plan->kept = r.failed ? NULL : wire_get_str(&r);
    plan->seed = wire_get_data(&r, &plan->seed_length);
    if (r.failed || r.at != r.end)
        return failed_with(EPROTO, "read the plan");
    return 0;
}
