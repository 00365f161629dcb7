/* What a sandbox is and what it uses: sb:info() and sb:stats(). */
#include "lua/lua_info.h"

#include <lauxlib.h>
#include <lua.h>

#include "domain/stats.h"
#include "domain/xml/metadata.h"
#include "lua/lua_box.h"
#include "lua/lua_push.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_wait.h"
#include "recipe/description.h"
#include "recipe/graphicsfields.h"
#include "recipe/identity/rights.h"
#include "recipe/labelfields.h"
#include "recipe/qemufields.h"
#include "sandbox/control.h"
#include "sandbox/sandbox.h"
#include "sandbox/states.h"

void lsbl_set_tainted(lua_State *L, guint taint)
{
    if (!taint)
        return;
    lua_newtable(L);
    for (guint i = 0; lsb_taint_names[i]; i++)
        if (taint & 1u << i) {
            lua_pushstring(L, lsb_taint_names[i]);
            lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        }
    lua_setfield(L, -2, "tainted");
}

void lsbl_set_labels(lua_State *L, GPtrArray *labels)
{
    lua_newtable(L);
    for (guint i = 0; labels && i < labels->len; i++) {
        const LsbLabel *label = labels->pdata[i];
        lsbl_set_string(L, label->key, label->text);
    }
    lua_setfield(L, -2, "labels");
}

/* Set `graphics` of the table on top, where the sandbox has a display. */
static void set_graphics(lua_State *L, const LsbSandbox *sb)
{
    const LsbGraphics *g = &lsb_sandbox_description(sb)->graphics;
    if (g->type == LSB_GRAPHICS_NONE || !lsb_sandbox_is_up(sb))
        return;
    lua_createtable(L, 0, 3);
    lsbl_set_string(L, "type", lsb_graphics_name(g));
    lsbl_set_string(L, "socket", lsb_sandbox_display(sb));
    lsbl_set_string(L, "listen", g->listen);
    if (g->port)
        lsbl_set_integer(L, "port", g->port);
    lua_setfield(L, -2, "graphics");
}

/* Set `capabilities`: "all", or a list of names. */
static void set_capability_names(lua_State *L, const LsbRights *rights)
{
    lua_Integer n = 0;
    if (rights->privileged) {
        lsbl_set_string(L, "capabilities", "all");
        return;
    }
    lua_newtable(L);
    for (int i = 0; lsb_capability_name(i); i++)
        if (rights->capabilities >> i & 1) {
            lua_pushstring(L, lsb_capability_name(i));
            lua_rawseti(L, -2, ++n);
        }
    lua_setfield(L, -2, "capabilities");
}

/* Set the rights of programs whose own table says nothing else. */
static void set_rights(lua_State *L, const LsbDescription *d)
{
    lsbl_set_string(L, "user", d->identity->name);
    set_capability_names(L, &d->rights);
    lsbl_set_boolean(L, "no_new_privs", lsb_rights_no_new_privs(&d->rights));
    lsbl_set_string(L, "seccomp", lsb_rights_seccomp_name(&d->rights));
}

static void set_times(lua_State *L, LsbTimes times)
{
    lua_createtable(L, 0, 3);
    lsbl_set_number(L, "domain", times.domain);
    lsbl_set_number(L, "hello", times.hello);
    lsbl_set_number(L, "ready", times.ready);
    lua_setfield(L, -2, "times");
}

/*
 * sb:info() -> { kernel, accel, user, capabilities, no_new_privs, seccomp, labels, tainted,
 * graphics, start, start_reason, times = { domain, hello, ready } }; times in milliseconds
 */
static int sandbox_info(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    const char *reason;
    lua_createtable(L, 0, 12);
    set_rights(L, lsb_sandbox_description(sb));
    lsbl_set_labels(L, lsb_sandbox_description(sb)->labels);
    lsbl_set_tainted(L, lsb_sandbox_taint(sb));
    set_graphics(L, sb);
    lsbl_set_string(L, "kernel", lsb_sandbox_kernel(sb));
    lsbl_set_string(L, "accel", lsb_sandbox_accel(sb));
    lsbl_set_string(L, "start", lsb_sandbox_start_way(sb, &reason));
    lsbl_set_string(L, "start_reason", reason);
    set_times(L, lsb_sandbox_times(sb));
    return 1;
}

/* --- stats --- */

static void set_block(lua_State *L, const LsbBlockStats *b)
{
    lua_createtable(L, 0, 4);
    lsbl_set_integer(L, "read_bytes", (lua_Integer)b->read_bytes);
    lsbl_set_integer(L, "read_requests", (lua_Integer)b->read_requests);
    lsbl_set_integer(L, "write_bytes", (lua_Integer)b->write_bytes);
    lsbl_set_integer(L, "write_requests", (lua_Integer)b->write_requests);
    lua_setfield(L, -2, "block");
}

static void set_net(lua_State *L, const LsbNetStats *n)
{
    lua_createtable(L, 0, 4);
    lsbl_set_integer(L, "rx_bytes", (lua_Integer)n->rx_bytes);
    lsbl_set_integer(L, "rx_packets", (lua_Integer)n->rx_packets);
    lsbl_set_integer(L, "tx_bytes", (lua_Integer)n->tx_bytes);
    lsbl_set_integer(L, "tx_packets", (lua_Integer)n->tx_packets);
    lua_setfield(L, -2, "net");
}

static int push_stats(lua_State *L, Box *box)
{
    const LsbStats *stats = box->result;
    lua_createtable(L, 0, 8);
    lsbl_set_number(L, "cpu_time", stats->cpu_time);
    lsbl_set_integer(L, "vcpus", (lua_Integer)stats->vcpus);
    lsbl_set_integer(L, "memory_limit", (lua_Integer)stats->memory_limit);
    if (stats->memory)
        lsbl_set_integer(L, "memory", (lua_Integer)stats->memory);
    if (stats->memory_peak)
        lsbl_set_integer(L, "memory_peak", (lua_Integer)stats->memory_peak);
    if (stats->pids)
        lsbl_set_integer(L, "pids", (lua_Integer)stats->pids);
    set_block(L, &stats->block);
    set_net(L, &stats->net);
    return 1;
}

/*
 * sb:stats() -> { cpu_time (seconds), vcpus, memory_limit, memory, memory_peak (bytes), pids,
 * block, net } | nil, message, code
 */
static int sandbox_stats(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = lsbl_box(L);
    box->job = lsb_sandbox_stats(sb, &box->error);
    if (!box->job)
        return lsbl_fail(L, box);
    return lsbl_wait_for_job(L, -1, g_free, push_stats);
}

const luaL_Reg lsbl_info_methods[] = {
    {"info", sandbox_info},
    {"stats", sandbox_stats},
    {NULL, NULL},
};
