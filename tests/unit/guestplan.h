/* The guest plan, read with the reader that the guest uses, as text to compare. */
#ifndef LSANDBOX_TEST_GUESTPLAN_H
#define LSANDBOX_TEST_GUESTPLAN_H

#include <arpa/inet.h>
#include <stdlib.h>

#include "recipe/limitfields.h"
#include "recipe/network/ipaddress.h"
#include "shared/wire.h"
#include "recipe/network/network.h"
#include "plan/guestplan.h"

/* Seconds, as given to lsb_plan_guest(). */
enum { PLAN_SILENCE = 4 };

typedef struct {
    guint32 flags;
    char *hostname, *domainname, *timezone, *root;
    /* of char *, a mount and an interface as one line of text */
    GPtrArray *mounts, *interfaces;
} Plan;

static inline void show_flags(GString *out, guint32 flags)
{
    static const char *const names[] = {"ro",   "nosuid",   "nodev", "noexec",
                                        "file", "optional", "cached"};
    g_assert_cmpuint(flags >> G_N_ELEMENTS(names), ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (flags & 1u << i)
            g_string_append_printf(out, " %s", names[i]);
}

/* `KIND SOURCE TARGET [OPTIONS] flags`; an empty source shows as "-". */
static inline char *decode_mount(struct wire_reader *r)
{
    static const char *const kinds[] = {"?",    "9p",   "tmpfs",   "bind",   "placed",
                                        "text", "disk", "overlay", "include"};
    guint32 kind = wire_get_u32(r), flags = wire_get_u32(r);
    g_autofree char *source = wire_get_str(r), *target = wire_get_str(r),
                    *options = wire_get_str(r);
    g_assert_false(r->failed);
    g_assert_cmpuint(kind, <, G_N_ELEMENTS(kinds));
    GString *out = g_string_new(kinds[kind]);
    g_string_append_printf(out, " %s %s", *source ? source : "-", target);
    if (*options)
        g_string_append_printf(out, " [%s]", options);
    show_flags(out, flags);
    return g_string_free(out, FALSE);
}

static void decode_ip(struct wire_reader *r, GString *out, gboolean prefix)
{
    char text[INET6_ADDRSTRLEN] = "-";
    size_t size = 0;
    const guint8 *bytes = wire_get_data(r, &size);
    g_assert_true(size == 0 || size == 4 || size == 16);
    if (size)
        inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, text, sizeof text);
    g_string_append_printf(out, " %s", text);
    if (prefix)
        g_string_append_printf(out, "/%u", wire_get_u32(r));
}

/* `NAME MAC MTU flags addresses: ADDRESS/PREFIX BROADCAST ... routes: TO/PREFIX VIA ...` */
static inline char *decode_interface(struct wire_reader *r)
{
    GString *out = g_string_new(NULL);
    size_t size;
    const guint8 *mac = wire_get_data(r, &size);
    g_assert_cmpuint(size, ==, LSB_MAC);
    g_autofree char *mac_text = lsb_mac_text(mac);
    g_autofree char *name = wire_get_str(r);
    guint32 mtu = wire_get_u32(r), flags = wire_get_u32(r);
    g_string_append_printf(out, "%s %s %u %u addresses:", name, mac_text, mtu, flags);
    for (guint n = wire_get_u32(r); n; n--) {
        decode_ip(r, out, TRUE);
        decode_ip(r, out, FALSE);
    }
    g_string_append(out, " routes:");
    for (guint n = wire_get_u32(r); n; n--) {
        decode_ip(r, out, TRUE);
        decode_ip(r, out, FALSE);
    }
    g_assert_false(r->failed);
    return g_string_free(out, FALSE);
}

/* Time and seed may follow the interfaces. */
static void decode_rest(struct wire_reader *r)
{
    if (r->at == r->end)
        return;
    size_t len;
    wire_get_u64(r);
    wire_get_data(r, &len);
    g_assert_false(r->failed);
    g_assert_true(r->at == r->end);
}

static inline Plan *decode(GBytes *bytes)
{
    gsize len;
    const guint8 *data = g_bytes_get_data(bytes, &len);
    struct wire_reader r = {data, data + len, false};
    Plan *plan = g_new0(Plan, 1);
    plan->mounts = g_ptr_array_new_with_free_func(g_free);
    plan->interfaces = g_ptr_array_new_with_free_func(g_free);
    plan->flags = wire_get_u32(&r);
    plan->hostname = wire_get_str(&r);
    plan->domainname = wire_get_str(&r);
    plan->timezone = wire_get_str(&r);
    plan->root = wire_get_str(&r);
    g_assert_cmpuint(wire_get_u64(&r), >, 0); /* overlay */
    g_assert_cmpuint(wire_get_u64(&r), >, 0); /* shm */
    g_assert_cmpuint(wire_get_u32(&r), ==, LSB_USUAL_PIDS);
    for (guint32 n = wire_get_u32(&r); n > 0 && !r.failed; n--)
        g_ptr_array_add(plan->mounts, decode_mount(&r));
    for (guint32 n = wire_get_u32(&r); n > 0 && !r.failed; n--)
        g_ptr_array_add(plan->interfaces, decode_interface(&r));
    g_assert_cmpuint(wire_get_u32(&r), ==, LSB_LEASE_SECONDS + PLAN_SILENCE);
    g_assert_false(r.failed);
    g_free(wire_get_str(&r));                  /* filesystem of the root */
    g_assert_cmpuint(wire_get_u32(&r), ==, 0); /* disks */
    g_free(wire_get_str(&r));                  /* disk of the overlay */
    decode_rest(&r);
    return plan;
}

static void plan_free(Plan *plan)
{
    free(plan->hostname);
    free(plan->domainname);
    free(plan->timezone);
    free(plan->root);
    g_ptr_array_unref(plan->mounts);
    g_ptr_array_unref(plan->interfaces);
    g_free(plan);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Plan, plan_free)

#endif
