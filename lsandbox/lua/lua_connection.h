/* The connection object, and finding sandboxes on it: connect(), list() and attach(). */
#ifndef LSANDBOX_LUA_LUA_CONNECTION_H
#define LSANDBOX_LUA_LUA_CONNECTION_H

#include <lauxlib.h>
#include <lua.h>

/* Make the metatable; called by luaopen_lsandbox(). */
void lsbl_open_connection(lua_State *L);

/* connect, list and attach of the module. */
extern const luaL_Reg lsbl_connection_functions[];

/* The URI of the connection object at INDEX, borrowed from it; NULL where something else is there.
 * Raises for a closed one. */
const char *lsbl_connection_uri(lua_State *L, int index);

#endif
