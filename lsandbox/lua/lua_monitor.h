/* What reaches past us into QEMU, and what tells of it. */
#ifndef LSANDBOX_LUA_LUA_MONITOR_H
#define LSANDBOX_LUA_LUA_MONITOR_H

#include <lauxlib.h>

extern const luaL_Reg lsbl_monitor_methods[];

#endif
