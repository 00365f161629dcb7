/* Pools of started sandboxes. */
#ifndef LSANDBOX_LUA_LUA_POOL_H
#define LSANDBOX_LUA_LUA_POOL_H

#include <lauxlib.h>
#include <lua.h>

#include "lua/scheduler.h"

void lsbl_open_pool(lua_State *L);
extern const luaL_Reg lsbl_pool_functions[];

void lsbl_drop_pools(State *s);

#endif
