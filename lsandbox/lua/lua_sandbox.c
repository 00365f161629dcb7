/* A sandbox as Lua sees it: its life, and what it is. */
#include "lua/lua_sandbox.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/error.h"
#include "base/job.h"
#include "domain/stats.h"
#include "lua/binding.h"
#include "lua/lua_box.h"
#include "lua/lua_event.h"
#include "lua/lua_exec.h"
#include "lua/lua_files.h"
#include "lua/lua_info.h"
#include "lua/lua_loop.h"
#include "lua/lua_monitor.h"
#include "lua/lua_options.h"
#include "lua/lua_push.h"
#include "lua/lua_recipe.h"
#include "lua/lua_snapshot.h"
#include "lua/lua_timeline.h"
#include "lua/lua_value.h"
#include "lua/scheduler.h"
#include "recipe/description.h"
#include "recipe/identity/rights.h"
#include "recipe/limitfields.h"
#include "sandbox/control.h"
#include "sandbox/ending.h"
#include "sandbox/sandbox.h"
#include "sandbox/start.h"

/* Seconds; programs are killed, so only unmounting takes time. */
enum { DEFAULT_STOP_TIMEOUT = 10 };

static SandboxObject *object_at_1(lua_State *L)
{
    return luaL_checkudata(L, 1, LSBL_SANDBOX);
}

LsbSandbox *lsbl_check_sandbox(lua_State *L, int index)
{
    SandboxObject *object = luaL_checkudata(L, index, LSBL_SANDBOX);
    if (!object->sb)
        luaL_error(L, "this sandbox is closed");
    return object->sb;
}

void lsbl_push_sandbox(lua_State *L, Box *box, int on)
{
    SandboxObject *object = lua_newuserdatauv(L, sizeof *object, 1);
    int self = lua_gettop(L);
    *object = (SandboxObject){.state = lsbl_state(L)};
    if (!object->state->source)
        luaL_error(L, "the Lua state is being closed");
    luaL_setmetatable(L, LSBL_SANDBOX);
    lsbl_push_state_value(L, STATE_SANDBOXES);
    lua_pushvalue(L, self);
    lua_rawsetp(L, -2, object);
    if (on && lua_istable(L, on))
        lsbl_set_events(L, self, on);
    lua_settop(L, self);
    object->sb = g_steal_pointer(&box->sandbox);
    object->link.data = object;
    g_queue_push_tail_link(&object->state->sandboxes, &object->link);
    lsb_sandbox_set_listener(object->sb, lsbl_on_event, object);
}

/* For waits: the object may be closed meanwhile, and is then what is waited for. */
static gboolean ended_or_closed(gpointer data)
{
    SandboxObject *object = data;
    return !object->sb || lsb_sandbox_ended(object->sb);
}

static gboolean started_or_closed(gpointer data)
{
    SandboxObject *object = data;
    return !object->sb || lsb_sandbox_start_over(object->sb);
}

static gboolean stopped_or_closed(gpointer data)
{
    SandboxObject *object = data;
    return !object->sb || lsb_sandbox_is_stopped(object->sb);
}

/* --- its life --- */

static int started(lua_State *L, int status, lua_KContext ctx)
{
    SandboxObject *object = object_at_1(L);
    Box *box = lsbl_box(L);
    (void)status;
    (void)ctx;
    if (!object->sb)
        lsb_fail(&box->error, STOPPED, "the sandbox was closed while it started");
    else
        lsb_sandbox_start_result(object->sb, &box->error);
    if (box->error)
        return lsbl_fail(L, box);
    lua_settop(L, 1);
    return 1;
}

/* sb:start() -> sb | nil, message, code */
static int sandbox_start(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = lsbl_box(L);
    if (!lsb_sandbox_start_begin(sb, &box->error))
        return lsbl_fail(L, box);
    return lsbl_wait(L, started_or_closed, object_at_1(L), -1, started, 0);
}

static int push_true(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    lua_pushboolean(L, TRUE);
    return 1;
}

static int end_after_stop(lua_State *L, int status, lua_KContext in_time)
{
    (void)status;
    if (in_time)
        return push_true(L, status, 0);
    return lsbl_push_failure(L, "the guest did not stop in time and was destroyed", "timeout");
}

static int stopped(lua_State *L, int status, lua_KContext ctx)
{
    SandboxObject *object = object_at_1(L);
    (void)status;
    (void)ctx;
    gboolean in_time = stopped_or_closed(object);
    if (object->sb)
        lsb_sandbox_destroy_begin(object->sb);
    return lsbl_wait(L, ended_or_closed, object, -1, end_after_stop, in_time);
}

/* sb:stop{ timeout = seconds } -> true | nil, message, code. Asks the guest; destroys it when that
 * fails. */
