/* What happened when in a sandbox's start: sb:timeline(). */
#ifndef LSANDBOX_LUA_LUA_TIMELINE_H
#define LSANDBOX_LUA_LUA_TIMELINE_H

#include <lauxlib.h>

/* timeline of a sandbox. */
extern const luaL_Reg lsbl_timeline_methods[];

#endif
