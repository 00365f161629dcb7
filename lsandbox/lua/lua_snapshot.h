/* Machines that are saved, that go on from there, and that are multiplied. */
#ifndef LSANDBOX_LUA_LUA_SNAPSHOT_H
#define LSANDBOX_LUA_LUA_SNAPSHOT_H

#include <lauxlib.h>

extern const luaL_Reg lsbl_snapshot_functions[];
extern const luaL_Reg lsbl_snapshot_methods[];

#endif
