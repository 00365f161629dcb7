/* The loop: the GLib source that resumes tasks, waiting, and sleep(), step() and fds(). */
#include "lua/lua_loop.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/ownprocess.h"
#include "base/wait.h"
#include "lua/lua_event.h"
#include "lua/lua_options.h"
#include "lua/lua_owner.h"
#include "lua/lua_push.h"
#include "lua/lua_state.h"
#include "lua/lua_task.h"
#include "lua/lua_type.h"
#include "lua/lua_version.h"
#include "lua/lua_wait.h"
#include "lua/scheduler.h"

enum {
    /*
     * A coroutine inside a task, a finaliser or a comparison function cannot yield to the loop. A
     * wait there turns the main context inside itself, and each such turn takes C stack.
     */
    MOST_NESTED = 100,
};

/* --- which task is ready --- */

/*
 * The condition of tasks that sleep. lsbl_enqueue() knows them by it, and keeps them sorted by
 * their deadline, so that no turn of the loop looks at all of them.
 */
static gboolean never(gpointer data)
{
    (void)data;
    return FALSE;
}

static gboolean task_is_ready(const Task *t, gint64 now)
{
    return !t->condition || t->condition(t->data) || (t->deadline >= 0 && now >= t->deadline);
}

static void note_deadline(State *s, gint64 deadline)
{
    if (deadline >= 0 && (s->next_deadline < 0 || deadline < s->next_deadline))
        s->next_deadline = deadline;
}

/* Whether an event or a task is to be run; s->next_deadline becomes the time of the next one. */
static gboolean find_work(State *s, gint64 now)
{
    GSequenceIter *first = g_sequence_get_begin_iter(s->sleeping);
    s->next_deadline = -1;
    if (!g_sequence_iter_is_end(first))
        note_deadline(s, ((const Task *)g_sequence_get(first))->deadline);
    if (s->events.length > 0 || (s->next_deadline >= 0 && now >= s->next_deadline))
        return TRUE;
    for (GList *l = s->waiting.head; l; l = l->next) {
        const Task *t = l->data;
        if (task_is_ready(t, now))
            return TRUE;
        note_deadline(s, t->deadline);
    }
    return FALSE;
}

/* A task runs once in a turn, and not in the turn in which it was made: tasks that make tasks would
 * otherwise never let the other sources of the main context run. */
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

/*
 * The search goes on at the cursor, so that a turn looks at each task only once. A turn inside this
 * one leaves the cursor at the end; tasks that are ready by then are found in the next turn.
 */
