/* The loop: the GLib source that resumes tasks, and every way to wait. */
#include "lua/lua_loop.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "base/wait.h"
#include "lua/lua_event.h"
#include "lua/lua_options.h"
#include "lua/lua_pool.h"
#include "lua/lua_push.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_task.h"
#include "lua/scheduler.h"
#include "sandbox/ending.h"

enum {
    /*
     * A coroutine inside a task, a finaliser, a comparison function cannot yield to the loop, so a
     * wait there turns the loop inside itself, on the C stack.
     */
    MOST_NESTED = 100,
};

static const char state_key = 0; /* its address is the state's key in the registry */

/* --- who is ready --- */

/* The condition of those that only sleep; a deadline is cheaper to keep than to look at. */
static gboolean never(gpointer data)
{
    (void)data;
    return FALSE;
}

static gboolean is_ready(const Task *t, gint64 now)
{
    return !t->condition || t->condition(t->data) || (t->deadline >= 0 && now >= t->deadline);
}

static void note_deadline(State *s, gint64 deadline)
{
    if (deadline >= 0 && (s->next_deadline < 0 || deadline < s->next_deadline))
        s->next_deadline = deadline;
}

/* Whether anything is to be done; else s->next_deadline is when the next wait is over. */
static gboolean look(State *s, gint64 now)
{
    GSequenceIter *first = g_sequence_get_begin_iter(s->sleeping);
    s->next_deadline = -1;
    if (!g_sequence_iter_is_end(first))
        note_deadline(s, ((const Task *)g_sequence_get(first))->deadline);
    if (s->events.length > 0 || (s->next_deadline >= 0 && now >= s->next_deadline))
        return TRUE;
    for (GList *l = s->waiting.head; l; l = l->next) {
        const Task *t = l->data;
        if (is_ready(t, now))
            return TRUE;
        note_deadline(s, t->deadline);
    }
    return FALSE;
}

/* None runs twice in a turn while others wait, and none in the turn in which it was made: tasks
 * that make tasks would never let the other sources of the context run. */
static gboolean may_run(const Task *t)
{
    return t->turn != t->state->turn && lsbl_is_suspended(t);
}

static Task *next_due(State *s, gint64 now)
{
    GSequenceIter *i = g_sequence_get_begin_iter(s->sleeping);
    for (; !g_sequence_iter_is_end(i); i = g_sequence_iter_next(i)) {
        Task *t = g_sequence_get(i);
        if (t->deadline > now)
            break;
        if (may_run(t))
            return t;
    }
    return NULL;
}

/* From the cursor on, so that a turn looks at each only once. A turn inside this one leaves it at
 * the end, and what is ready is then seen at the next. */
static Task *next_ready(State *s, gint64 now)
{
    while (s->cursor) {
        Task *t = s->cursor->data;
        if (may_run(t) && is_ready(t, now))
            return t;
        s->cursor = s->cursor->next;
    }
    return NULL;
}

/* --- the source --- */

typedef struct {
    GSource source;
    State *state;
} LoopSource;

static int milliseconds_until(gint64 deadline, gint64 now)
{
    return (int)CLAMP((deadline - now + 999) / 1000, 0, G_MAXINT);
}

static gboolean source_prepare(GSource *source, gint *timeout)
{
    State *s = ((LoopSource *)source)->state;
    gint64 now = g_get_monotonic_time();
    gboolean ready = look(s, now);
    *timeout = s->next_deadline < 0 ? -1 : milliseconds_until(s->next_deadline, now);
    return ready;
}

/* Between prepare and check nothing but time passes: no source is dispatched, so nothing changes
 * what conditions see. */
static gboolean source_check(GSource *source)
{
    gint64 next = ((LoopSource *)source)->state->next_deadline;
    return next >= 0 && g_get_monotonic_time() >= next;
}

