/* Commands to the monitor of a machine's QEMU: sb:qemu_monitor(). */
#ifndef LSANDBOX_LUA_LUA_MONITOR_H
#define LSANDBOX_LUA_LUA_MONITOR_H

#include <lauxlib.h>

/* qemu_monitor of a sandbox. */
extern const luaL_Reg lsbl_monitor_methods[];

#endif
