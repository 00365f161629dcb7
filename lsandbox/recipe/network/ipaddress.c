/* IP addresses and MAC addresses: parsing, showing and comparing them. */
#include "recipe/network/ipaddress.h"

#include <arpa/inet.h>
#include <string.h>

gboolean lsb_ip_parse(const char *text, LsbIp *ip)
{
    *ip = (LsbIp){.size = 0};
    if (inet_pton(AF_INET, text, ip->bytes) == 1)
        ip->size = LSB_IP4;
    else if (inet_pton(AF_INET6, text, ip->bytes) == 1)
        ip->size = LSB_IP6;
    ip->prefix = lsb_ip_bits(ip);
    return ip->size != 0;
}

gboolean lsb_ip_parse_prefix(const char *text, LsbIp *ip)
{
    const char *slash = strchr(text, '/');
    g_autofree char *address = slash ? g_strndup(text, (gsize)(slash - text)) : NULL;
    guint64 prefix = 0;
    if (!address || !lsb_ip_parse(address, ip) || (slash[1] == '0' && slash[2]) ||
        !g_ascii_string_to_unsigned(slash + 1, 10, 0, lsb_ip_bits(ip), &prefix, NULL))
        return FALSE;
    ip->prefix = (guint)prefix;
    return TRUE;
}

guint lsb_ip_bits(const LsbIp *ip)
{
    return ip->size * 8u;
}

/* The bits of byte I that are behind the prefix. */
static guint8 host_mask(const LsbIp *ip, guint i)
{
    guint first = i * 8;
    if (ip->prefix >= first + 8)
        return 0;
    return ip->prefix <= first ? 0xff : (guint8)(0xff >> (ip->prefix - first));
}

LsbIp lsb_ip_with_host(const LsbIp *ip, gboolean ones)
{
    LsbIp result = *ip;
    for (guint i = 0; i < ip->size; i++)
        result.bytes[i] = (guint8)(ones ? result.bytes[i] | host_mask(ip, i)
                                        : result.bytes[i] & ~host_mask(ip, i));
    return result;
}

gboolean lsb_ip_host_is(const LsbIp *ip, gboolean ones)
{
    LsbIp other = lsb_ip_with_host(ip, ones);
    return lsb_ip_equal(ip, &other);
}

gboolean lsb_ip_is_in(const LsbIp *address, const LsbIp *network)
{
    LsbIp other = *address;
    other.prefix = network->prefix;
    LsbIp a = lsb_ip_with_host(&other, FALSE), b = lsb_ip_with_host(network, FALSE);
    return lsb_ip_equal(&a, &b);
}

gboolean lsb_ip_equal(const LsbIp *a, const LsbIp *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

gboolean lsb_ip_is_group(const LsbIp *ip)
{
    static const guint8 none[LSB_IP6];
    if (memcmp(ip->bytes, none, ip->size) == 0)
        return TRUE;
    return ip->size == LSB_IP4 ? ip->bytes[0] >= 224 : ip->bytes[0] == 0xff;
}

gboolean lsb_ip_is_link_local(const LsbIp *ip)
{
    return ip->size == LSB_IP6 && ip->bytes[0] == 0xfe && (ip->bytes[1] & 0xc0) == 0x80;
}

char *lsb_ip_text(const LsbIp *ip)
{
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(ip->size == LSB_IP4 ? AF_INET : AF_INET6, ip->bytes, text, sizeof text);
    return g_strdup(text);
}

gboolean lsb_mac_parse(const char *text, guint8 mac[LSB_MAC])
{
    for (guint i = 0; i < LSB_MAC; i++, text += 3) {
        int high = g_ascii_xdigit_value(text[0]);
        int low = high < 0 ? -1 : g_ascii_xdigit_value(text[1]);
        if (low < 0 || text[2] != (i < LSB_MAC - 1 ? ':' : '\0'))
            return FALSE;
        mac[i] = (guint8)(high << 4 | low);
    }
    return TRUE;
}

char *lsb_mac_text(const guint8 mac[LSB_MAC])
{
    return g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                           mac[5]);
}
