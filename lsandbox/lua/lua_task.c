/* Tasks as Lua sees them. */
#include "lua/lua_task.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lua/binding.h"
#include "lua/lua_box.h"
#include "lua/lua_loop.h"
#include "lua/lua_options.h"
#include "lua/lua_push.h"
#include "lua/scheduler.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

#if LUA_VERSION_RELEASE_NUM >= 50406
#define close_coroutine(T, L) lua_closethread(T, L)
#else
#define close_coroutine(T, L) ((void)(L), lua_resetthread(T))
#endif

/* --- errors nobody awaited --- */

static GList *unreported; /* of Task: those that failed, until somebody awaits them */

static void report(Task *t)
{
    if (!t->unreported)
        return;
    unreported = g_list_remove(unreported, t);
    fprintf(stderr, "lsandbox: error in a task that nobody awaited: %s\n", t->unreported);
    g_clear_pointer(&t->unreported, g_free);
}

/* os.exit() closes no Lua state, so this is the last chance. */
static void report_all(void)
{
    while (unreported)
        report(unreported->data);
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

/* It may be collected from here on. Allocates nothing. */
static void over(lua_State *L, Task *t, TaskStatus status)
{
    t->status = status;
    g_hash_table_remove(t->state->by_thread, t->thread);
    lsbl_push_state_value(L, STATE_TASKS);
    lua_pushnil(L);
    lua_rawsetp(L, -2, t);
    lua_pop(L, 1);
}

/*
 * An error while the coroutine was closed is on top of its stack, and nobody awaits it. Neither the
 * value's own __tostring nor anything that allocates: a coroutine that is no more catches no
 * errors.
 */
static void report_close(lua_State *thread)
{
    fprintf(stderr, "lsandbox: error in a task while it was closed: %s\n",
            lua_type(thread, -1) == LUA_TSTRING ? lua_tostring(thread, -1)
                                                : luaL_typename(thread, -1));
}

/* In protected mode: keep what was raised, with the traceback while there still is a stack; then
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
    if (close_coroutine(t->thread, L) == LUA_OK)
        return 0;
    lua_pushvalue(t->thread, -1);
    lua_xmove(t->thread, L, 1);
    if (!lua_rawequal(L, -1, 3)) /* another error, of a __close, has taken its place */
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
    over(service, t, status == LUA_OK ? TASK_DONE : TASK_FAILED);
}

/* --- making --- */

