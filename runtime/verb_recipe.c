/* The verb for a recipe file: runs it, and then the program of the table that it returns. */
#include "verb_recipe.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <string.h>

#include "attached.h"
#include "complain.h"
#include "lsandbox.h"
#include "lua/lua_box.h"
#include "lua/lua_module.h"
#include "recipe/description.h"

static int add_traceback(lua_State *L)
{
    const char *message = lua_tostring(L, 1);
    luaL_traceback(L, L, message ? message : luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

/* The global `arg`, as lua(1) has it: [0] the recipe, [1] ... its arguments. */
static void set_arg(lua_State *L, int argc, char **argv)
{
    lua_createtable(L, argc - 1, 1);
    for (int i = 0; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i);
    }
    lua_setglobal(L, "arg");
}

/*
 * Have `require` look beside the recipe first, as the recipe's author expects who keeps recipes in
 * several files. A directory whose name has a character that package.path gives a meaning is left
 * out.
 */
static void look_beside(lua_State *L, const char *recipe)
{
    g_autofree char *path = g_canonicalize_filename(recipe, NULL);
    g_autofree char *dir = g_path_get_dirname(path);
    if (strpbrk(dir, ";?"))
        return;
    g_autofree char *places = g_strdup_printf("%s/?.lua;%s/?/init.lua;", dir, dir);
    lua_getglobal(L, "package");
    lua_pushstring(L, places);
    lua_getfield(L, -2, "path");
    lua_concat(L, 2);
    lua_setfield(L, -2, "path");
    lua_pop(L, 1);
}

/* In protected mode: make the interpreter, load the recipe, run it. Leaves its first result. */
static int run_recipe(lua_State *L)
{
    int argc = (int)lua_tointeger(L, 1);
    char **argv = lua_touserdata(L, 2);
    luaL_openlibs(L);
    luaL_requiref(L, "lsandbox", luaopen_lsandbox, 0);
    lua_pop(L, 1);
    set_arg(L, argc, argv);
    look_beside(L, argv[0]);
    if (luaL_loadfile(L, argv[0]) != LUA_OK)
        return lua_error(L);
    luaL_checkstack(L, argc, "too many arguments");
    for (int i = 1; i < argc; i++)
        lua_pushstring(L, argv[i]);
    lua_call(L, argc - 1, 1);
    return 1;
}

/* In protected mode: make a description of the table at 1, for the pointer at 2. */
static int describe_table(lua_State *L)
{
    LsbDescription **out = lua_touserdata(L, 2);
    Box *box = lsbl_box(L);
    if (!lsbl_read_recipe(L, 1, NULL, box))
        return luaL_error(L, "%s", box->error->message);
    if (!lua_isnil(L, -1))
        return luaL_error(L, "on: a recipe that is returned has nobody to listen: when its program "
                             "runs the script is over; call lsandbox.start with it instead");
    *out = g_steal_pointer(&box->description);
    return 0;
}

/* Call in protected mode; FALSE when it raised, which has been printed. */
static gboolean call_with_traceback(lua_State *L, int arguments, int results)
{
    int base = lua_gettop(L) - arguments;
    lua_pushcfunction(L, add_traceback);
    lua_insert(L, base);
    if (lua_pcall(L, arguments, results, base) == LUA_OK) {
        lua_remove(L, base);
        return TRUE;
    }
    lsb_complain("%s", lua_tostring(L, -1));
    return FALSE;
}

/* The description of the table on top; NULL with *STATUS for every other result. */
static LsbDescription *returned_table(lua_State *L, int *status)
{
    LsbDescription *d = NULL;
    if (lua_isinteger(L, -1)) {
        *status = (int)(lua_tointeger(L, -1) & 0xff);
    } else if (lua_istable(L, -1)) {
        lua_pushcfunction(L, describe_table);
        lua_insert(L, -2);
        lua_pushlightuserdata(L, &d);
        if (!call_with_traceback(L, 2, 0))
            *status = LSB_EXIT_FAILURE;
    }
    return d;
}

LsbDescription *lsb_recipe_load(int argc, char **argv, int *status)
{
    lua_State *L = luaL_newstate();
    if (!L) {
        lsb_complain("no memory for a Lua state");
        *status = LSB_EXIT_FAILURE;
        return NULL;
    }
    *status = 0;
    LsbDescription *d = NULL;
    lua_pushcfunction(L, run_recipe);
    lua_pushinteger(L, argc);
    lua_pushlightuserdata(L, argv);
    if (call_with_traceback(L, 2, 1))
        d = returned_table(L, status);
    else
        *status = LSB_EXIT_FAILURE;
    lua_close(L); /* destroys every sandbox that the recipe has left */
    return d;
}

int lsb_verb_recipe(int argc, char **argv)
{
    int status;
    LsbDescription *d = lsb_recipe_load(argc, argv, &status);
    return d ? lsb_run_attached(d, &(LsbRunning){.times = FALSE}) : status;
}
