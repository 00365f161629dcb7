/* When what happened in a sandbox's start. */
#ifndef LSANDBOX_LUA_LUA_TIMELINE_H
#define LSANDBOX_LUA_LUA_TIMELINE_H

#include <lauxlib.h>

extern const luaL_Reg lsbl_timeline_methods[];

#endif