static int sandbox_stop(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    double timeout = lsbl_check_timeout(L, 2, "stop", DEFAULT_STOP_TIMEOUT);
    Box *box = lsbl_box(L);
    if (!lsb_sandbox_ask_to_stop(sb, &box->error))
        return lsbl_fail(L, box);
    if (lsb_sandbox_state(sb) != LSB_RUNNING)
        return stopped(L, LUA_OK, 0);
    return lsbl_wait(L, stopped_or_closed, object_at_1(L), timeout, stopped, 0);
}

/* sb:destroy() -> true. Harmless on one that has ended. */
static int sandbox_destroy(lua_State *L)
{
    lsb_sandbox_destroy_begin(lsbl_check_sandbox(L, 1));
    return lsbl_wait(L, ended_or_closed, object_at_1(L), -1, push_true, 0);
}

static int close_over(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

static gboolean box_ended(gpointer data)
{
    return lsb_sandbox_ended(((Box *)data)->sandbox);
}

LsbSandbox *lsbl_release_sandbox(SandboxObject *object)
{
    LsbSandbox *sb = g_steal_pointer(&object->sb);
    if (!sb)
        return NULL;
    g_queue_unlink(&object->state->sandboxes, &object->link);
    lsb_sandbox_set_listener(sb, NULL, NULL);
    lsbl_forget_events(object);
    return sb;
}

void lsbl_drop_sandboxes(State *s)
{
    while (s->sandboxes.head)
        lsb_sandbox_abandon(lsbl_release_sandbox(s->sandboxes.head->data));
}

/* sb:close(): destroy (an attached one lives on) and let go; harmless twice. Also __close. */
static int sandbox_close(lua_State *L)
{
    SandboxObject *object = object_at_1(L);
    if (!object->sb)
        return 0;
    Box *box = lsbl_box(L);
    box->sandbox = lsbl_release_sandbox(object);
    if (lsb_sandbox_is_attached(box->sandbox)) {
        lsbl_box_clear(box);
        return 0;
    }
    lsb_sandbox_destroy_begin(box->sandbox);
    return lsbl_wait(L, box_ended, box, -1, close_over, 0);
}

/*
 * A finaliser does not wait: the end goes on behind, and whoever closes the Lua state waits for it.
 */
static int sandbox_gc(lua_State *L)
{
    lsb_sandbox_abandon(lsbl_release_sandbox(object_at_1(L)));
    return 0;
}

static int waited(lua_State *L, int status, lua_KContext ctx)
{
    SandboxObject *object = object_at_1(L);
    (void)status;
    (void)ctx;
    if (object->sb && !lsb_sandbox_ended(object->sb))
        return lsbl_push_failure(L, "the sandbox still runs", "timeout");
    const GError *reason = object->sb ? lsb_sandbox_reason(object->sb) : NULL;
    if (reason)
        return lsbl_push_error(L, reason);
    lua_pushboolean(L, TRUE);
    lua_pushliteral(L, "stopped");
    return 2;
}

/* sb:wait{ timeout = seconds } -> true, "stopped" | nil, message, code. Until it has ended, by
 * whomever: nil when it ended by a limit, or crashed; "timeout" also when it still runs. */
static int sandbox_wait(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    double timeout = lsbl_check_timeout(L, 2, "wait", -1);
    Box *box = lsbl_box(L);
    if (lsb_sandbox_state(sb) == LSB_NEW) {
        lsb_fail(&box->error, STATE, "the sandbox was not started");
        return lsbl_fail(L, box);
    }
    return lsbl_wait(L, ended_or_closed, object_at_1(L), timeout, waited, 0);
}

/* --- pausing, and what it uses --- */

/* The box is on top in these continuations: nothing is pushed after it. */
static int paused(lua_State *L, int status, lua_KContext pause)
{
    SandboxObject *object = object_at_1(L);
    Box *box = lua_touserdata(L, -1);
    (void)status;
    if (!object->sb)
        lsb_fail(&box->error, STOPPED, "the sandbox was closed");
    else
        lsb_sandbox_pause_result(object->sb, (gboolean)pause, box->job, &box->error);
    return box->error ? lsbl_fail(L, box) : push_true(L, status, 0);
}

static int set_paused(lua_State *L, gboolean pause)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = lsbl_box(L);
    box->job = lsb_sandbox_pause(sb, pause, &box->error);
    if (!box->job)
        return lsbl_fail(L, box);
    return lsbl_wait(L, lsb_job_done, box->job, -1, paused, pause);
}

/* sb:pause() -> true | nil, message, code. Nothing in it runs until resume; its timeouts go on. */
static int sandbox_pause(lua_State *L)
{
    return set_paused(L, TRUE);
}