static gboolean source_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    (void)data;
    State *s = ((LoopSource *)source)->state;
    Task *t;
    lsbl_run_events(s);
    s->turn++;
    gint64 now = g_get_monotonic_time();
    while ((t = next_due(s, now)))
        lsbl_resume(t);
    s->cursor = s->waiting.head;
    while ((t = next_ready(s, now)))
        lsbl_resume(t);
    return G_SOURCE_CONTINUE;
}

static GSource *new_source(State *s)
{
    static GSourceFuncs functions = {source_prepare, source_check, source_dispatch,
                                     NULL,           NULL,         NULL};
    GSource *source = g_source_new(&functions, sizeof(LoopSource));
    ((LoopSource *)source)->state = s;
    g_source_set_can_recurse(source, TRUE); /* waits nest */
    g_source_attach(source, NULL);
    return source;
}

/* --- tasks in the queue --- */

static gint by_deadline(gconstpointer a, gconstpointer b, gpointer unused)
{
    gint64 x = ((const Task *)a)->deadline, y = ((const Task *)b)->deadline;
    (void)unused;
    return (x > y) - (x < y);
}

void lsbl_enqueue(Task *t)
{
    State *s = t->state;
    t->status = TASK_WAITING;
    if (t->condition == never) {
        t->asleep = g_sequence_insert_sorted(s->sleeping, t, by_deadline, NULL);
        return;
    }
    t->link.data = t;
    g_queue_push_tail_link(&s->waiting, &t->link);
}

void lsbl_dequeue(Task *t)
{
    State *s = t->state;
    t->status = TASK_RUNNING;
    if (t->asleep) {
        g_sequence_remove(t->asleep);
        t->asleep = NULL;
        return;
    }
    if (s->cursor == &t->link)
        s->cursor = t->link.next;
    g_queue_unlink(&s->waiting, &t->link);
}

gboolean lsbl_is_suspended(const Task *t)
{
    lua_Debug ar;
    return lua_status(t->thread) != LUA_OK || !lua_getstack(t->thread, 0, &ar);
}

void lsbl_resume(Task *t)
{
    int results, n = t->arguments;
    lsbl_dequeue(t);
    t->arguments = 0;
    t->turn = t->state->turn;
    /* no "from": its count of C calls would add up over nested waits that have nothing to do with
     * it */
    int status = lua_resume(t->thread, NULL, n, &results);
    if (status != LUA_YIELD) {
        lsbl_task_over(t, status);
    } else if (t->status == TASK_RUNNING) { /* its own coroutine.yield(): let the others run */
        lua_pop(t->thread, results);
        t->condition = NULL;
        lsbl_enqueue(t);
    }
}

/* --- waiting --- */

static int block(lua_State *L, State *s, LsbCondition condition, gpointer data, double timeout)
{
    if (s->nested >= MOST_NESTED)
        return luaL_error(L,
                          "more than %d waits inside each other: wait in tasks themselves, not in "
                          "coroutines or finalisers inside them",
                          MOST_NESTED);
    s->nested++;
    lsb_wait_until(condition, data, timeout);
    s->nested--;
    return 0;
}

/*
 * What a wait leaves on top of its task's stack. To be closed: the coroutine may be closed by
 * somebody else than cancel(), and what the condition looks at is then freed. With a finaliser,
 * too: when the Lua state is closed it runs before those of everything that was there when the wait
 * began, and the task must not be looked at after that.
 */
typedef struct {
    Task *task; /* NULL: it waits no more */
    lua_KFunction k;
    lua_KContext ctx;
} Wait;

#define WAIT "lsandbox.wait"

/* A cancelled task is out of the queue. The loop finds any other dead, and says so. */
static int wait_close(lua_State *L)
{
    Wait *w = luaL_checkudata(L, 1, WAIT);
    Task *t = g_steal_pointer(&w->task);
    if (!t || t->status != TASK_WAITING)
        return 0;
    lsbl_dequeue(t);
    t->condition = NULL;
    lsbl_enqueue(t);
    return 0;
}

static int wait_gc(lua_State *L)
{
    Wait *w = luaL_checkudata(L, 1, WAIT);
    Task *t = g_steal_pointer(&w->task);
    if (t && t->state && t->status == TASK_WAITING)
        lsbl_abandon(L, t);
    return 0;
}