static Task *push_empty(lua_State *L)
{
    Task *t = lua_newuserdatauv(L, sizeof *t, TASK_USER_VALUES);
    memset(t, 0, sizeof *t);
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

/* lsandbox.task(fn, ...) -> task. It starts with the next turn of the loop. */
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

static gboolean is_over(gpointer task)
{
    return lsbl_task_is_over(task);
}

/* The results stay on the coroutine's stack, for everybody who awaits it. */
static int push_results(lua_State *L, Task *t)
{
    int n = lua_gettop(t->thread);
    if (!lua_checkstack(L, n + 1) || !lua_checkstack(t->thread, n))
        return luaL_error(L, "too many results of a task");
    for (int i = 1; i <= n; i++)
        lua_pushvalue(t->thread, i);
    lua_xmove(t->thread, L, n);
    return n;
}

static int push_cancelled(lua_State *L)
{
    return lsbl_push_failure(L, "the task was cancelled", "cancelled");
}

static int raise_error_of(lua_State *L, int index, Task *t)
{
    if (lua_getiuservalue(L, index, TASK_ERROR) == LUA_TNIL)
        lua_pushstring(L, t->unreported ? t->unreported : "the task failed");
    take_report(t);
    return lua_error(L);
}

/*
 * ME (NULL: no task) awaits T, whose object is at INDEX; or nobody any more (NULL). Kept alive as
 * well: an error may end a wait without our hearing of it.
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
        return push_results(L, t);
    case TASK_FAILED:
        return raise_error_of(L, 1, t);
    case TASK_CANCELLED:
        return push_cancelled(L);
    default:
        return lsbl_push_failure(L, "the task still runs", "timeout");
    }
}

/* A task that waits for itself, be it over others, would wait for ever. */
static void check_circle(lua_State *L, Task *me, Task *t)
{
    for (Task *at = t; me && at && !lsbl_task_is_over(at); at = at->awaits)
        if (at == me)
            luaL_error(L, at == t ? "a task cannot await itself"
                                  : "these tasks await each other in a circle");
}

/* t:await{ timeout = seconds } -> what its function returned; raises what it raised. nil, message,
 * code when it was cancelled ("cancelled") or still runs ("timeout") */
static int task_await(lua_State *L)
{
    Task *t = check_task(L, 1), *me = lsbl_current_task(L);
    double timeout = lsbl_check_timeout(L, 2, "await", -1);
    lua_settop(L, 1);
    check_circle(L, me, t);
    set_awaits(L, me, t, 1);
    return lsbl_wait(L, is_over, t, timeout, awaited, 0);
}

/* --- cancelling --- */

/* FALSE when it is over, or runs at this moment. Its to-be-closed values are closed. */
static gboolean cancel(lua_State *L, Task *t)
{
    if (t->status != TASK_WAITING || !t->state || !lsbl_is_suspended(t))
        return FALSE;
    if (!t->held)
        lsbl_dequeue(t);
    t->status = TASK_RUNNING; /* what it closes may wait */
    gboolean well = close_coroutine(t->thread, L) == LUA_OK;
    over(L, t, TASK_CANCELLED);
    if (!well)
        report_close(t->thread);
    return TRUE;
}

void lsbl_abandon(lua_State *L, Task *t)
{
    lsbl_dequeue(t);
    over(L, t, TASK_CANCELLED);
}

/* t:cancel() -> whether it was still to be cancelled. Its to-be-closed variables are closed. */
static int task_cancel(lua_State *L)
{
    Task *t = check_task(L, 1);
    if (t == lsbl_current_task(L))
        return luaL_error(L, "a task cannot cancel itself: return, or raise an error");
    lua_pushboolean(L, cancel(L, t));
    return 1;
}

/* __close: a task does not outlive the block that made it. */
static int task_close(lua_State *L)
{
    cancel(L, check_task(L, 1));
    return 0;
}

static int task_gc(lua_State *L)
{
    report(check_task(L, 1));
    return 0;
}

static const char *const status_names[] = {"waiting", "running", "done", "failed", "cancelled"};

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

/* --- gather --- */

#define GATHER "lsandbox.gather"

/* User value 1: the tasks' objects in order. */
typedef struct {
    lua_Integer n, next, limit; /* next: the first that has not started */
    lua_Integer made; /* tasks[i] for i < n that gather has made itself are marked in `own` */
    struct {
        Task *task;
        gboolean own;
    } list[];
} Gather;

static lua_Integer count_running(const Gather *g)
{
    lua_Integer running = 0;
    for (lua_Integer i = 0; i < g->next; i++)
        running += !lsbl_task_is_over(g->list[i].task);
    return running;
}

static void start_held(Task *t)
{
    if (!t->held)
        return;
    t->held = FALSE;
    if (t->status == TASK_WAITING)
        lsbl_enqueue(t);
}

/* Starts the next ones as others end; TRUE when all are over. */
static gboolean gather_over(gpointer data)
{
    Gather *g = data;
    lua_Integer running = count_running(g);
    for (; g->next < g->n && (!g->limit || running < g->limit); g->next++) {
        start_held(g->list[g->next].task);
        running += !lsbl_task_is_over(g->list[g->next].task);
    }
    return running == 0 && g->next == g->n;
}

/* An error, or the cancelling of who gathers: what gather made ends with it. */
static int gather_close(lua_State *L)
{
    Gather *g = luaL_checkudata(L, 1, GATHER);
    for (lua_Integer i = 0; i < g->made; i++)
        if (g->list[i].own)
            cancel(L, g->list[i].task);
    return 0;
}

static Gather *push_gather(lua_State *L, lua_Integer n, lua_Integer limit)
{
    Gather *g = lua_newuserdatauv(L, sizeof *g + (size_t)n * sizeof g->list[0], 1);
    *g = (Gather){.n = n, .limit = limit};
    luaL_setmetatable(L, GATHER);
    lua_createtable(L, (int)n, 0);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, -3, 1);
    return g;
}

