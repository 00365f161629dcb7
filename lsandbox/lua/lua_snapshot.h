/* Saved machines: sb:save(), lsandbox.restore() and sb:fork(). */
#ifndef LSANDBOX_LUA_LUA_SNAPSHOT_H
#define LSANDBOX_LUA_LUA_SNAPSHOT_H

#include <lauxlib.h>

/* restore of the module; save and fork of a sandbox. */
extern const luaL_Reg lsbl_snapshot_functions[];
extern const luaL_Reg lsbl_snapshot_methods[];

#endif
