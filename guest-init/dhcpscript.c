/*
 * The script of a DHCP client, which sets up the interface. Clients say what to do in environment
 * variables: dhclient-script(8), dhcpcd-run-hooks(8), busybox's examples/udhcp/simple.script. Their
 * values come from the network and are not trusted.
 */
#define _GNU_SOURCE
#include "dhcpscript.h"

#include "dhcp.h"
#include "netlink.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SERVERS = 3, LEAST_MTU = 576 /* RFC 791 */, MOST_MTU = 65535 };

/* The variable NAME of dhclient and dhcpcd, or UDHCPC of udhcpc; NULL where it is empty. */
static const char *lease_variable(const char *name, const char *udhcpc)
{
    const char *value = getenv(name);
    if (!value)
        value = getenv(udhcpc);
    return value && *value ? value : NULL;
}

enum event { NOTHING, HAVE_LEASE, LOST_LEASE };

static enum event event_of(const char *word)
{
    static const struct {
        const char *word;
        enum event event;
    } events[] = {
        {"BOUND", HAVE_LEASE},
        {"RENEW", HAVE_LEASE},
        {"REBIND", HAVE_LEASE},
        {"REBOOT", HAVE_LEASE},
        {"TIMEOUT", NOTHING},
        {"bound", HAVE_LEASE},
        {"renew", HAVE_LEASE},
        {"EXPIRE", LOST_LEASE},
        {"STOP", LOST_LEASE},
        {"RELEASE", LOST_LEASE},
        {"deconfig", LOST_LEASE},
        {"NAK", LOST_LEASE},
    };
    for (size_t i = 0; word && i < sizeof events / sizeof *events; i++)
        if (strcmp(events[i].word, word) == 0)
            return events[i].event;
    return NOTHING;
}

static bool get_ip4(const char *text, struct net_ip *ip)
{
    *ip = (struct net_ip){.size = 4, .prefix = 32};
    return text && inet_pton(AF_INET, text, ip->bytes) == 1;
}

/* MASK is "255.255.255.0" or the number of its bits; NULL and nonsense count as 24. */
static uint32_t prefix_of(const char *mask)
{
    struct net_ip ip;
    uint32_t n = 0;
    if (!mask)
        return 24;
    if (!get_ip4(mask, &ip))
        return strtoul(mask, NULL, 10) <= 32 ? (uint32_t)strtoul(mask, NULL, 10) : 24;
    while (n < 32 && ip.bytes[n / 8] & 0x80 >> n % 8)
        n++;
    return n;
}

/* --- the last lease, in a file --- */

static const char *lease_path(const char *interface, char path[128])
{
    snprintf(path, 128, DHCP_DIR "/%.15s/lease", interface);
    return path;
}

static bool read_lease(const char *interface, struct net_ip *ip)
{
    char path[128], text[64];
    unsigned prefix = 0;
    FILE *f = fopen(lease_path(interface, path), "re");
    bool got = f && fscanf(f, "%63s %u", text, &prefix) == 2 && get_ip4(text, ip);
    if (f)
        fclose(f);
    ip->prefix = prefix;
    return got;
}

static int write_lease(const char *interface, const char *address, uint32_t prefix)
{
    char path[128], temporary[160];
    lease_path(interface, path);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    FILE *f = fopen(temporary, "we");
    if (!f)
        return -1;
    fprintf(f, "%s %u\n", address, (unsigned)prefix);
    return fclose(f) == 0 && rename(temporary, path) == 0 ? 0 : -1;
}

/* --- resolv.conf --- */

static bool is_domain_name(const char *word)
{
    for (const char *c = word; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
            return false;
    return *word && strlen(word) < 254;
}

/* Only valid domains get into the file, six at most: glibc before 2.26 reads no more. */
static void put_search(FILE *f)
{
    const char *list = lease_variable("new_domain_search", "search");
    char *words = strdup(list ? list : lease_variable("new_domain_name", "domain") ?: "");
    int n = 0;
    for (char *w = words ? strtok(words, " ") : NULL; w && n < 6; w = strtok(NULL, " "))
        if (is_domain_name(w))
            fprintf(f, "%s%s", n++ ? " " : "search ", w);
    if (n)
        fputc('\n', f);
    free(words);
}

static void put_servers(FILE *f)
{
    char *words = strdup(lease_variable("new_domain_name_servers", "dns") ?: "");
    struct net_ip ip;
    int n = 0;
    for (char *w = words ? strtok(words, " ") : NULL; w && n < MOST_SERVERS; w = strtok(NULL, " "))
        if (get_ip4(w, &ip)) {
            fprintf(f, "nameserver %s\n", w);
            n++;
        }
    free(words);
}

/* Write the file in place, because a file of the sandbox's own is mounted at /etc/resolv.conf. */
static void write_resolv_conf(void)
{
    if (access(DHCP_KEEP_DNS, F_OK) == 0)
        return;
    int fd = open("/etc/resolv.conf", O_WRONLY | O_TRUNC | O_CLOEXEC);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    if (!f)
        return;
    put_search(f);
    put_servers(f);
    fclose(f);
}

/* --- the interface --- */

static void set_mtu(const char *interface)
{
    const char *text = lease_variable("new_interface_mtu", "mtu");
    unsigned long mtu = text ? strtoul(text, NULL, 10) : 0;
    if (mtu >= LEAST_MTU && mtu <= MOST_MTU)
        netlink_set_mtu(interface, (uint32_t)mtu);
}

static void set_router(const char *interface)
{
    struct net_ip any = {.size = 4}, router;
    char first[64];
    const char *routers = lease_variable("new_routers", "router");
    if (routers && sscanf(routers, "%63s", first) == 1 && get_ip4(first, &router))
        netlink_add_route(interface, &any, &router, true);
}

static int have_lease(const char *interface)
{
    struct net_ip ip, old, broadcast;
    const char *address = lease_variable("new_ip_address", "ip");
    const char *mask = lease_variable("new_subnet_mask", "subnet");
    if (!get_ip4(address, &ip))
        return 1;
    ip.prefix = prefix_of(mask);
    if (!get_ip4(lease_variable("new_broadcast_address", "broadcast"), &broadcast))
        broadcast.size = 0;
    if (read_lease(interface, &old) && memcmp(old.bytes, ip.bytes, 4) != 0)
        netlink_drop_address(interface, &old);
    set_mtu(interface);
    if (netlink_add_address(interface, &ip, &broadcast) < 0) {
        perror("cannot set the address");
        return 1;
    }
    set_router(interface);
    write_resolv_conf();
    return write_lease(interface, address, ip.prefix) < 0;
}

static int lost_lease(const char *interface)
{
    struct net_ip old;
    char path[128];
    if (read_lease(interface, &old)) {
        netlink_drop_address(interface, &old);
        unlink(lease_path(interface, path));
    }
    return 0;
}

bool dhcpscript_is_meant(const char *program)
{
    return program && strcmp(program, DHCP_SCRIPT) == 0;
}

int dhcpscript_run(char **argv)
{
    const char *interface = getenv("interface");
    const char *reason = getenv("reason");
    enum event event = event_of(reason ? reason : argv[1]);
    if (!interface || strchr(interface, '/') || event == NOTHING)
        return 0;
    return event == HAVE_LEASE ? have_lease(interface) : lost_lease(interface);
}