static Task *next_ready(State *s, gint64 now)
{
    while (s->cursor) {
        Task *t = s->cursor->data;
        if (may_run(t) && task_is_ready(t, now))
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
    lsbl_take_over(s);
    gint64 now = g_get_monotonic_time();
    gboolean ready = find_work(s, now);
    *timeout = s->next_deadline < 0 ? -1 : milliseconds_until(s->next_deadline, now);
    return ready;
}

/* No source is dispatched between prepare and check, so that no condition can have changed: only a
 * deadline can have passed. */
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

GSource *lsbl_loop_source(State *s)
{
    static GSourceFuncs functions = {
        .prepare = source_prepare, .check = source_check, .dispatch = source_dispatch};
    GSource *source = g_source_new(&functions, sizeof(LoopSource));
    ((LoopSource *)source)->state = s;
    g_source_set_can_recurse(source, TRUE); /* because a wait may turn the context in a wait */
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
    /* "from" is NULL, because the count of C calls that Lua takes from it would add up over nested
     * waits, which have nothing to do with each other */
    int status = lua_resume(t->thread, NULL, n, &results);
    if (status != LUA_YIELD) {
        lsbl_task_over(t, status);
    } else if (t->status == TASK_RUNNING) { /* a coroutine.yield() of the script */
        lua_pop(t->thread, results);
        t->condition = NULL;
        lsbl_enqueue(t);
    }
}

/* --- waiting --- */

/* A wait that a task or another source of the context has ended in a forked child, by forking. */
typedef struct {
    LsbCondition condition;
    gpointer data;
    pid_t owner;
} OwnWait;

static gboolean own_wait_over(gpointer data)
{
    OwnWait *w = data;
    return !lsb_process_is(w->owner) || w->condition(w->data);
}

static int block_in_wait(lua_State *L, State *s, LsbCondition condition, gpointer data,
                         double timeout)
{
    if (s->nested >= MOST_NESTED)
        return luaL_error(L,
                          "more than %d waits inside each other: wait in tasks themselves, not in "
                          "coroutines or finalisers inside them",
                          MOST_NESTED);
    OwnWait wait = {condition, data, lsb_process_owner()};
    s->nested++;
    lsb_wait_until(own_wait_over, &wait, timeout);
    s->nested--;
    lsbl_check_owner(L, wait.owner, "this wait");
    return 0;
}

/*
 * What a wait leaves on top of its task's stack. It is a to-be-closed value, because the script may
 * close the coroutine, which frees what the condition looks at. It has a finaliser, because
 * lua_close() runs that before those of all objects that the condition may look at: they are older.
 */
typedef struct {
    Task *task; /* NULL: the wait is over */
    lua_KFunction k;
    lua_KContext ctx;
} Wait;

#define WAIT "lsandbox.wait"

/*
 * A cancelled task has left the queue by now. Every other is queued again without its condition:
 * the loop resumes it, finds its coroutine dead, and reports that.
 */
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

/* The continuation of every wait in a task. When not the loop but a script has resumed the
 * coroutine, it returns an error to the script and waits on. */
static int resume_wait(lua_State *L, int status, lua_KContext at)
{
    Wait *w = lua_touserdata(L, (int)at);
    lua_settop(L, (int)at); /* drop the arguments of the resume */
    if (!w->task || w->task->status != TASK_RUNNING) {
        lua_pushnil(L);
        lua_pushliteral(L, ONLY_THE_LOOP);
        return lua_yieldk(L, 2, at, resume_wait);
    }
    lua_KFunction k = w->k;
    lua_KContext ctx = w->ctx;
    w->task = NULL;
    lsbl_pop_closing(L);
    return k(L, status, ctx);
}

int lsbl_wait(lua_State *L, LsbCondition condition, gpointer data, double timeout, lua_KFunction k,
              lua_KContext ctx)
{
    if (condition(data))
        return k(L, LUA_OK, ctx);
    State *s = lsbl_state(L);
    lsbl_take_over(s);
    Task *t = lua_isyieldable(L) ? lsbl_current_task(L) : NULL;
    if (!t) {
        block_in_wait(L, s, condition, data, timeout);
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
    return lua_yieldk(L, 0, lua_gettop(L), resume_wait);
}

/* --- the module's functions --- */

/* lsandbox.sleep(seconds). Other tasks run meanwhile. */
static int loop_sleep(lua_State *L)
{
    luaL_checkany(L, 1);
    return lsbl_wait(L, never, NULL, lsbl_check_seconds(L, 1, "sleep", 0), lsbl_then_nothing, 0);
}

/* lsandbox.clock() -> seconds of CLOCK_MONOTONIC, which time limits are measured with. */
static int loop_clock(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)g_get_monotonic_time() / G_USEC_PER_SEC);
    return 1;
}

static gboolean note_timer(gpointer flag)
{
    *(gboolean *)flag = TRUE;
    return G_SOURCE_REMOVE;
}

/*
 * lsandbox.step([timeout]) -> whether something happened. Turns the main context once, and waits
 * for at most TIMEOUT seconds (default 0) before.
 */
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
        timeout > 0
            ? g_timeout_add((guint)MIN(timeout * 1000, G_MAXUINT / 2.0), note_timer, &expired)
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
    enum { MOST = 4096 }; /* descriptors; a process has 1024 by default */
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
    {"clock", loop_clock},
    {"sleep", loop_sleep},
    {"step", loop_step},
    {"fds", loop_fds},
    {NULL, NULL},
};

void lsbl_open_loop(lua_State *L)
{
    static const luaL_Reg metamethods[] = {
        {"__close", wait_close}, {"__gc", wait_gc}, {NULL, NULL}};
    lsbl_open_type(L, WAIT, metamethods, NULL);
}
