/* Pushing what functions return: fields of a table of results, and failures. */
#ifndef LSANDBOX_LUA_LUA_PUSH_H
#define LSANDBOX_LUA_LUA_PUSH_H

#include <glib.h>
#include <lua.h>

/* Push nil, MESSAGE, CODE, for a failure that no GError tells of; returns 3. */
int lsbl_push_failure(lua_State *L, const char *message, const char *code);

/*
 * Push ERROR, which is no misuse, as nil, message, code, and a table of details if it has any;
 * returns their number. A box must own ERROR, because pushing can raise.
 */
int lsbl_push_error(lua_State *L, const GError *error);

/* Set the field KEY of the table on top. A NULL string sets nothing. */
void lsbl_set_string(lua_State *L, const char *key, const char *value);
void lsbl_set_integer(lua_State *L, const char *key, lua_Integer value);
void lsbl_set_number(lua_State *L, const char *key, lua_Number value);
void lsbl_set_boolean(lua_State *L, const char *key, gboolean value);

#endif