/* sb:resume() -> true | nil, message, code */
static int sandbox_resume(lua_State *L)
{
    return set_paused(L, FALSE);
}

static void push_block(lua_State *L, const LsbBlockStats *b)
{
    lua_createtable(L, 0, 4);
    lsbl_set_integer(L, "read_bytes", (lua_Integer)b->read_bytes);
    lsbl_set_integer(L, "read_requests", (lua_Integer)b->read_requests);
    lsbl_set_integer(L, "write_bytes", (lua_Integer)b->write_bytes);
    lsbl_set_integer(L, "write_requests", (lua_Integer)b->write_requests);
    lua_setfield(L, -2, "block");
}

static void push_net(lua_State *L, const LsbNetStats *n)
{
    lua_createtable(L, 0, 4);
    lsbl_set_integer(L, "rx_bytes", (lua_Integer)n->rx_bytes);
    lsbl_set_integer(L, "rx_packets", (lua_Integer)n->rx_packets);
    lsbl_set_integer(L, "tx_bytes", (lua_Integer)n->tx_bytes);
    lsbl_set_integer(L, "tx_packets", (lua_Integer)n->tx_packets);
    lua_setfield(L, -2, "net");
}

static int stats_read(lua_State *L, int status, lua_KContext ctx)
{
    Box *box = lua_touserdata(L, -1);
    (void)status;
    (void)ctx;
    g_autofree LsbStats *taken = lsb_job_take(box->job, &box->error);
    if (!taken)
        return lsbl_fail(L, box);
    LsbStats stats = *taken;
    g_clear_pointer(&taken, g_free);
    lua_createtable(L, 0, 8);
    lsbl_set_number(L, "cpu_time", stats.cpu_time);
    lsbl_set_integer(L, "vcpus", (lua_Integer)stats.vcpus);
    lsbl_set_integer(L, "memory_limit", (lua_Integer)stats.memory_limit);
    if (stats.memory)
        lsbl_set_integer(L, "memory", (lua_Integer)stats.memory);
    if (stats.memory_peak)
        lsbl_set_integer(L, "memory_peak", (lua_Integer)stats.memory_peak);
    if (stats.pids)
        lsbl_set_integer(L, "pids", (lua_Integer)stats.pids);
    push_block(L, &stats.block);
    push_net(L, &stats.net);
    return 1;
}

/* sb:stats() -> { cpu_time (seconds), vcpus, memory_limit, memory, memory_peak (bytes), pids,
 * block, net } | nil, message, code */
static int sandbox_stats(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = lsbl_box(L);
    box->job = lsb_sandbox_stats(sb, &box->error);
    if (!box->job)
        return lsbl_fail(L, box);
    return lsbl_wait(L, lsb_job_done, box->job, -1, stats_read, 0);
}

static int tuned(lua_State *L, int status, lua_KContext ctx)
{
    Box *box = lua_touserdata(L, -1);
    (void)ctx;
    return lsb_sandbox_tune_result(box->job, &box->error) ? push_true(L, status, 0)
                                                          : lsbl_fail(L, box);
}

static gboolean begin_tuning(LsbSandbox *sb, Box *box)
{
    LsbChanges changes = {0};
    if (lsb_changes_read(box->value, &changes, &box->error))
        box->job = lsb_sandbox_tune(sb, &changes, &box->error);
    lsb_changes_clear(&changes);
    return box->job != NULL;
}

/* sb:tune{ memory =, vcpus =, tuning = { cpu =, memory =, block =, pids = } } -> true | nil,
 * message, code. Other limits while it runs, named as in a recipe; what is not named stays. */
static int sandbox_tune(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    Box *box = lsbl_box(L);
    lsbl_to_value(L, 2, "tune", box);
    if (!begin_tuning(sb, box))
        return lsbl_fail(L, box);
    return lsbl_wait(L, lsb_job_done, box->job, -1, tuned, 0);
}

/* --- what it is --- */

/* sb:state() -> "new", "starting", "running", "paused", "stopped" or "closed" */
static int sandbox_state(lua_State *L)
{
    SandboxObject *object = object_at_1(L);
    lua_pushstring(L, object->sb ? lsb_sandbox_state_name(object->sb) : "closed");
    return 1;
}

static int sandbox_name(lua_State *L)
{
    lua_pushstring(L, lsb_sandbox_description(lsbl_check_sandbox(L, 1))->name);
    return 1;
}

static int sandbox_uuid(lua_State *L)
{
    lua_pushstring(L, lsb_sandbox_description(lsbl_check_sandbox(L, 1))->uuid);
    return 1;
}

