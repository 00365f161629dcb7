/* IP addresses and MAC addresses as recipes write them. */
#ifndef LSANDBOX_RECIPE_NETWORK_IPADDRESS_H
#define LSANDBOX_RECIPE_NETWORK_IPADDRESS_H

#include <glib.h>

enum { LSB_IP4 = 4, LSB_IP6 = 16, LSB_MAC = 6 };

/* An address, or a network where PREFIX says how many of its bits count. */
typedef struct {
    guint8 bytes[LSB_IP6]; /* network byte order; zero behind SIZE */
    guint8 size;           /* LSB_IP4 or LSB_IP6; 0: none */
    guint prefix;
} LsbIp;

/* "10.0.0.1" or "fd00::1", strictly (inet_pton(3)); the prefix becomes all bits. */
gboolean lsb_ip_parse(const char *text, LsbIp *ip);

/* "10.0.0.0/8": an address, a slash and a number of bits without sign or leading zero. */
gboolean lsb_ip_parse_prefix(const char *text, LsbIp *ip);

/* How many bits an address of IP's family has. */
guint lsb_ip_bits(const LsbIp *ip);

/*
 * The bits of IP behind its prefix: all 0, as in a network's own address; all 1, as in a broadcast.
 */
gboolean lsb_ip_host_is(const LsbIp *ip, gboolean ones);

/* IP with the bits behind its prefix set to 0 or 1. */
LsbIp lsb_ip_with_host(const LsbIp *ip, gboolean ones);

/* Whether ADDRESS is in NETWORK. */
gboolean lsb_ip_is_in(const LsbIp *address, const LsbIp *network);

gboolean lsb_ip_equal(const LsbIp *a, const LsbIp *b); /* the addresses, not the prefixes */

/* Not one host's: multicast, unspecified, or 255.255.255.255. */
gboolean lsb_ip_is_group(const LsbIp *ip);
gboolean lsb_ip_is_link_local(const LsbIp *ip); /* fe80::/10 */

char *lsb_ip_text(const LsbIp *ip); /* without the prefix; caller frees */

/* "52:54:00:12:34:56" */
gboolean lsb_mac_parse(const char *text, guint8 mac[LSB_MAC]);
char *lsb_mac_text(const guint8 mac[LSB_MAC]); /* caller frees */

#endif
