/* A recipe's network after validation: interfaces, name servers, host names. */
#ifndef LSANDBOX_RECIPE_NETWORK_NETWORK_H
#define LSANDBOX_RECIPE_NETWORK_NETWORK_H

#include <glib.h>

#include "recipe/network/ipaddress.h"

typedef enum { LSB_NET_USER, LSB_NET_NETWORK, LSB_NET_BRIDGE } LsbNetType;
typedef enum { LSB_DHCP_NOT_SAID, LSB_DHCP_NO, LSB_DHCP_YES } LsbDhcp;

typedef struct {
    LsbIp ip;
    LsbIp broadcast; /* IPv4 only; size 0: the usual one */
} LsbNetAddress;

typedef struct {
    LsbIp to;  /* prefix 0: the default route */
    LsbIp via; /* size 0: what is TO is reached by the link itself */
} LsbNetRoute;

typedef struct {
    GArray *servers;   /* LsbIp */
    GPtrArray *search; /* domain names */
} LsbDns;

/* Of one direction; 0: no limit. */
typedef struct {
    guint64 average, peak; /* bytes per second */
    guint64 burst;         /* bytes */
} LsbRate;

typedef struct {
    LsbRate inbound, outbound; /* as the sandbox sees it */
} LsbBandwidth;

typedef struct {
    char *path; /* in the recipe: "network[1]" */
    LsbNetType type;
    char *source; /* libvirt's network, or the host's bridge; NULL for user */
    char *device; /* what a container's other end is called on the host: a name of its own */
    guint8 mac[LSB_MAC];
    gboolean has_mac;
    guint mtu; /* 0: not said */
    LsbDhcp dhcp;
    GArray *addresses; /* LsbNetAddress */
    GArray *routes;    /* LsbNetRoute */
    LsbIp gateway;     /* as written; it is in ROUTES too. size 0: none */
    LsbDns dns;
    char *filter;          /* name of an nwfilter, or NULL */
    GPtrArray *parameters; /* of it: name, value, name, value ... */
    LsbBandwidth bandwidth;
} LsbInterface;

typedef struct {
    char *name;
    LsbIp ip;
} LsbHostName;

typedef struct {
    GPtrArray *interfaces; /* LsbInterface; interface N is called "eth" N - 1 inside */
    LsbDns dns;            /* the recipe's own and those of all interfaces */
    GPtrArray *hosts;      /* LsbHostName */
} LsbNetwork;

/* The MAC address of interface INDEX (from 0), by which libvirt's calls find a running domain's
 * interface (virDomainSetInterfaceParameters, virDomainInterfaceStats take it as the device). NULL
 * where there is no such interface. Caller frees. */
char *lsb_network_mac(const LsbNetwork *network, guint index);

gboolean lsb_network_has_type(const LsbNetwork *network, LsbNetType type);
gboolean lsb_network_has_dhcp(const LsbNetwork *network);

/* What the sandbox's own /etc/resolv.conf and /etc/hosts say; NULL: it sees the root's file. Caller
 * frees. */
char *lsb_network_resolv_conf(const LsbNetwork *network);
char *lsb_network_hosts(const LsbNetwork *network, const char *hostname);

typedef struct _LsbDescription LsbDescription;

/* Once everything is read: fill in what was not said, and refuse what contradicts itself or cannot
 * be for this kind of sandbox. */
gboolean lsb_network_finish(LsbDescription *d, GError **error);

#endif
