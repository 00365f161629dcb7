/* The task object: making tasks, awaiting and cancelling them, and the errors nobody awaited. */
#include "lua/lua_task.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ownprocess.h"
#include "lua/lua_loop.h"
#include "lua/lua_options.h"
#include "lua/lua_owner.h"
#include "lua/lua_push.h"
#include "lua/lua_state.h"
#include "lua/lua_type.h"
#include "lua/lua_version.h"
#include "lua/scheduler.h"

/* --- errors nobody awaited --- */

static GList *unreported; /* of Task: the failed ones, until somebody awaits them */

/* Write the error of a failed task that nobody has awaited, once, and not in forked children. */
static void report_task(Task *t)
{
    if (!t->unreported)
        return;
    unreported = g_list_remove(unreported, t);
    if (lsb_process_is(t->owner))
        fprintf(stderr, "lsandbox: error in a task that nobody awaited: %s\n", t->unreported);
    g_clear_pointer(&t->unreported, g_free);
}

/* Called at exit, because os.exit() closes no Lua state: no finaliser reports them. */
static void report_all(void)
{
    while (unreported)
        report_task(unreported->data);
}

static void keep_for_report(Task *t, const char *text)
{
    static gboolean registered;
    if (!registered)
        registered = atexit(report_all) == 0;
    t->unreported = g_strdup(text);
    unreported = g_list_prepend(unreported, t);
}

static void take_report(Task *t)
{
    if (t->unreported)
        unreported = g_list_remove(unreported, t);
    g_clear_pointer(&t->unreported, g_free);
}

/* --- the end of a task --- */

static void push_object(lua_State *L, Task *t)
{
    lsbl_push_state_value(L, STATE_TASKS);
    lua_rawgetp(L, -1, t);
    lua_remove(L, -2);
}

/* Take a task that is over out of the tables, so that it can be collected. Allocates nothing. */
static void end_task(lua_State *L, Task *t, TaskStatus status)
{
    t->status = status;
    g_hash_table_remove(t->state->by_thread, t->thread);
    lsbl_push_state_value(L, STATE_TASKS);
    lua_pushnil(L);
    lua_rawsetp(L, -2, t);
    lua_pop(L, 1);
}

/*
 * Report the error on top of THREAD's stack, which a __close raised and nobody can await. Call
 * neither the value's __tostring nor anything that allocates, because a coroutine that has ended
 * catches no errors.
 */
static void report_close(lua_State *thread)
{
    fprintf(stderr, "lsandbox: error in a task while it was closed: %s\n",
            lua_type(thread, -1) == LUA_TSTRING ? lua_tostring(thread, -1)
                                                : luaL_typename(thread, -1));
}

/* In protected mode: keep what was raised, with the traceback as long as the stack exists; then
 * close what the coroutine left open. */
static int close_failed(lua_State *L)
{
    Task *t = lua_touserdata(L, 1);
    push_object(L, t);
    lua_xmove(t->thread, L, 1);
    lua_pushvalue(L, -1);
    if (lua_type(L, -1) == LUA_TSTRING)
        luaL_traceback(L, t->thread, lua_tostring(L, -1), 0);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 2, TASK_ERROR);
    keep_for_report(t, luaL_tolstring(L, -1, NULL));
    if (lsbl_close_thread(L, t->thread) == LUA_OK)
        return 0;
    lua_pushvalue(t->thread, -1);
    lua_xmove(t->thread, L, 1);
    if (!lua_rawequal(L, -1, 3)) /* a __close has raised another error in its place */
        report_close(t->thread);
    return 0;
}

void lsbl_task_over(Task *t, int status)
{
    lua_State *service = t->state->service;
    if (status != LUA_OK) {
        lua_pushcfunction(service, close_failed);
        lua_pushlightuserdata(service, t);
        if (lua_pcall(service, 1, 0, 0) != LUA_OK) {
            lua_pop(service, 1);
            if (!t->unreported)
                keep_for_report(t, "not enough memory to say why");
        }
    }
    end_task(service, t, status == LUA_OK ? TASK_DONE : TASK_FAILED);
}

