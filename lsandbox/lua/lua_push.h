/* What the binding's files have in common when they push results, and when they make types. */
#ifndef LSANDBOX_LUA_LUA_PUSH_H
#define LSANDBOX_LUA_LUA_PUSH_H

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>

/* Push nil, MESSAGE, CODE, where there is no GError to tell it; returns 3. */
int lsbl_push_failure(lua_State *L, const char *message, const char *code);

/* Set a field of the table on top. A NULL string sets nothing. */
void lsbl_set_string(lua_State *L, const char *key, const char *value);
void lsbl_set_integer(lua_State *L, const char *key, lua_Integer value);
void lsbl_set_number(lua_State *L, const char *key, lua_Number value);
void lsbl_set_boolean(lua_State *L, const char *key, gboolean value);

/* Make the metatable NAME, once. METHODS, where there are any, become its __index. */
void lsbl_open_type(lua_State *L, const char *name, const luaL_Reg *metamethods,
                    const luaL_Reg *methods);

#endif
