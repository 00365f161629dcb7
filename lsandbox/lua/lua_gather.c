/* lsandbox.gather(): waiting for several tasks. */
#include "lua/lua_gather.h"

#include <lauxlib.h>
#include <lua.h>

#include "lua/lua_box.h"
#include "lua/lua_loop.h"
#include "lua/lua_owner.h"
#include "lua/lua_state.h"
#include "lua/lua_task.h"
#include "lua/lua_type.h"
#include "lua/lua_value.h"
#include "lua/scheduler.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

#define GATHER "lsandbox.gather"

/* User value 1: the tasks' objects in order. */
typedef struct {
    lua_Integer n;     /* of tasks */
    lua_Integer made;  /* so many of LIST are filled */
    lua_Integer next;  /* the first that has not started */
    lua_Integer limit; /* of tasks that run at once; 0: none */
    struct {
        Task *task;
        gboolean own; /* gather has made it */
    } list[];
} Gather;

static lua_Integer count_running_tasks(const Gather *g)
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

/* A condition: TRUE when all are over. Starts the next tasks as others end. */
static gboolean gather_over(gpointer data)
{
    Gather *g = data;
    lua_Integer running = count_running_tasks(g);
    for (; g->next < g->n && (!g->limit || running < g->limit); g->next++) {
        start_held(g->list[g->next].task);
        running += !lsbl_task_is_over(g->list[g->next].task);
    }
    return running == 0 && g->next == g->n;
}

/* An error, or the cancelling of the task that gathers, also cancels the tasks that gather made. */
static int gather_close(lua_State *L)
{
    Gather *g = luaL_checkudata(L, 1, GATHER);
    for (lua_Integer i = 0; i < g->made; i++)
        if (g->list[i].own)
            lsbl_cancel_task(L, g->list[i].task);
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
    Box *box = lsbl_box(L);
    lsbl_to_value(L, 1, &(LsblReading){.what = "gather", .fields = fields, .named = TRUE}, box);
    if (!lsb_fields_read(box->value, "gather", fields, &limit, &box->error))
        lsbl_fail(L, box);
    lsbl_box_clear(box);
    lua_pop(L, 1);
    return limit;
}

/* Push the element I, from 0, of the table at 1 as a task object. */
static void push_element(lua_State *L, Gather *g, lua_Integer i)
{
    int type = lua_rawgeti(L, 1, i + 1);
    if (type == LUA_TFUNCTION) {
        g->list[i].task = lsbl_new_task(L, 0, TRUE);
        g->list[i].own = TRUE;
    } else if ((g->list[i].task = luaL_testudata(L, -1, LSBL_TASK))) {
        lsbl_check_owner(L, g->list[i].task->owner, "this task");
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
    int n = t->status == TASK_DONE ? lsbl_push_task_results(L, t) : lsbl_push_cancelled(L);
    lua_createtable(L, n, 1);
    lua_insert(L, base + 1);
    for (int i = n; i >= 1; i--)
        lua_rawseti(L, base + 1, i);
    lua_pushinteger(L, n);
    lua_setfield(L, base + 1, "n");
}

/* Stack: the list, the gather, its table of task objects. */
static int push_gathered(lua_State *L, int status, lua_KContext ctx)
{
    Gather *g = luaL_checkudata(L, 2, GATHER);
    (void)status;
    (void)ctx;
    for (lua_Integer i = 0; i < g->n; i++)
        if (g->list[i].task->status == TASK_FAILED) {
            lua_rawgeti(L, 3, i + 1);
            return lsbl_raise_task_error(L, -1, g->list[i].task);
        }
    lua_createtable(L, (int)g->n, 0);
    for (lua_Integer i = 0; i < g->n; i++) {
        push_packed(L, g->list[i].task);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

/*
 * lsandbox.gather{ fn | task, ..., limit = n } -> { table.pack(what each returned), ... }. Waits
 * for all tasks; then raises the first error. At most LIMIT of the functions run at once.
 */
static int module_gather(lua_State *L)
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
    return lsbl_wait(L, gather_over, g, -1, push_gathered, 0);
}

const luaL_Reg lsbl_gather_functions[] = {
    {"gather", module_gather},
    {NULL, NULL},
};

void lsbl_open_gather(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__close", gather_close}, {NULL, NULL}};
    lsbl_open_type(L, GATHER, metamethods, NULL);
}