static int sandbox_uri(lua_State *L)
{
    lua_pushstring(L, lsb_sandbox_description(lsbl_check_sandbox(L, 1))->uri);
    return 1;
}

/* sb:xml() -> string | nil, message, code */
static int sandbox_xml(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = lsbl_box(L);
    box->text = lsb_sandbox_xml(sb, &box->error);
    if (!box->text)
        return lsbl_fail(L, box);
    lua_pushstring(L, box->text);
    return 1;
}

/* sb:log() -> string: the end of the boot console, cleaned of what is not printable */
static int sandbox_log(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = lsbl_box(L);
    box->text = lsb_sandbox_log(sb);
    lua_pushstring(L, box->text);
    return 1;
}

/* "all", or a list of names. */
static void push_capabilities(lua_State *L, const LsbRights *rights)
{
    if (rights->privileged) {
        lua_pushliteral(L, "all");
        return;
    }
    lua_newtable(L);
    lua_Integer n = 0;
    for (int i = 0; lsb_capability_name(i); i++)
        if (rights->capabilities >> i & 1) {
            lua_pushstring(L, lsb_capability_name(i));
            lua_rawseti(L, -2, ++n);
        }
}

/* What holds for programs whose own table says nothing else. */
static void set_rights(lua_State *L, const LsbDescription *d)
{
    lsbl_set_string(L, "user", d->identity->name);
    push_capabilities(L, &d->rights);
    lua_setfield(L, -2, "capabilities");
    lua_pushboolean(L, lsb_rights_no_new_privs(&d->rights));
    lua_setfield(L, -2, "no_new_privs");
    lsbl_set_string(L, "seccomp", lsb_rights_seccomp_name(&d->rights));
}

/*
 * sb:info() -> { kernel, accel, user, capabilities, no_new_privs, seccomp, labels, tainted,
 * graphics, start, start_reason, times = { domain, hello, ready } }; times in milliseconds
 */
static int sandbox_info(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    LsbTimes times = lsb_sandbox_times(sb);
    const char *reason;
    lua_createtable(L, 0, 12);
    set_rights(L, lsb_sandbox_description(sb));
    lsbl_set_labels(L, lsb_sandbox_description(sb)->labels);
    lsbl_set_tainted(L, lsb_sandbox_taint(sb));
    lsbl_set_graphics(L, sb);
    lsbl_set_string(L, "kernel", lsb_sandbox_kernel(sb));
    lsbl_set_string(L, "accel", lsb_sandbox_accel(sb));
    lsbl_set_string(L, "start", lsb_sandbox_start_way(sb, &reason));
    lsbl_set_string(L, "start_reason", reason);
    lua_createtable(L, 0, 3);
    lsbl_set_number(L, "domain", times.domain);
    lsbl_set_number(L, "hello", times.hello);
    lsbl_set_number(L, "ready", times.ready);
    lua_setfield(L, -2, "times");
    return 1;
}

static int sandbox_tostring(lua_State *L)
{
    SandboxObject *object = object_at_1(L);
    if (!object->sb)
        lua_pushliteral(L, "lsandbox.sandbox (closed)");
    else
        lua_pushfstring(L, "lsandbox.sandbox (%s, %s)", lsb_sandbox_description(object->sb)->name,
                        lsb_sandbox_state_name(object->sb));
    return 1;
}

static const luaL_Reg methods[] = {
    {"start", sandbox_start},   {"stop", sandbox_stop},   {"destroy", sandbox_destroy},
    {"close", sandbox_close},   {"wait", sandbox_wait},   {"pause", sandbox_pause},
    {"resume", sandbox_resume}, {"stats", sandbox_stats}, {"tune", sandbox_tune},
    {"state", sandbox_state},   {"name", sandbox_name},   {"uuid", sandbox_uuid},
    {"uri", sandbox_uri},       {"xml", sandbox_xml},     {"log", sandbox_log},
    {"info", sandbox_info},     {"on", lsbl_sandbox_on},  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", sandbox_gc},
    {"__close", sandbox_close},
    {"__tostring", sandbox_tostring},
    {NULL, NULL},
};

void lsbl_open_sandbox(lua_State *L)
{
    if (luaL_newmetatable(L, LSBL_SANDBOX)) {
        luaL_setfuncs(L, metamethods, 0);
        luaL_newlib(L, methods);
        luaL_setfuncs(L, lsbl_exec_methods, 0);
        luaL_setfuncs(L, lsbl_file_methods, 0);
        luaL_setfuncs(L, lsbl_recipe_methods, 0);
        luaL_setfuncs(L, lsbl_monitor_methods, 0);
        luaL_setfuncs(L, lsbl_snapshot_methods, 0);
        luaL_setfuncs(L, lsbl_timeline_methods, 0);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}