static Wait *push_wait(lua_State *L)
{
    luaL_checkstack(L, 2, "to wait");
    Wait *w = lua_newuserdatauv(L, sizeof *w, 0);
    w->task = NULL;
    luaL_setmetatable(L, WAIT);
    lua_toclose(L, -1);
    return w;
}

#define ONLY_THE_LOOP "this coroutine is a task: only the loop resumes it"

/* The continuation of every wait in a task. Whoever else resumes it is told so, and it goes on
 * waiting. */
static int resumed(lua_State *L, int status, lua_KContext at)
{
    Wait *w = lua_touserdata(L, (int)at);
    lua_settop(L, (int)at); /* without what was passed */
    if (!w->task || w->task->status != TASK_RUNNING) {
        lua_pushnil(L);
        lua_pushliteral(L, ONLY_THE_LOOP);
        return lua_yieldk(L, 2, at, resumed);
    }
    lua_KFunction k = w->k;
    lua_KContext ctx = w->ctx;
    w->task = NULL;
    lua_pop(L, 1);
    return k(L, status, ctx);
}

int lsbl_wait(lua_State *L, LsbCondition condition, gpointer data, double timeout, lua_KFunction k,
              lua_KContext ctx)
{
    if (condition(data))
        return k(L, LUA_OK, ctx);
    State *s = lsbl_state(L);
    Task *t = lua_isyieldable(L) ? lsbl_current_task(L) : NULL;
    if (!t) {
        block(L, s, condition, data, timeout);
        return k(L, LUA_OK, ctx);
    }
    if (t->status != TASK_RUNNING)
        return luaL_error(L, ONLY_THE_LOOP);
    Wait *w = push_wait(L);
    *w = (Wait){t, k, ctx};
    t->condition = condition;
    t->data = data;
    t->deadline = timeout < 0 ? -1 : g_get_monotonic_time() + (gint64)(MIN(timeout, 1e12) * 1e6);
    lsbl_enqueue(t);
    return lua_yieldk(L, 0, lua_gettop(L), resumed);
}

/* --- the module's functions --- */

static int nothing(lua_State *L, int status, lua_KContext ctx)
{
    (void)L;
    (void)status;
    (void)ctx;
    return 0;
}

/* lsandbox.sleep(seconds). Others run meanwhile. */
static int loop_sleep(lua_State *L)
{
    luaL_checkany(L, 1);
    return lsbl_wait(L, never, NULL, lsbl_check_seconds(L, 1, "sleep", 0), nothing, 0);
}

static gboolean set_flag(gpointer flag)
{
    *(gboolean *)flag = TRUE;
    return G_SOURCE_REMOVE;
}

/* lsandbox.step([timeout]) -> whether something happened. Turns the main context once, waiting for
 * at most TIMEOUT seconds (0). */
static int loop_step(lua_State *L)
{
    lua_settop(L, 1);
    double timeout = lsbl_check_seconds(L, 1, "step", 0);
    State *s = lsbl_state(L);
    if (lsbl_current_task(L))
        return luaL_error(L, "step: expected a caller outside tasks; a task waits by sleep");
    if (s->nested >= MOST_NESTED)
        return luaL_error(L, "more than %d turns of the loop inside each other", MOST_NESTED);
    gboolean expired = FALSE;
    guint timer =
        timeout > 0 ? g_timeout_add((guint)MIN(timeout * 1000, G_MAXUINT / 2.0), set_flag, &expired)
                    : 0;
    s->nested++;
    gboolean happened = g_main_context_iteration(NULL, timeout > 0);
    s->nested--;
    if (timer && !expired)
        g_source_remove(timer);
    lua_pushboolean(L, happened && !expired);
    return 1;
}

static void push_poll(lua_State *L, const GPollFD *p)
{
    gboolean in = (p->events & G_IO_IN) != 0, out = (p->events & G_IO_OUT) != 0;
    lua_createtable(L, 0, 2);
    lsbl_set_integer(L, "fd", p->fd);
    lsbl_set_string(L, "events", in && out ? "rw" : out ? "w" : "r");
}

