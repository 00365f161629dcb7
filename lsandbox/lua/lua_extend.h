/* Recipes that are made of others: lsandbox.extend(). */
#ifndef LSANDBOX_LUA_LUA_EXTEND_H
#define LSANDBOX_LUA_LUA_EXTEND_H

#include <lauxlib.h>

/* extend of the module. */
extern const luaL_Reg lsbl_extend_functions[];

#endif
