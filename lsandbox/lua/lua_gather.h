/* lsandbox.gather(): waiting for several tasks. */
#ifndef LSANDBOX_LUA_LUA_GATHER_H
#define LSANDBOX_LUA_LUA_GATHER_H

#include <lauxlib.h>
#include <lua.h>

/* Make the metatable; called by luaopen_lsandbox(). */
void lsbl_open_gather(lua_State *L);

/* gather of the module. */
extern const luaL_Reg lsbl_gather_functions[];

#endif
