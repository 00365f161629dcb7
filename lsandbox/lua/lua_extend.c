/*
 * Recipes that are made of others: lsandbox.extend(). A recipe's tables are copied as Lua values,
 * because they may hold what is no data: event functions, files, connections.
 */
#include "lua/lua_extend.h"

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>

enum {
    MAX_DEPTH = 16,   /* as lua_value.c's: deeper than any recipe goes */
    MOST_BASES = 100, /* ends a table that inherits itself */
};

static void join(lua_State *L, int into, int from, int depth);

static void check_room(lua_State *L, int depth)
{
    if (depth > MAX_DEPTH)
        luaL_error(L, "extend: tables nested deeper than %d, or one that contains itself",
                   MAX_DEPTH);
    luaL_checkstack(L, 12, "tables nested too deeply");
}

/* Replace the value on top by a copy of its own, where it is a table. */
static void copy_top(lua_State *L, int depth)
{
    if (!lua_istable(L, -1))
        return;
    lua_newtable(L);
    join(L, lua_gettop(L), lua_gettop(L) - 1, depth);
    lua_remove(L, -2);
}

/* Take all elements of its list out of the table. */
static void drop_list(lua_State *L, int table)
{
    for (lua_Integer i = (lua_Integer)lua_rawlen(L, table); i > 0; i--) {
        lua_pushnil(L);
        lua_rawseti(L, table, i);
    }
}

/* Put the value on top, for the key below it, into the table INTO. Pops the value. */
static void set_joined(lua_State *L, int into, int depth)
{
    int value = lua_gettop(L);
    lua_pushvalue(L, value - 1);
    if (lua_rawget(L, into) == LUA_TTABLE && lua_istable(L, value)) {
        join(L, value + 1, value, depth + 1);
        lua_settop(L, value - 1);
        return;
    }
    lua_pop(L, 1);
    copy_top(L, depth + 1);
    lua_pushvalue(L, value - 1);
    lua_insert(L, -2);
    lua_rawset(L, into);
}

static void join_own(lua_State *L, int into, int from, int depth)
{
    if (lua_rawlen(L, from) > 0)
        drop_list(L, into);
    for (lua_pushnil(L); lua_next(L, from);) {
        gboolean of_class = lua_type(L, -2) == LUA_TSTRING &&
                            g_str_has_prefix(lua_tostring(L, -2), "__");
        if (of_class)
            lua_pop(L, 1);
        else
            set_joined(L, into, depth);
    }
}

/* Push the bases of the table FROM, the nearest first; returns how many there are. */
static int push_bases(lua_State *L, int from)
{
    int n = 0;
    lua_pushvalue(L, from);
    while (n < MOST_BASES && luaL_getmetafield(L, -1, "__index") != LUA_TNIL) {
        luaL_checkstack(L, 4, "too many tables that inherit each other");
        if (!lua_istable(L, -1))
            luaL_error(L, "extend: expected a table as __index, got %s", luaL_typename(L, -1));
        if (lua_rawequal(L, -1, -2)) {
            lua_pop(L, 1);
            break;
        }
        n++;
    }
    lua_remove(L, -n - 1);
    return n;
}

/*
 * Join the table FROM, with what it inherits, into the table INTO: fields that both have as tables
 * are joined, a list replaces the other list, and every other value the other value.
 */
static void join(lua_State *L, int into, int from, int depth)
{
    check_room(L, depth);
    int n = push_bases(L, from);
    for (; n > 0; n--) {
        join_own(L, into, lua_gettop(L), depth);
        lua_pop(L, 1);
    }
    join_own(L, into, from, depth);
}

/* A program is said by `command` or by the list of a recipe: one replaces the other. */
static void drop_other_command(lua_State *L, int recipe, int changes)
{
    if (lua_getfield(L, changes, "command") != LUA_TNIL)
        drop_list(L, recipe);
    lua_pop(L, 1);
    if (lua_rawlen(L, changes) == 0)
        return;
    lua_pushnil(L);
    lua_setfield(L, recipe, "command");
}

/* lsandbox.extend(base, changes) -> a new table; both arguments stay what they are. */
static int module_extend(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_newtable(L);
    join(L, 3, 1, 1);
    drop_other_command(L, 3, 2);
    join(L, 3, 2, 1);
    return 1;
}

const luaL_Reg lsbl_extend_functions[] = {
    {"extend", module_extend},
    {NULL, NULL},
};
