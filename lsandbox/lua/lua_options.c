/* Tables of options that functions take. */
#include "lua/lua_options.h"

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

static void check_option(lua_State *L, const char *name, const LsblOption *options)
{
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
    const LsblOption *o = options;
    while (key && o->name && strcmp(o->name, key) != 0)
        o++;
    if (!key || !o->name)
        luaL_error(L, "%s: unknown option %s", name, luaL_tolstring(L, -2, NULL));
    if (lua_type(L, -1) != o->type)
        luaL_error(L, "%s.%s: expected a %s, got %s", name, key, lua_typename(L, o->type),
                   luaL_typename(L, -1));
}

void lsbl_options(lua_State *L, int index, const char *name, const LsblOption *options)
{
    gboolean given = !lua_isnoneornil(L, index);
    if (given)
        luaL_checktype(L, index, LUA_TTABLE);
    luaL_checkstack(L, 8, "too many options");
    if (given)
        for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
            check_option(L, name, options);
    for (const LsblOption *o = options; o->name; o++)
        if (given)
            lua_getfield(L, index, o->name);
        else
            lua_pushnil(L);
}

double lsbl_seconds(lua_State *L, int index, const char *what, double usual)
{
    if (lua_isnil(L, index))
        return usual;
    double seconds = lua_tonumber(L, index);
    if (lua_type(L, index) != LUA_TNUMBER || !(seconds >= 0))
        luaL_error(L, "%s: expected a number of seconds from 0, got %s", what,
                   luaL_tolstring(L, index, NULL));
    return seconds;
}
