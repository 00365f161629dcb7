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
#include "recipe/value/value.h"

/* How many results of a recipe count: a table; a status; or nil, a message, a number. */
enum { RESULTS = 3 };

/* In the registry: the message of an error for which no place in a script is to be named. */
static const char plain_error = 0;

/* Raise the message on top, which says all that there is to say. */
static int raise_plain(lua_State *L)
{
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &plain_error);
    return lua_error(L);
}

static int add_traceback(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &plain_error);
    if (lua_rawequal(L, -1, 1))
        return 1;
    const char *message = lua_tostring(L, 1);
    luaL_traceback(L, L, message ? message : luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

/* In the registry: the first of `arg` that the recipe looked for and was not given, or nil. */
static const char missing_argument = 0;

/* __index of `arg` */
static int note_missing(lua_State *L)
{
    if (!lua_isinteger(L, 2) || lua_tointeger(L, 2) < 1)
        return 0;
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &missing_argument) == LUA_TNIL) {
        lua_pushvalue(L, 2);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &missing_argument);
    }
    return 0;
}

/*
 * The global `arg`, as lua(1) has it: [-1] the word before the recipe, [0] the recipe, [1] ... its
 * arguments. It notes which one is missing, because the nil that a recipe gets then makes a field
 * that it sets an absent one.
 */
static void set_arg(lua_State *L, int argc, char **argv)
{
    lua_createtable(L, argc - 1, 2);
    for (int i = -1; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i);
    }
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, note_missing);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
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

/* In protected mode: make the interpreter, load the recipe, run it. Leaves its first RESULTS. */
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
        return raise_plain(L); /* it names the file, and the line where there is one */
    luaL_checkstack(L, argc, "too many arguments");
    for (int i = 1; i < argc; i++)
        lua_pushstring(L, argv[i]);
    lua_call(L, argc - 1, RESULTS);
    return RESULTS;
}

/* --- what it returns --- */

/* The first mount of RECIPE that is a bind without a source, counted from 1; 0: there is none. */
static guint bind_without_source(const LsbValue *recipe)
{
    const LsbValue *mounts = lsb_value_get(recipe, "mounts");
    GPtrArray *items = mounts && mounts->kind == LSB_VALUE_TABLE ? mounts->u.table.items : NULL;
    for (guint i = 0; items && i < items->len; i++) {
        const LsbValue *type = lsb_value_get(items->pdata[i], "type");
        if (type && strcmp(g_bytes_get_data(type->u.string, NULL), "bind") == 0 &&
            !lsb_value_get(items->pdata[i], "source"))
            return i + 1;
    }
    return 0;
}

/* A bind without a source is an empty directory, which nobody wants who has written arg[1]. */
static void check_arguments(lua_State *L, const LsbValue *recipe)
{
    guint mount = bind_without_source(recipe);
    if (mount > 0 && lua_rawgetp(L, LUA_REGISTRYINDEX, &missing_argument) != LUA_TNIL)
        luaL_error(L,
                   "mounts[%d].source: expected absolute path, got nothing: the recipe takes "
                   "arg[%I], and was given too few arguments",
                   (int)mount, lua_tointeger(L, -1));
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
    check_arguments(L, box->description->recipe);
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

/* The description of the table at index TABLE; NULL when it is wrong, which has been printed. */
static LsbDescription *described(lua_State *L, int table, const char *file)
{
    LsbDescription *d = NULL;
    lua_pushcfunction(L, describe_table);
    lua_pushvalue(L, table);
    lua_pushlightuserdata(L, &d);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK)
        lsb_complain("%s: %s", file, lua_tostring(L, -1));
    return d;
}

/* The status of what sb:exec and p:wait return: nil, "exit" or "signal", a number; -1: another. */
static int status_of_end(lua_State *L, int at)
{
    const char *how = lua_type(L, at + 1) == LUA_TSTRING ? lua_tostring(L, at + 1) : "";
    if (!lua_isinteger(L, at + 2))
        return -1;
    int number = (int)lua_tointeger(L, at + 2);
    return strcmp(how, "exit") == 0 ? number : strcmp(how, "signal") == 0 ? 128 + number : -1;
}

/* The status of the RESULTS that begin at AT, of which the first is no table. */
static int returned_status(lua_State *L, int at, const char *file)
{
    int whole, status = status_of_end(L, at), type = lua_type(L, at);
    lua_Integer number = lua_tointegerx(L, at, &whole);
    if (type == LUA_TNUMBER && whole)
        return (int)(number & 0xff);
    if (type == LUA_TNIL && status >= 0)
        return status;
    if (type == LUA_TSTRING || (type == LUA_TNIL && lua_type(L, at + 1) == LUA_TSTRING)) {
        lsb_complain("%s: %s", file, lua_tostring(L, type == LUA_TSTRING ? at : at + 1));
        return LSB_EXIT_FAILURE;
    }
    return 0;
}

/* The description of the recipe that was returned; NULL with *STATUS for every other result. */
static LsbDescription *returned_table(lua_State *L, const char *file, int *status)
{
    int at = lua_gettop(L) - RESULTS + 1;
    if (!lua_istable(L, at)) {
        *status = returned_status(L, at, file);
        return NULL;
    }
    LsbDescription *d = described(L, at, file);
    if (!d)
        *status = LSB_EXIT_FAILURE;
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
    if (call_with_traceback(L, 2, RESULTS))
        d = returned_table(L, argv[0], status);
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
