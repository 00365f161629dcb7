/* What the binding's files have in common when they push results, and when they make types. */
#include "lua/lua_push.h"

#include <lauxlib.h>
#include <lua.h>

void lsbl_set_string(lua_State *L, const char *key, const char *value)
{
    lua_pushstring(L, value);
    lua_setfield(L, -2, key);
}

void lsbl_set_integer(lua_State *L, const char *key, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, key);
}

void lsbl_set_number(lua_State *L, const char *key, lua_Number value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

void lsbl_set_boolean(lua_State *L, const char *key, gboolean value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, key);
}

int lsbl_push_failure(lua_State *L, const char *message, const char *code)
{
    lua_pushnil(L);
    lua_pushstring(L, message);
    lua_pushstring(L, code);
    return 3;
}

void lsbl_open_type(lua_State *L, const char *name, const luaL_Reg *metamethods,
                    const luaL_Reg *methods)
{
    if (luaL_newmetatable(L, name)) {
        luaL_setfuncs(L, metamethods, 0);
        if (methods) {
            lua_newtable(L);
            luaL_setfuncs(L, methods, 0);
            lua_setfield(L, -2, "__index");
        }
    }
    lua_pop(L, 1);
}
