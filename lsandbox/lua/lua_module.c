/*
 * The module: lsandbox.new(), start() and run(), and luaopen_lsandbox(), which opens all the
 * others.
 */
#include "lua/lua_module.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/standardstreams.h"
#include "lsandbox.h"
#include "lua/lua_box.h"
#include "lua/lua_connection.h"
#include "lua/lua_event.h"
#include "lua/lua_exec.h"
#include "lua/lua_extend.h"
#include "lua/lua_files.h"
#include "lua/lua_gather.h"
#include "lua/lua_loop.h"
#include "lua/lua_pool.h"
#include "lua/lua_program.h"
#include "lua/lua_recipe.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_snapshot.h"
#include "lua/lua_state.h"
#include "lua/lua_stream.h"
#include "lua/lua_task.h"
#include "lua/lua_value.h"
#include "lua/lua_wait.h"
#include "lua/lua_watch.h"
#include "recipe/description.h"
#include "sandbox/ending.h"
#include "sandbox/sandbox.h"
#include "sandbox/start.h"
#include "sandbox/states.h"
#include "session/program.h"
#include "session/session.h"
#include "session/spec.h"

void lsbl_take_recipe(lua_State *L, int index, const LsbField *beside, Box *box)
{
    static const char *const events[] = {"on", NULL}; /* functions are no data */
    luaL_checktype(L, index, LUA_TTABLE);
    if (lsbl_get_field(L, index, "on") != LUA_TNIL)
        lsbl_check_events(L, lua_gettop(L));
    lsbl_to_value(L, index,
                  &(LsblReading){.what = "recipe",
                                 .fields = lsb_recipe_fields,
                                 .left_out = events,
                                 .also_left_out = beside},
                  box);
}

gboolean lsbl_read_recipe(lua_State *L, int index, const LsbField *beside, Box *box)
{
    lsbl_take_recipe(L, index, beside, box);
    box->description = lsb_description_new(box->value, &box->error);
    return box->description != NULL;
}

/* Stack of every function here: the recipe, the box, the event functions. */
enum { RECIPE = 1, BOX, EVENTS };

static Box *begin_with_recipe(lua_State *L, Box *(*new_box)(lua_State *))
{
    lua_settop(L, RECIPE);
    return new_box(L);
}

/* lsandbox.new(recipe) -> sandbox. Checks the recipe, and touches nothing of the host. Raises for a
 * wrong recipe. */
static int module_new(lua_State *L)
{
    Box *box = begin_with_recipe(L, lsbl_box);
    if (!lsbl_read_recipe(L, RECIPE, NULL, box))
        return lsbl_fail(L, box);
    box->sandbox = lsb_sandbox_new(g_steal_pointer(&box->description));
    lsbl_push_sandbox(L, box, EVENTS);
    return 1;
}

/* --- start --- */

/* The object is on top. */
static int push_started_object(lua_State *L, Box *box)
{
    SandboxObject *object = lua_touserdata(L, -1);
    if (!object->sb)
        return luaL_error(L, "the sandbox was closed while it started");
    if (!lsb_sandbox_start_result(object->sb, &box->error))
        return lsbl_fail(L, box);
    lsb_sandbox_unref(g_steal_pointer(&box->sandbox));
    return 1;
}

static gboolean object_start_over(gpointer data)
{
    SandboxObject *object = data;
    return !object->sb || lsb_sandbox_start_over(object->sb);
}

/* lsandbox.start(recipe) -> sandbox | nil, message, code */
static int module_start(lua_State *L)
{
    Box *box = begin_with_recipe(L, lsbl_closing_box);
    if (!lsbl_read_recipe(L, RECIPE, NULL, box))
        return lsbl_fail(L, box);
    box->sandbox = lsb_sandbox_new(g_steal_pointer(&box->description));
    lsbl_push_sandbox(L, box, EVENTS); /* before the start, so that its events are heard */
    SandboxObject *object = lua_touserdata(L, -1);
    /* the box destroys the sandbox when the start fails or is cancelled */
    box->sandbox = lsb_sandbox_ref(object->sb);
    if (!lsb_sandbox_start_begin(object->sb, &box->error))
        return lsbl_fail(L, box);
    return lsbl_wait_with_box(L, object_start_over, object, -1, push_started_object, BOX);
}

/* --- run --- */

static int return_on_top(lua_State *L, int status, lua_KContext n)
{
    (void)L;
    (void)status;
    return (int)n;
}

static int end_after_run(lua_State *L, Box *box)
{
    int n = lsbl_push_captured(L, box);
    lsb_sandbox_destroy_begin(box->sandbox);
    return lsbl_wait(L, lsb_sandbox_ended, box->sandbox, -1, return_on_top, n);
}

