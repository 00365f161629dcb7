/* The loop: the GLib source that resumes tasks, and every way to wait. */
#include <string.h>

#include "scheduler.h"

enum {
    /*
     * A coroutine inside a task, a finaliser, a comparison function cannot yield to the loop, so a
     * wait there turns the loop inside itself, on the C stack.
     */
    MOST_NESTED = 100,
};

static const char state_key = 0; /* its address is the state's key in the registry */

/* --- who is ready ------------------------------------------------------------------------------
 */

static gboolean condition_met(const Task *t)
{
    return !t->condition || t->condition(t->data);
}

static gboolean is_ready(const Task *t, gint64 now)
{
    return condition_met(t) || (t->deadline >= 0 && now >= t->deadline);
}

static int milliseconds_until(gint64 deadline, gint64 now)
{
    return (int)CLAMP((deadline - now + 999) / 1000, 0, G_MAXINT);
}

/* Whether anything is to be done; *TIMEOUT becomes the milliseconds to the next deadline, or -1. */
static gboolean look(State *s, int *timeout)
{
    gint64 now = g_get_monotonic_time(), next = -1;
    *timeout = -1;
    if (s->events.length > 0)
        return TRUE;
    for (GList *l = s->waiting.head; l; l = l->next) {
        const Task *t = l->data;
        if (is_ready(t, now))
            return TRUE;
        if (t->deadline >= 0 && (next < 0 || t->deadline < next))
            next = t->deadline;
    }
    if (next >= 0)
        *timeout = milliseconds_until(next, now);
    return FALSE;
}

/* The next one that is ready and was not resumed in this turn: none runs twice while others wait.
 */
static Task *next_ready(State *s)
{
    gint64 now = g_get_monotonic_time();
    for (GList *l = s->waiting.head; l; l = l->next) {
        Task *t = l->data;
        if (t->turn != s->turn && is_ready(t, now))
            return t;
    }
    return NULL;
}

/* --- the source --------------------------------------------------------------------------------
 */

typedef struct {
    GSource source;
    State *state;
} LoopSource;

static gboolean source_prepare(GSource *source, gint *timeout)
{
    return look(((LoopSource *)source)->state, timeout);
}

static gboolean source_check(GSource *source)
{
    int timeout;
    return look(((LoopSource *)source)->state, &timeout);
}

static gboolean source_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    (void)data;
    State *s = ((LoopSource *)source)->state;
    lsbl_run_events(s);
    s->turn++;
    for (Task *t; (t = next_ready(s));)
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

/* --- tasks in the queue ------------------------------------------------------------------------
 */

void lsbl_enqueue(Task *t)
{
    t->status = TASK_WAITING;
    t->link.data = t;
    g_queue_push_tail_link(&t->state->waiting, &t->link);
}

static void dequeue(Task *t)
{
    g_queue_unlink(&t->state->waiting, &t->link);
    t->status = TASK_RUNNING;
}

void lsbl_resume(Task *t)
{
    int results, n = t->arguments;
    dequeue(t);
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

/* --- waiting -----------------------------------------------------------------------------------
 */

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

/* The continuation of every wait in a task: only the loop may resume it. */
typedef struct {
    lua_KFunction k;
    lua_KContext ctx;
} Then;

static int resumed(lua_State *L, int status, lua_KContext ctx)
{
    Task *t = lsbl_current_task(L);
    (void)ctx;
    if (t && t->status == TASK_WAITING)
        t->condition = NULL; /* the error below ends it: the loop is to find that out soon */
    if (!t || t->status != TASK_RUNNING)
        return luaL_error(L, "this coroutine is a task that waits: only the loop resumes it");
    Then then = *(Then *)lua_touserdata(L, -1);
    lua_pop(L, 1);
    return then.k(L, status, then.ctx);
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
    luaL_checkstack(L, 1, "to wait");
    Then *then = lua_newuserdatauv(L, sizeof *then, 0);
    *then = (Then){k, ctx};
    t->condition = condition;
    t->data = data;
    t->deadline = timeout < 0 ? -1 : g_get_monotonic_time() + (gint64)(MIN(timeout, 1e12) * 1e6);
    lsbl_enqueue(t);
    return lua_yieldk(L, 0, 0, resumed);
}

/* --- the module's functions --------------------------------------------------------------------
 */

static gboolean never(gpointer data)
{
    (void)data;
    return FALSE;
}

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
    return lsbl_wait(L, never, NULL, lsbl_seconds(L, 1, "seconds", 0), nothing, 0);
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
    double timeout = lsbl_seconds(L, 1, "timeout", 0);
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

/* --- the state ---------------------------------------------------------------------------------
 */

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

/* The Lua state is being closed: this runs after the finalisers of everything else that is ours. */
static int state_gc(lua_State *L)
{
    State *s = lua_touserdata(L, 1);
    if (!s->source)
        return 0;
    g_source_destroy(s->source);
    g_clear_pointer(&s->source, g_source_unref);
    lsbl_drop_events(s);
    for (GList *l; (l = g_queue_pop_head_link(&s->waiting));)
        ((Task *)l->data)->state = NULL;
    g_clear_pointer(&s->by_thread, g_hash_table_unref);
    lsb_sandbox_await_ends();
    return 0;
}

void lsbl_open_state(lua_State *L)
{
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
    s->source = new_source(s);
    lua_setmetatable(L, -2); /* the last that can fail, so that what it frees is there */
    lua_pop(L, 1);
}
