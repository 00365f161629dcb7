/* Pushing what functions return: fields of a table of results, and failures. */
#include "lua/lua_push.h"

#include <lua.h>

#include "base/error.h"

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

static void push_details(lua_State *L, GHashTable *details)
{
    GHashTableIter iter;
    gpointer name, value;
    lua_newtable(L);
    g_hash_table_iter_init(&iter, details);
    while (g_hash_table_iter_next(&iter, &name, &value))
        lsbl_set_string(L, name, value);
}

int lsbl_push_error(lua_State *L, const GError *error)
{
    GHashTable *details = lsb_error_details(error);
    int pushed = lsbl_push_failure(L, error->message, lsb_error_name(error));
    if (!details)
        return pushed;
    push_details(L, details);
    return pushed + 1;
}
