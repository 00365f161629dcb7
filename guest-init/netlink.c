/* Asks the kernel about network interfaces, and changes them. */
#define _GNU_SOURCE
#include "netlink.h"

#include "shared/closekeep.h"

#include <errno.h>
#include <limits.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- by ioctl(2), see netdevice(7) --- */

static int interface_ioctl(unsigned long request, struct ifreq *r)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int result = fd < 0 ? -1 : ioctl(fd, request, r);
    close_keep(fd);
    return result < 0 ? -1 : 0;
}

static struct ifreq request_for(const char *name)
{
    struct ifreq r = {.ifr_flags = 0};
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    return r;
}

static bool has_mac(const char *name, const uint8_t mac[WIRE_NET_MAC])
{
    struct ifreq r = request_for(name);
    return interface_ioctl(SIOCGIFHWADDR, &r) == 0 &&
           memcmp(r.ifr_hwaddr.sa_data, mac, WIRE_NET_MAC) == 0;
}

int netlink_find(const uint8_t mac[WIRE_NET_MAC], char name[IF_NAMESIZE])
{
    struct if_nameindex *all = if_nameindex();
    int result = -1;
    for (struct if_nameindex *i = all; i && i->if_name && result < 0; i++)
        if (has_mac(i->if_name, mac)) {
            snprintf(name, IF_NAMESIZE, "%s", i->if_name);
            result = 0;
        }
    if (all)
        if_freenameindex(all);
    return result;
}

/*
 * The number of the interface's device among those of virtio, which the kernel finds in the order
 * of the PCI bus; -1: it is no virtio device. In sysfs the interface's "device" is a link to that.
 */
static int virtio_number(const char *name)
{
    char path[64], device[256];
    int number;
    snprintf(path, sizeof path, "/sys/class/net/%s/device", name);
    ssize_t n = readlink(path, device, sizeof device - 1);
    device[n > 0 ? n : 0] = 0;
    const char *last = strrchr(device, '/');
    return last && sscanf(last, "/virtio%d", &number) == 1 ? number : -1;
}

/* How many virtio interfaces come before the device NUMBER. */
static uint32_t count_before(const struct if_nameindex *all, int number)
{
    uint32_t count = 0;
    for (const struct if_nameindex *i = all; i->if_name; i++) {
        int other = virtio_number(i->if_name);
        count += other >= 0 && other < number;
    }
    return count;
}

int netlink_find_nth(uint32_t n, uint32_t of, char name[IF_NAMESIZE])
{
    struct if_nameindex *all = if_nameindex();
    int result = -1;
    bool complete = all && count_before(all, INT_MAX) >= of;
    for (struct if_nameindex *i = all; complete && i->if_name && result < 0; i++) {
        int number = virtio_number(i->if_name);
        if (number >= 0 && count_before(all, number) == n) {
            snprintf(name, IF_NAMESIZE, "%s", i->if_name);
            result = 0;
        }
    }
    if (all)
        if_freenameindex(all);
    return result;
}

int netlink_set_mac(const char *name, const uint8_t mac[WIRE_NET_MAC])
{
    struct ifreq r = request_for(name);
    if (has_mac(name, mac))
        return 0;
    r.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(r.ifr_hwaddr.sa_data, mac, WIRE_NET_MAC);
    return interface_ioctl(SIOCSIFHWADDR, &r);
}

int netlink_rename(const char *name, const char *to)
{
    struct ifreq r = request_for(name);
    snprintf(r.ifr_newname, sizeof r.ifr_newname, "%s", to);
    return interface_ioctl(SIOCSIFNAME, &r);
}

int netlink_set_mtu(const char *name, uint32_t mtu)
{
    struct ifreq r = request_for(name);
    r.ifr_mtu = (int)mtu;
    return interface_ioctl(SIOCSIFMTU, &r);
}

int netlink_set_up(const char *name, bool up)
{
    struct ifreq r = request_for(name);
    if (interface_ioctl(SIOCGIFFLAGS, &r) < 0)
        return -1;
    r.ifr_flags = (short)(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
    return interface_ioctl(SIOCSIFFLAGS, &r);
}

bool netlink_is_running(const char *name)
{
    struct ifreq r = request_for(name);
    return interface_ioctl(SIOCGIFFLAGS, &r) == 0 && r.ifr_flags & IFF_RUNNING;
}

/* --- by rtnetlink(7) --- */

enum { ATTRIBUTE_ROOM = 256 };

struct message {
    struct nlmsghdr header;
    union {
        struct ifaddrmsg address;
        struct rtmsg route;
        struct ifinfomsg link;
        char room[sizeof(struct rtmsg) + ATTRIBUTE_ROOM];
    } body;
};

static struct message message_of(int type, int flags, size_t body)
{
    return (struct message){.header = {.nlmsg_len = NLMSG_LENGTH(body),
                                       .nlmsg_type = (uint16_t)type,
                                       .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags),
                                       .nlmsg_seq = 1}};
}