static int run_in_started(lua_State *L, Box *box)
{
    if (!lsb_sandbox_start_result(box->sandbox, &box->error) ||
        !lsbl_spawn_captured(box->sandbox, box))
        return lsbl_fail(L, box);
    return lsbl_wait_with_box(L, lsb_program_settled, box->program, -1, end_after_run, BOX);
}

/* lsandbox.run(recipe) -> { stdout, stderr, status | signal, ... } | nil, message, code */
static int module_run(lua_State *L)
{
    static const LsbStdio captured[3] = {LSB_STDIO_NULL, LSB_STDIO_PIPE, LSB_STDIO_PIPE};
    Box *box = begin_with_recipe(L, lsbl_closing_box);
    if (!lsbl_read_recipe(L, RECIPE, NULL, box))
        return lsbl_fail(L, box);
    if (!lua_isnil(L, EVENTS))
        return luaL_error(L, "on: run gives no sandbox to listen to; use start");
    box->sandbox = lsb_sandbox_new(g_steal_pointer(&box->description));
    box->spec = lsb_program_spec_new(lsb_session_profile(lsb_sandbox_session(box->sandbox)), NULL,
                                     captured, &box->error);
    if (!box->spec)
        return lsbl_fail(L, box);
    if (!lsb_sandbox_start_begin(box->sandbox, &box->error))
        return lsbl_fail(L, box);
    return lsbl_wait_with_box(L, lsb_sandbox_start_over, box->sandbox, -1, run_in_started, BOX);
}

static const luaL_Reg functions[] = {
    {"new", module_new},
    {"start", module_start},
    {"run", module_run},
    {NULL, NULL},
};

/*
 * Memory may run out while a metatable is filled. The registry holds it by then, so that the next
 * try would take it for whole, and objects without its __gc would never be freed. So unless an
 * earlier try came to its end, remove all metatables and begin again; no object can exist yet.
 */
#define OPENED "lsandbox.opened"

static const char this_copy = 0;

/*
 * Whether this copy of the module was opened in the Lua state before. Raises when another copy was,
 * say lsandbox.so beside liblsandbox.so: both would take each other's objects for their own, though
 * each has its own connections.
 */
static gboolean check_opened(lua_State *L)
{
    int type = lua_getfield(L, LUA_REGISTRYINDEX, OPENED);
    if (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) != &this_copy)
        luaL_error(L, "lsandbox: another copy of the module is open in this Lua state; is it both "
                      "linked in and on the path?");
    lua_pop(L, 1);
    return type == LUA_TLIGHTUSERDATA;
}

static void forget_half_made(lua_State *L)
{
    gboolean opened = check_opened(L);
    for (lua_pushnil(L); !opened && lua_next(L, LUA_REGISTRYINDEX); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || !g_str_has_prefix(lua_tostring(L, -2), "lsandbox."))
            continue;
        lua_pushvalue(L, -2);
        lua_pushnil(L);
        lua_rawset(L, LUA_REGISTRYINDEX); /* lua_next() allows to clear a field */
    }
}

static void set_opened(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)&this_copy);
    lua_setfield(L, LUA_REGISTRYINDEX, OPENED);
}

LSANDBOX_EXPORT int luaopen_lsandbox(lua_State *L)
{
    lsb_standard_streams_hold();
    luaL_checkversion(L);
    forget_half_made(L);
    lsbl_open_state(L); /* first, so that its finaliser runs last */
    lsbl_open_loop(L);
    lsbl_open_box(L);
    lsbl_open_task(L);
    lsbl_open_gather(L);
    lsbl_open_connection(L);
    lsbl_open_sandbox(L);
    lsbl_open_program(L);
    lsbl_open_stream(L);
    lsbl_open_files(L);
    lsbl_open_watcher(L);
    lsbl_open_pool(L);
    luaL_newlib(L, functions);
    luaL_setfuncs(L, lsbl_task_functions, 0);
    luaL_setfuncs(L, lsbl_gather_functions, 0);
    luaL_setfuncs(L, lsbl_loop_functions, 0);
    luaL_setfuncs(L, lsbl_connection_functions, 0);
    luaL_setfuncs(L, lsbl_recipe_functions, 0);
    luaL_setfuncs(L, lsbl_extend_functions, 0);
    luaL_setfuncs(L, lsbl_snapshot_functions, 0);
    luaL_setfuncs(L, lsbl_pool_functions, 0);
    lua_pushliteral(L, LSANDBOX_VERSION);
    lua_setfield(L, -2, "_VERSION");
    set_opened(L);
    return 1;
}
