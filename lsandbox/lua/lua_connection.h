/* Connections that a script holds, and finding sandboxes on them. */
#ifndef LSANDBOX_LUA_LUA_CONNECTION_H
#define LSANDBOX_LUA_LUA_CONNECTION_H

#include <lauxlib.h>
#include <lua.h>

void lsbl_open_connection(lua_State *L);
extern const luaL_Reg lsbl_connection_functions[];

/* The URI of an open connection object at INDEX; NULL where it is something else. Raises when
 * closed. */
const char *lsbl_connection_uri(lua_State *L, int index);

#endif
