/* The pool object: sandboxes that are started before they are wanted. */
#ifndef LSANDBOX_LUA_LUA_POOL_H
#define LSANDBOX_LUA_LUA_POOL_H

#include <lauxlib.h>
#include <lua.h>

/* Make the metatable; called by luaopen_lsandbox(). */
void lsbl_open_pool(lua_State *L);

/* pool of the module. */
extern const luaL_Reg lsbl_pool_functions[];

#endif
