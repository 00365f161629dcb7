/* The guest plan, parsed from PLAN (wire.h). */
#ifndef LSANDBOX_INIT_PLAN_H
#define LSANDBOX_INIT_PLAN_H

#include "shared/wire.h"
#include "netlink.h"

struct plan_mount {
    uint32_t kind;  /* enum wire_mount_kind */
    uint32_t flags; /* enum wire_mount_flag */
    char *source, *target, *options;
};

struct plan_address {
    struct net_ip ip, broadcast;
};

struct plan_route {
    struct net_ip to, via;
};

struct plan_interface {
    uint8_t mac[WIRE_NET_MAC];
    char *name;
    uint32_t mtu;   /* 0: leave it as it is */
    uint32_t flags; /* enum wire_net_flag */
    struct plan_address *addresses;
    uint32_t address_count;
    struct plan_route *routes;
    uint32_t route_count;
};

/* A disk that programs may open. */
struct plan_disk {
    char *source, *tag;
    uint32_t uid, gid, mode;
};

struct plan {
    uint32_t flags;                         /* enum wire_plan_flag */
    char *hostname, *domainname, *timezone; /* "": leave it as it is */
    char *root;
    uint64_t overlay_size, shm_size; /* bytes; 0: the kernel's default */
    uint32_t pids;                   /* 0: no limit */
    struct plan_mount *mounts;
    uint32_t mount_count;
    struct plan_interface *interfaces;
    uint32_t interface_count;
    uint32_t lease_seconds; /* that leases may take */
    char *root_filesystem;  /* "xfs nouuid"; "" where the root is no disk */
    struct plan_disk *disks;
    uint32_t disk_count;
    char *kept;          /* disk that takes the writes over the root; "": memory does */
    const uint8_t *seed; /* points into the message: valid until the relay is read again */
    size_t seed_length;
};

/*
 * Parse MESSAGE. 0, or -1 with failure_text() when a field is missing or wrong. The memory of the
 * plan is never freed.
 */
int plan_parse(struct plan *plan, const struct wire_frame *message);

#endif