static void add_attribute(struct message *m, int type, const void *data, size_t size)
{
    struct rtattr *a = (void *)((char *)m + NLMSG_ALIGN(m->header.nlmsg_len));
    a->rta_type = (unsigned short)type;
    a->rta_len = (unsigned short)RTA_LENGTH(size);
    memcpy(RTA_DATA(a), data, size);
    m->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(m->header.nlmsg_len) + RTA_SPACE(size));
}

static void add_u32(struct message *m, int type, uint32_t value)
{
    add_attribute(m, type, &value, sizeof value);
}

static void add_ip(struct message *m, int type, const struct net_ip *ip)
{
    if (ip->size)
        add_attribute(m, type, ip->bytes, ip->size);
}

static int receive_answer(int fd)
{
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[512];
    } answer;
    ssize_t n = recv(fd, &answer, sizeof answer, 0);
    if (n < 0)
        return -1;
    if (n < (ssize_t)NLMSG_LENGTH(sizeof answer.error.error) ||
        answer.header.nlmsg_type != NLMSG_ERROR)
        errno = EPROTO;
    else
        errno = -answer.error.error;
    return errno ? -1 : 0;
}

static int ask_kernel(const struct message *m)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    int result = fd < 0 || send(fd, m, m->header.nlmsg_len, 0) < 0 ? -1 : receive_answer(fd);
    close_keep(fd);
    return result;
}

static bool says_carrier(const struct nlmsghdr *answer, size_t size)
{
    if (!NLMSG_OK(answer, size) || answer->nlmsg_type != RTM_NEWLINK)
        return false;
    const struct rtattr *a = IFLA_RTA(NLMSG_DATA(answer));
    for (size_t left = IFLA_PAYLOAD(answer); RTA_OK(a, left); a = RTA_NEXT(a, left))
        if (a->rta_type == IFLA_CARRIER)
            return *(const uint8_t *)RTA_DATA(a);
    return false;
}

bool netlink_has_carrier(const char *name)
{
    struct message m = message_of(RTM_GETLINK, 0, sizeof(struct ifinfomsg));
    union {
        struct nlmsghdr header;
        char room[4096];
    } answer;
    m.body.link = (struct ifinfomsg){.ifi_index = (int)if_nametoindex(name)};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    ssize_t n = fd < 0 || send(fd, &m, m.header.nlmsg_len, 0) < 0
                    ? -1
                    : recv(fd, &answer, sizeof answer, 0);
    close(fd);
    return n > 0 && says_carrier(&answer.header, (size_t)n);
}

static uint8_t family_of(const struct net_ip *ip)
{
    return ip->size == 4 ? AF_INET : AF_INET6;
}

static int change_address(int type, int flags, const char *name, const struct net_ip *ip,
                          const struct net_ip *broadcast)
{
    struct message m = message_of(type, flags, sizeof(struct ifaddrmsg));
    unsigned index = if_nametoindex(name);
    if (index == 0)
        return -1;
    m.body.address = (struct ifaddrmsg){
        .ifa_family = family_of(ip), .ifa_prefixlen = (uint8_t)ip->prefix, .ifa_index = index};
    add_ip(&m, IFA_LOCAL, ip);
    add_ip(&m, IFA_ADDRESS, ip);
    if (broadcast)
        add_ip(&m, IFA_BROADCAST, broadcast);
    /*
     * no duplicate address detection: the recipe answers for the address, so it is usable at once
     */
    if (ip->size != 4)
        add_u32(&m, IFA_FLAGS, IFA_F_NODAD | IFA_F_PERMANENT);
    return ask_kernel(&m);
}

/* The last address of a network is its broadcast address (RFC 1122, 3.2.1.3). */
static struct net_ip usual_broadcast(const struct net_ip *ip)
{
    struct net_ip b = *ip;
    for (uint32_t bit = ip->prefix; bit < 32; bit++)
        b.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    if (ip->prefix > 30)
        b.size = 0;
    return b;
}

int netlink_add_address(const char *name, const struct net_ip *ip, const struct net_ip *broadcast)
{
    struct net_ip b = {.size = 0};
    if (ip->size == 4)
        b = broadcast->size == 4 ? *broadcast : usual_broadcast(ip);
    return change_address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, name, ip, &b);
}

int netlink_drop_address(const char *name, const struct net_ip *ip)
{
    return change_address(RTM_DELADDR, 0, name, ip, NULL);
}

int netlink_add_route(const char *name, const struct net_ip *to, const struct net_ip *via,
                      bool on_link)
{
    struct message m = message_of(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, sizeof(struct rtmsg));
    unsigned index = if_nametoindex(name);
    if (index == 0)
        return -1;
    m.body.route = (struct rtmsg){.rtm_family = family_of(to),
                                  .rtm_dst_len = (unsigned char)to->prefix,
                                  .rtm_table = RT_TABLE_MAIN,
                                  .rtm_protocol = RTPROT_STATIC,
                                  .rtm_scope = via->size ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
                                  .rtm_type = RTN_UNICAST,
                                  .rtm_flags = on_link ? RTNH_F_ONLINK : 0};
    if (to->prefix)
        add_ip(&m, RTA_DST, to);
    add_ip(&m, RTA_GATEWAY, via);
    add_u32(&m, RTA_OIF, index);
    return ask_kernel(&m);
}
