#include "binding.h"
#include "lsandbox.h"

/* Read the recipe at argument 1 into box->description; FALSE with box->error. */
static gboolean read_recipe(lua_State *L, Box *box)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lsbl_to_value(L, 1, box);
    box->description = lsb_description_new(box->value, &box->error);
    return box->description != NULL;
}

/* lsandbox.new(recipe) -> sandbox. Validates, and touches nothing else. Raises on a wrong recipe.
 */
static int module_new(lua_State *L)
{
    Box *box = lsbl_box(L);
    if (!read_recipe(L, box))
        return lsbl_fail(L, box);
    box->sandbox = lsb_sandbox_new(g_steal_pointer(&box->description));
    lsbl_push_sandbox(L, box);
    return 1;
}

/* lsandbox.start(recipe) -> sandbox | nil, message, code */
static int module_start(lua_State *L)
{
    Box *box = lsbl_box(L);
    if (!read_recipe(L, box))
        return lsbl_fail(L, box);
    box->sandbox = lsb_sandbox_new(g_steal_pointer(&box->description));
    if (!lsb_sandbox_start(box->sandbox, &box->error))
        return lsbl_fail(L, box);
    lsbl_push_sandbox(L, box);
    return 1;
}

/* lsandbox.run(recipe) -> { stdout, stderr, status | signal, ... } | nil, message, code */
static int module_run(lua_State *L)
{
    static const LsbStdio captured[3] = {LSB_STDIO_NULL, LSB_STDIO_PIPE, LSB_STDIO_PIPE};
    Box *box = lsbl_box(L);
    if (!read_recipe(L, box))
        return lsbl_fail(L, box);
    box->spec = lsb_program_spec_new(box->description, NULL, captured, &box->error);
    if (!box->spec)
        return lsbl_fail(L, box);
    box->sandbox = lsb_sandbox_new(g_steal_pointer(&box->description));
    if (!lsb_sandbox_start(box->sandbox, &box->error))
        return lsbl_fail(L, box);
    int results = lsbl_run_captured(L, box->sandbox, box);
    lsbl_box_clear(box); /* the last reference: destroys the sandbox */
    return results;
}

static const luaL_Reg functions[] = {
    {"new", module_new},
    {"start", module_start},
    {"run", module_run},
    {NULL, NULL},
};

/*
 * Memory may run out while a metatable is filled; it is in the registry by then, and the next try
 * would take it for whole. Without its __gc what it stands for would never be freed. So unless an
 * earlier try got to its end, begin afresh; no object can be there yet.
 */
#define OPENED "lsandbox.opened"

static const char this_copy = 0;

/*
 * Whether the module was opened in this state before. By another copy of it, say lsandbox.so beside
 * liblsandbox.so, its objects would be handed to our functions, whose connections are others.
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
        lua_rawset(L, LUA_REGISTRYINDEX); /* to clear a field is allowed in a traversal */
    }
}

static void set_opened(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)&this_copy);
    lua_setfield(L, LUA_REGISTRYINDEX, OPENED);
}

LSANDBOX_EXPORT int luaopen_lsandbox(lua_State *L)
{
    luaL_checkversion(L);
    forget_half_made(L);
    lsbl_open_box(L);
    lsbl_open_sandbox(L);
    lsbl_open_program(L);
    lsbl_open_stream(L);
    luaL_newlib(L, functions);
    lua_pushliteral(L, LSANDBOX_VERSION);
    lua_setfield(L, -2, "_VERSION");
    set_opened(L);
    return 1;
}
