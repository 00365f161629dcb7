/* The sandbox object: its life, pause and limits, and what it is called. */
#include "lua/lua_sandbox.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/error.h"
#include "base/ownprocess.h"
#include "lua/lua_box.h"
#include "lua/lua_event.h"
#include "lua/lua_exec.h"
#include "lua/lua_files.h"
#include "lua/lua_info.h"
#include "lua/lua_loop.h"
#include "lua/lua_monitor.h"
#include "lua/lua_options.h"
#include "lua/lua_owner.h"
#include "lua/lua_push.h"
#include "lua/lua_recipe.h"
#include "lua/lua_snapshot.h"
#include "lua/lua_state.h"
#include "lua/lua_timeline.h"
#include "lua/lua_value.h"
#include "lua/lua_wait.h"
#include "lua/scheduler.h"
#include "recipe/limitfields.h"
#include "sandbox/control.h"
#include "sandbox/ending.h"
#include "sandbox/sandbox.h"
#include "sandbox/start.h"
#include "sandbox/states.h"

/* Seconds; short, because the guest kills programs and only unmounting takes time. */
enum { DEFAULT_STOP_TIMEOUT = 10 };

static SandboxObject *sandbox_at_1(lua_State *L)
{
    return luaL_checkudata(L, 1, LSBL_SANDBOX);
}

LsbSandbox *lsbl_check_sandbox(lua_State *L, int index)
{
    SandboxObject *object = luaL_checkudata(L, index, LSBL_SANDBOX);
    if (!object->sb)
        luaL_error(L, "this sandbox is closed");
    lsbl_check_owner(L, object->owner, "this sandbox");
    return object->sb;
}

