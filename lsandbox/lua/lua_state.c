/* What the binding keeps for one Lua state, from luaopen_lsandbox() to lua_close(). */
#include "lua/lua_state.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "base/ownprocess.h"
#include "lua/lua_event.h"
#include "lua/lua_loop.h"
#include "lua/lua_task.h"
#include "lua/scheduler.h"
#include "sandbox/ending.h"

static const char state_key = 0; /* its address is the state's key in the registry */

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

void lsbl_at_close(State *s, LsblDrop drop)
{
    guint i = 0;
    while (i < G_N_ELEMENTS(s->at_close) && s->at_close[i] && s->at_close[i] != drop)
        i++;
    g_assert(i < G_N_ELEMENTS(s->at_close));
    s->at_close[i] = drop;
}

static void drop_the_rest(State *s)
{
    for (guint i = G_N_ELEMENTS(s->at_close); i-- > 0;)
        if (s->at_close[i])
            s->at_close[i](s);
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

void lsbl_take_over(State *s)
{
    if (lsb_process_is(s->owner))
        return;
    s->owner = lsb_process_owner();
    lsbl_drop_events(s);
    GList *tasks = g_hash_table_get_values(s->by_thread);
    for (GList *l = tasks; l; l = l->next) {
        Task *t = l->data;
        if (t->status == TASK_WAITING && lsbl_is_suspended(t))
            lsbl_abandon(s->service, t);
    }
    g_list_free(tasks);
}

/* lua_close() calls this after the finalisers of all the binding's objects. */
static int state_gc(lua_State *L)
{
    State *s = lua_touserdata(L, 1);
    if (!s->source)
        return 0;
    lsbl_take_over(s);
    g_source_destroy(s->source);
    g_clear_pointer(&s->source, g_source_unref);
    drop_the_rest(s);
    lsbl_drop_events(s);
    forget_tasks(s);
    lsb_sandbox_await_ends();
    return 0;
}

static void push_weak_table(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
}

void lsbl_open_state(lua_State *L)
{
    if (lsbl_state(L))
        return;
    State *s = lua_newuserdatauv(L, sizeof *s, STATE_USER_VALUES);
    memset(s, 0, sizeof *s);
    lua_newtable(L);
    lua_setiuservalue(L, -2, STATE_TASKS);
    push_weak_table(L);
    lua_setiuservalue(L, -2, STATE_SANDBOXES);
    s->service = lua_newthread(L);
    lua_setiuservalue(L, -2, STATE_SERVICE);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, state_gc);
    lua_setfield(L, -2, "__gc");
    lua_pushvalue(L, -2);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &state_key);
    s->owner = lsb_process_owner();
    lsb_process_own_wakeup();
    s->by_thread = g_hash_table_new(NULL, NULL);
    s->sleeping = g_sequence_new(NULL);
    s->source = lsbl_loop_source(s);
    lua_setmetatable(L, -2); /* the last call that can fail, so that __gc finds all it frees */
    lua_pop(L, 1);
}