/* --- making --- */

static Task *push_empty(lua_State *L)
{
    Task *t = lua_newuserdatauv(L, sizeof *t, TASK_USER_VALUES);
    memset(t, 0, sizeof *t);
    t->owner = lsb_process_owner();
    t->status = TASK_CANCELLED;
    t->deadline = -1;
    t->thread = lua_newthread(L);
    lua_setiuservalue(L, -2, TASK_THREAD);
    luaL_setmetatable(L, LSBL_TASK);
    return t;
}

Task *lsbl_new_task(lua_State *L, int n, gboolean held)
{
    luaL_checkstack(L, 6, "no room for a task");
    if (!lsbl_state(L)->source)
        luaL_error(L, "the Lua state is being closed");
    lsbl_take_over(lsbl_state(L));
    Task *t = push_empty(L);
    lua_insert(L, -(n + 2)); /* below the function and its arguments */
    if (!lua_checkstack(t->thread, n + 2))
        luaL_error(L, "too many arguments for a task");
    lsbl_push_state_value(L, STATE_TASKS);
    lua_pushvalue(L, -(n + 3));
    lua_rawsetp(L, -2, t);
    lua_pop(L, 1);
    t->state = lsbl_state(L);
    g_hash_table_insert(t->state->by_thread, t->thread, t);
    lua_xmove(L, t->thread, n + 1);
    t->arguments = n;
    t->held = held;
    t->turn = t->state->turn;
    t->status = TASK_WAITING;
    if (!held)
        lsbl_enqueue(t);
    return t;
}

/* lsandbox.task(fn, ...) -> task. The function starts with the next turn of the loop. */
static int task_new(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lsbl_new_task(L, lua_gettop(L) - 1, FALSE);
    return 1;
}

/* --- awaiting --- */

static Task *check_task(lua_State *L, int index)
{
    return luaL_checkudata(L, index, LSBL_TASK);
}

static gboolean awaited_is_over(gpointer task)
{
    return lsbl_task_is_over(task);
}

int lsbl_push_task_results(lua_State *L, Task *t)
{
    int n = lua_gettop(t->thread);
    if (!lua_checkstack(L, n + 1) || !lua_checkstack(t->thread, n))
        return luaL_error(L, "too many results of a task");
    for (int i = 1; i <= n; i++)
        lua_pushvalue(t->thread, i);
    lua_xmove(t->thread, L, n);
    return n;
}

int lsbl_push_cancelled(lua_State *L)
{
    return lsbl_push_failure(L, "the task was cancelled", "cancelled");
}

int lsbl_raise_task_error(lua_State *L, int index, Task *t)
{
    if (lua_getiuservalue(L, index, TASK_ERROR) == LUA_TNIL)
        lua_pushstring(L, t->unreported ? t->unreported : "the task failed");
    take_report(t);
    return lua_error(L);
}

/*
 * Note that ME (NULL: no task) awaits T, whose object is at INDEX, or nothing any more (T NULL).
 * The note keeps T alive, because an error can end a wait before the note is removed.
 */
static void set_awaits(lua_State *L, Task *me, Task *t, int index)
{
    if (!me)
        return;
    push_object(L, me);
    if (t)
        lua_pushvalue(L, index);
    else
        lua_pushnil(L);
    lua_setiuservalue(L, -2, TASK_AWAITS);
    lua_pop(L, 1);
    me->awaits = t;
}

static int awaited(lua_State *L, int status, lua_KContext ctx)
{
    Task *t = check_task(L, 1);
    (void)status;
    (void)ctx;
    set_awaits(L, lsbl_current_task(L), NULL, 0);
    switch (t->status) {
    case TASK_DONE:
        return lsbl_push_task_results(L, t);
    case TASK_FAILED:
        return lsbl_raise_task_error(L, 1, t);
    case TASK_CANCELLED:
        return lsbl_push_cancelled(L);
    default:
        return lsbl_push_failure(L, "the task still runs", "timeout");
    }
}