/* Push the table at 1 without its list. */
static void push_named(lua_State *L)
{
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, 1);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        if (lua_isinteger(L, -2))
            lua_pop(L, 2);
        else
            lua_rawset(L, -4);
    }
}

static gboolean field_limit(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    gint64 limit;
    (void)arg;
    if (!lsb_value_whole(value, &limit) || limit < 1)
        return lsb_field_error(error, path, "a number of tasks from 1", value);
    *(lua_Integer *)out = limit;
    return TRUE;
}

/* The option `limit` of the table at 1; 0: it has none. */
static lua_Integer check_limit(lua_State *L)
{
    static const LsbField fields[] = {{.name = "limit", .parse = field_limit}, {0}};
    lua_Integer limit = 0;
    push_named(L);
    Box *box = lsbl_box(L);
    if (!lsbl_read_options(L, -2, "gather", fields, &limit, box))
        lsbl_fail(L, box);
    lsbl_box_clear(box);
    lua_pop(L, 2);
    return limit;
}

/* The element I of the table at 1 as a task object on top. */
static void push_element(lua_State *L, Gather *g, lua_Integer i)
{
    int type = lua_rawgeti(L, 1, i + 1);
    if (type == LUA_TFUNCTION) {
        g->list[i].task = lsbl_new_task(L, 0, TRUE);
        g->list[i].own = TRUE;
    } else if ((g->list[i].task = luaL_testudata(L, -1, LSBL_TASK))) {
        g->list[i].own = FALSE;
        if (g->list[i].task == lsbl_current_task(L))
            luaL_error(L, "gather[%I]: a task cannot await itself", i + 1);
    } else {
        luaL_error(L, "gather[%I]: expected a function or a task, got %s", i + 1,
                   lua_typename(L, type));
    }
    g->made = i + 1;
}

static void push_packed(lua_State *L, Task *t)
{
    int base = lua_gettop(L);
    int n = t->status == TASK_DONE ? push_results(L, t) : push_cancelled(L);
    lua_createtable(L, n, 1);
    lua_insert(L, base + 1);
    for (int i = n; i >= 1; i--)
        lua_rawseti(L, base + 1, i);
    lua_pushinteger(L, n);
    lua_setfield(L, base + 1, "n");
}

/* Stack: the list, the gather, its table of task objects. */
static int gathered(lua_State *L, int status, lua_KContext ctx)
{
    Gather *g = luaL_checkudata(L, 2, GATHER);
    (void)status;
    (void)ctx;
    for (lua_Integer i = 0; i < g->n; i++)
        if (g->list[i].task->status == TASK_FAILED) {
            lua_rawgeti(L, 3, i + 1);
            return raise_error_of(L, -1, g->list[i].task);
        }
    lua_createtable(L, (int)g->n, 0);
    for (lua_Integer i = 0; i < g->n; i++) {
        push_packed(L, g->list[i].task);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/* lsandbox.gather{ fn | task, ..., limit = n } -> { table.pack(what each returned), ... }. Waits
 * for all; then raises the first error. At most LIMIT of its functions run at once. */
static int task_gather(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_Integer limit = check_limit(L), n = (lua_Integer)lua_rawlen(L, 1);
    Gather *g = push_gather(L, n, limit);
    lua_toclose(L, 2);
    for (lua_Integer i = 0; i < n; i++) {
        push_element(L, g, i);
        lua_rawseti(L, 3, i + 1);
    }
    return lsbl_wait(L, gather_over, g, -1, gathered, 0);
}

/* --- registration --- */

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
    {"gather", task_gather},
    {NULL, NULL},
};

void lsbl_open_task(lua_State *L)
{
    static const luaL_Reg gather_metamethods[] = {{"__close", gather_close}, {NULL, NULL}};
    lsbl_open_type(L, GATHER, gather_metamethods, NULL);
    lsbl_open_type(L, LSBL_TASK, metamethods, methods);
}