/* lsandbox.fds() -> list of { fd =, events = "r" | "w" | "rw" }, seconds | nil. What a foreign loop
 * has to watch, and for how long at most, before it calls step(). */
static int loop_fds(lua_State *L)
{
    enum { MOST = 4096 };
    GPollFD *polls = lua_newuserdatauv(L, MOST * sizeof *polls, 0);
    GMainContext *context = g_main_context_default();
    gint priority, timeout = -1, n = 0;
    if (g_main_context_acquire(context)) {
        if (g_main_context_prepare(context, &priority))
            timeout = 0;
        gint due = 0;
        n = g_main_context_query(context, priority, &due, polls, MOST);
        timeout = timeout == 0 ? 0 : due;
        g_main_context_release(context);
    }
    n = MIN(n, MOST);
    lua_createtable(L, n, 0);
    for (gint i = 0; i < n; i++) {
        push_poll(L, &polls[i]);
        lua_rawseti(L, -2, i + 1);
    }
    if (timeout < 0)
        lua_pushnil(L);
    else
        lua_pushnumber(L, timeout / 1000.0);
    return 2;
}

const luaL_Reg lsbl_loop_functions[] = {
    {"sleep", loop_sleep},
    {"step", loop_step},
    {"fds", loop_fds},
    {NULL, NULL},
};

/* --- the state --- */

State *lsbl_state(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &state_key);
    State *s = lua_touserdata(L, -1);
    lua_pop(L, 1);
    return s;
}

Task *lsbl_current_task(lua_State *L)
{
    State *s = lsbl_state(L);
    return s->by_thread ? g_hash_table_lookup(s->by_thread, L) : NULL;
}

void lsbl_push_state_value(lua_State *L, int index)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &state_key);
    lua_getiuservalue(L, -1, index);
    lua_remove(L, -2);
}

void lsbl_push_weak_table(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
}

static void forget_tasks(State *s)
{
    GHashTableIter iter;
    gpointer t;
    g_hash_table_iter_init(&iter, s->by_thread);
    while (g_hash_table_iter_next(&iter, NULL, &t))
        ((Task *)t)->state = NULL;
    g_clear_pointer(&s->by_thread, g_hash_table_unref);
    g_clear_pointer(&s->sleeping, g_sequence_free);
}

/* The Lua state is being closed: this runs after the finalisers of everything else that is ours. */
static int state_gc(lua_State *L)
{
    State *s = lua_touserdata(L, 1);
    if (!s->source)
        return 0;
    g_source_destroy(s->source);
    g_clear_pointer(&s->source, g_source_unref);
    lsbl_drop_pools(s);
    lsbl_drop_sandboxes(s);
    lsbl_drop_events(s);
    forget_tasks(s);
    lsb_sandbox_await_ends();
    return 0;
}

static void open_wait(lua_State *L)
{
    if (luaL_newmetatable(L, WAIT)) {
        lua_pushcfunction(L, wait_close);
        lua_setfield(L, -2, "__close");
        lua_pushcfunction(L, wait_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
}

void lsbl_open_state(lua_State *L)
{
    open_wait(L);
    if (lsbl_state(L))
        return;
    State *s = lua_newuserdatauv(L, sizeof *s, STATE_USER_VALUES);
    memset(s, 0, sizeof *s);
    lua_newtable(L);
    lua_setiuservalue(L, -2, STATE_TASKS);
    lsbl_push_weak_table(L);
    lua_setiuservalue(L, -2, STATE_SANDBOXES);
    s->service = lua_newthread(L);
    lua_setiuservalue(L, -2, STATE_SERVICE);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, state_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushvalue(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &state_key);
    s->by_thread = g_hash_table_new(NULL, NULL);
    s->sleeping = g_sequence_new(NULL);
    s->source = new_source(s);
    lua_setmetatable(L, -2); /* the last that can fail, so that what it frees is there */
    lua_pop(L, 1);
}