/* Raise where ME awaits itself, directly or through other tasks: it would wait for ever. */
static void check_circle(lua_State *L, Task *me, Task *t)
{
    for (Task *at = t; me && at && !lsbl_task_is_over(at); at = at->awaits)
        if (at == me)
            luaL_error(L, at == t ? "a task cannot await itself"
                                  : "these tasks await each other in a circle");
}

/*
 * t:await{ timeout = seconds } -> what the task's function returned; raises what it raised. nil,
 * message, code when the task was cancelled ("cancelled") or still runs ("timeout").
 */
static int task_await(lua_State *L)
{
    Task *t = check_task(L, 1), *me = lsbl_current_task(L);
    double timeout = lsbl_check_timeout(L, 2, "await", -1);
    lua_settop(L, 1);
    lsbl_check_owner(L, t->owner, "this task");
    check_circle(L, me, t);
    set_awaits(L, me, t, 1);
    return lsbl_wait(L, awaited_is_over, t, timeout, awaited, 0);
}

/* --- cancelling --- */

gboolean lsbl_cancel_task(lua_State *L, Task *t)
{
    if (t->state)
        lsbl_take_over(t->state);
    if (t->status != TASK_WAITING || !t->state || !lsbl_is_suspended(t))
        return FALSE;
    if (!t->held)
        lsbl_dequeue(t);
    t->status = TASK_RUNNING; /* because a __close may wait */
    gboolean well = lsbl_close_thread(L, t->thread) == LUA_OK;
    end_task(L, t, TASK_CANCELLED);
    if (!well)
        report_close(t->thread);
    return TRUE;
}

void lsbl_abandon(lua_State *L, Task *t)
{
    if (!t->held)
        lsbl_dequeue(t);
    end_task(L, t, TASK_CANCELLED);
}

/* t:cancel() -> whether the task was still to be cancelled. Closes its to-be-closed variables. */
static int task_cancel(lua_State *L)
{
    Task *t = check_task(L, 1);
    if (t == lsbl_current_task(L))
        return luaL_error(L, "a task cannot cancel itself: return, or raise an error");
    lua_pushboolean(L, lsbl_cancel_task(L, t));
    return 1;
}

/* __close: a task does not outlive the block that holds it. */
static int task_close(lua_State *L)
{
    lsbl_cancel_task(L, check_task(L, 1));
    return 0;
}

static int task_gc(lua_State *L)
{
    report_task(check_task(L, 1));
    return 0;
}

static const char *const status_names[] = {
    [TASK_WAITING] = "waiting", [TASK_RUNNING] = "running",     [TASK_DONE] = "done",
    [TASK_FAILED] = "failed",   [TASK_CANCELLED] = "cancelled",
};

/* t:status() -> "waiting", "running", "done", "failed", "cancelled" */
static int task_status(lua_State *L)
{
    lua_pushstring(L, status_names[check_task(L, 1)->status]);
    return 1;
}

static int task_tostring(lua_State *L)
{
    Task *t = check_task(L, 1);
    lua_pushfstring(L, "lsandbox.task (%s): %p", status_names[t->status], (void *)t);
    return 1;
}

static const luaL_Reg methods[] = {
    {"await", task_await},
    {"cancel", task_cancel},
    {"status", task_status},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", task_gc},
    {"__close", task_close},
    {"__tostring", task_tostring},
    {NULL, NULL},
};

const luaL_Reg lsbl_task_functions[] = {
    {"task", task_new},
    {NULL, NULL},
};

void lsbl_open_task(lua_State *L)
{
    lsbl_open_type(L, LSBL_TASK, metamethods, methods);
}