void lsbl_push_sandbox(lua_State *L, Box *box, int on)
{
    SandboxObject *object = lua_newuserdatauv(L, sizeof *object, 1);
    int self = lua_gettop(L);
    *object = (SandboxObject){.state = lsbl_state(L), .owner = lsb_process_owner()};
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

/* Conditions of waits. Another task may close the object meanwhile, which ends the wait. */
static gboolean ended_or_closed(gpointer data)
{
    SandboxObject *object = data;
    return !object->sb || lsb_sandbox_ended(object->sb);
}

static gboolean start_over_or_closed(gpointer data)
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

static int after_start(lua_State *L, int status, lua_KContext ctx)
{
    SandboxObject *object = sandbox_at_1(L);
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
    return lsbl_wait(L, start_over_or_closed, sandbox_at_1(L), -1, after_start, 0);
}

static int after_stop_and_end(lua_State *L, int status, lua_KContext in_time)
{
    (void)status;
    if (in_time)
        return lsbl_then_true(L, status, 0);
    return lsbl_push_failure(L, "the guest did not stop in time and was destroyed", "timeout");
}

static int after_stop(lua_State *L, int status, lua_KContext ctx)
{
    SandboxObject *object = sandbox_at_1(L);
    (void)status;
    (void)ctx;
    gboolean in_time = stopped_or_closed(object);
    if (object->sb)
        lsb_sandbox_destroy_begin(object->sb);
    return lsbl_wait(L, ended_or_closed, object, -1, after_stop_and_end, in_time);
}

/* sb:stop{ timeout = seconds } -> true | nil, message, code. Asks the guest to end; destroys the
 * sandbox when the guest does not. */
static int sandbox_stop(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    double timeout = lsbl_check_timeout(L, 2, "stop", DEFAULT_STOP_TIMEOUT);
    Box *box = lsbl_box(L);
    if (!lsb_sandbox_ask_to_stop(sb, &box->error))
        return lsbl_fail(L, box);
    if (!lsb_sandbox_is_up(sb))
        return after_stop(L, LUA_OK, 0);
    return lsbl_wait(L, stopped_or_closed, sandbox_at_1(L), timeout, after_stop, 0);
}

/* sb:destroy() -> true. Harmless on a sandbox that has ended. */
static int sandbox_destroy(lua_State *L)
{
    lsb_sandbox_destroy_begin(lsbl_check_sandbox(L, 1));
    return lsbl_wait(L, ended_or_closed, sandbox_at_1(L), -1, lsbl_then_true, 0);
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

static void drop_sandboxes(State *s)
{
    while (s->sandboxes.head)
        lsb_sandbox_abandon(lsbl_release_sandbox(s->sandboxes.head->data));
}

/* sb:close(): destroy the sandbox and let go of it; an attached one lives on. Harmless twice. Also
 * __close. */
static int sandbox_close(lua_State *L)
{
    SandboxObject *object = sandbox_at_1(L);
    if (!object->sb)
        return 0;
    if (!lsb_process_is(object->owner)) { /* it lives on in the process that forked this one */
        lsbl_release_sandbox(object);
        return 0;
    }
    Box *box = lsbl_box(L);
    box->sandbox = lsbl_release_sandbox(object);
    if (lsb_sandbox_is_attached(box->sandbox)) {
        lsbl_box_clear(box);
        return 0;
    }
    lsb_sandbox_destroy_begin(box->sandbox);
    return lsbl_wait(L, lsb_sandbox_ended, box->sandbox, -1, lsbl_then_nothing, 0);
}

/* A finaliser does not wait: the sandbox ends in the background, and the end of the Lua state waits
 * for it. */
static int sandbox_gc(lua_State *L)
{
    lsb_sandbox_abandon(lsbl_release_sandbox(sandbox_at_1(L)));
    return 0;
}

static int after_wait(lua_State *L, int status, lua_KContext ctx)
{
    SandboxObject *object = sandbox_at_1(L);
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

/*
 * sb:wait{ timeout = seconds } -> true, "stopped" | nil, message, code. Waits until the sandbox has
 * ended for whatever reason: nil when a limit ended it, or it crashed; the code is "timeout" also
 * when it still runs.
 */
static int sandbox_wait(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    double timeout = lsbl_check_timeout(L, 2, "wait", -1);
    Box *box = lsbl_box(L);
    if (lsb_sandbox_state(sb) == LSB_NEW) {
        lsb_fail(&box->error, STATE, "the sandbox was not started");
        return lsbl_fail(L, box);
    }
    return lsbl_wait(L, ended_or_closed, sandbox_at_1(L), timeout, after_wait, 0);
}

/* --- pausing, and other limits --- */

/* The box is on top. */
static int after_pause(lua_State *L, int status, lua_KContext pause)
{
    SandboxObject *object = sandbox_at_1(L);
    Box *box = lua_touserdata(L, -1);
    (void)status;
    if (!object->sb)
        lsb_fail(&box->error, STOPPED, "the sandbox was closed");
    else
        lsb_sandbox_pause_result(object->sb, (gboolean)pause, box->job, &box->error);
    return box->error ? lsbl_fail(L, box) : lsbl_then_true(L, status, 0);
}

static int set_paused(lua_State *L, gboolean pause)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = lsbl_box(L);
    box->job = lsb_sandbox_pause(sb, pause, &box->error);
    if (!box->job)
        return lsbl_fail(L, box);
    return lsbl_wait(L, lsb_job_done, box->job, -1, after_pause, pause);
}

/*
 * sb:pause() -> true | nil, message, code. Nothing in the sandbox runs until resume; its time
 * limits go on.
 */
static int sandbox_pause(lua_State *L)
{
    return set_paused(L, TRUE);
}

/* sb:resume() -> true | nil, message, code */
static int sandbox_resume(lua_State *L)
{
    return set_paused(L, FALSE);
}

static int after_tuning(lua_State *L, Box *box)
{
    if (!lsb_sandbox_tune_result(box->job, &box->error))
        return lsbl_fail(L, box);
    lua_pushboolean(L, TRUE);
    return 1;
}

static gboolean begin_tuning(LsbSandbox *sb, Box *box)
{
    LsbChanges changes = {0};
    if (lsb_changes_read(box->value, &changes, &box->error))
        box->job = lsb_sandbox_tune(sb, &changes, &box->error);
    lsb_changes_clear(&changes);
    return box->job != NULL;
}

/*
 * sb:tune{ memory =, vcpus =, tuning = { cpu =, memory =, block =, pids = } } -> true | nil,
 * message, code. Gives a running sandbox other limits, named as in a recipe; what is not named
 * stays.
 */
static int sandbox_tune(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    Box *box = lsbl_box(L);
    lsbl_to_value(L, 2, &(LsblReading){.what = "tune"}, box);
    if (!begin_tuning(sb, box))
        return lsbl_fail(L, box);
    return lsbl_wait_with_box(L, lsb_job_done, box->job, -1, after_tuning, -1);
}

/* --- what it is --- */

/* sb:state() -> "new", "starting", "running", "paused", "stopped" or "closed" */
static int sandbox_state(lua_State *L)
{
    SandboxObject *object = sandbox_at_1(L);
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

static int sandbox_tostring(lua_State *L)
{
    SandboxObject *object = sandbox_at_1(L);
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
    {"resume", sandbox_resume}, {"tune", sandbox_tune},
    {"state", sandbox_state},   {"name", sandbox_name},   {"uuid", sandbox_uuid},
    {"uri", sandbox_uri},       {"xml", sandbox_xml},     {"log", sandbox_log},
    {"on", lsbl_sandbox_on},    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", sandbox_gc},
    {"__close", sandbox_close},
    {"__tostring", sandbox_tostring},
    {NULL, NULL},
};

void lsbl_open_sandbox(lua_State *L)
{
    lsbl_at_close(lsbl_state(L), drop_sandboxes);
    if (luaL_newmetatable(L, LSBL_SANDBOX)) {
        luaL_setfuncs(L, metamethods, 0);
        luaL_newlib(L, methods);
        luaL_setfuncs(L, lsbl_info_methods, 0);
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
