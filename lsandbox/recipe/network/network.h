/* The network of a description: its interfaces, name servers and host names. */
#ifndef LSANDBOX_RECIPE_NETWORK_NETWORK_H
#define LSANDBOX_RECIPE_NETWORK_NETWORK_H

#include <glib.h>

#include "recipe/network/ipaddress.h"

typedef enum { LSB_NET_USER, LSB_NET_NETWORK, LSB_NET_BRIDGE } LsbNetType;
typedef enum { LSB_DHCP_NOT_SAID, LSB_DHCP_NO, LSB_DHCP_YES } LsbDhcp;

typedef struct {
    LsbIp ip;
    LsbIp broadcast; /* IPv4 only; size 0: the last address of the network */
} LsbNetAddress;

typedef struct {
    LsbIp to;  /* prefix 0: the default route */
    LsbIp via; /* the router; size 0: TO is on the link itself */
} LsbNetRoute;

typedef struct {
    GArray *servers;   /* LsbIp */
    GPtrArray *search; /* domain names */
} LsbDns;

/* The rate of one direction; 0: no limit. */
typedef struct {
    guint64 average, peak; /* bytes per second */
    guint64 burst;         /* bytes */
} LsbRate;

typedef struct {
    LsbRate inbound, outbound; /* from the sandbox's point of view */
} LsbBandwidth;

typedef struct {
    char *path; /* in the recipe: "network[1]" */
    LsbNetType type;
    char *source; /* libvirt's network, or the host's bridge; NULL for user */
    char *device; /* the unique name of a container's interface on the host */
    guint8 mac[LSB_MAC];
    gboolean has_mac;
    guint mtu; /* 0: not said */
    LsbDhcp dhcp;
    GArray *addresses; /* LsbNetAddress */
    GArray *routes;    /* LsbNetRoute */
    LsbIp gateway;     /* as written, and also in ROUTES; size 0: none */
    LsbDns dns;
    char *filter;          /* name of an nwfilter, or NULL */
    GPtrArray *parameters; /* of the filter: name, value, name, value ... (char *) */
    LsbBandwidth bandwidth;
} LsbInterface;

typedef struct {
    char *name;
    LsbIp ip;
} LsbHostName;

typedef struct {
    GPtrArray *interfaces; /* LsbInterface; number N of the recipe is "ethN-1" inside */
    LsbDns dns;            /* the recipe's own, then those of all interfaces */
    GPtrArray *hosts;      /* LsbHostName */
} LsbNetwork;

/*
 * The MAC address of interface INDEX (from 0), which virDomainSetInterfaceParameters() and
 * virDomainInterfaceStats() take as the device. Caller frees. NULL: there is no such interface.
 */
char *lsb_network_mac(const LsbNetwork *network, guint index);

/* Whether NETWORK has an interface of TYPE. */
gboolean lsb_network_has_type(const LsbNetwork *network, LsbNetType type);
/* Whether NETWORK has an interface that gets its addresses by DHCP. */
gboolean lsb_network_has_dhcp(const LsbNetwork *network);

/*
 * The content of the sandbox's /etc/resolv.conf and /etc/hosts. Caller frees. NULL: the sandbox
 * sees the root's own file.
 */
char *lsb_network_resolv_conf(const LsbNetwork *network);
char *lsb_network_hosts(const LsbNetwork *network, const char *hostname, const char *domainname);

typedef struct _LsbDescription LsbDescription;

/*
 * Fill in the defaults of the network, once the whole recipe has been read and the kind is known,
 * and check it for contradictions and against the kind. FALSE with LSB_ERROR_INVALID.
 */
gboolean lsb_network_finish(LsbDescription *d, GError **error);

#endif
