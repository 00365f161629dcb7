/* IP addresses and MAC addresses as recipes write them. */
#ifndef LSANDBOX_RECIPE_NETWORK_IPADDRESS_H
#define LSANDBOX_RECIPE_NETWORK_IPADDRESS_H

#include <glib.h>

enum { LSB_IP4 = 4, LSB_IP6 = 16, LSB_MAC = 6 };

/* An address, or a network: the first PREFIX bits of an address. */
typedef struct {
    guint8 bytes[LSB_IP6]; /* network byte order; zero behind SIZE */
    guint8 size;           /* LSB_IP4 or LSB_IP6; 0: there is no address */
    guint prefix;
} LsbIp;

/* Parse "10.0.0.1" or "fd00::1", strictly (inet_pton(3)). The prefix becomes all bits. */
gboolean lsb_ip_parse(const char *text, LsbIp *ip);

/* Parse "10.0.0.0/8": an address, a slash, and a number of bits without sign or leading zero. */
gboolean lsb_ip_parse_prefix(const char *text, LsbIp *ip);

/* The number of bits of an address of IP's family. */
guint lsb_ip_bits(const LsbIp *ip);

/*
 * Whether the bits of IP behind its prefix are all 0 (ONES false), as in the address of a network,
 * or all 1, as in a broadcast address.
 */
gboolean lsb_ip_host_is(const LsbIp *ip, gboolean ones);

/* IP with the bits behind its prefix set to 0 or 1. */
LsbIp lsb_ip_with_host(const LsbIp *ip, gboolean ones);

/* Whether ADDRESS lies in NETWORK. */
gboolean lsb_ip_is_in(const LsbIp *address, const LsbIp *network);

/* Whether two addresses are equal, whatever their prefixes are. */
gboolean lsb_ip_equal(const LsbIp *a, const LsbIp *b);

/* Whether IP is no single host's: multicast, unspecified, reserved, or 255.255.255.255. */
gboolean lsb_ip_is_group(const LsbIp *ip);
/* Whether IP is in fe80::/10. */
gboolean lsb_ip_is_link_local(const LsbIp *ip);

/* IP as text, without the prefix. Caller frees. */
char *lsb_ip_text(const LsbIp *ip);

/* Parse and show a MAC address like "52:54:00:12:34:56". Caller frees the text. */
gboolean lsb_mac_parse(const char *text, guint8 mac[LSB_MAC]);
char *lsb_mac_text(const guint8 mac[LSB_MAC]);

#endif
