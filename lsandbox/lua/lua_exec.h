/* Running programs in a sandbox: exec, spawn, run. */
#ifndef LSANDBOX_LUA_LUA_EXEC_H
#define LSANDBOX_LUA_LUA_EXEC_H

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>

#include "lua/lua_box.h"
#include "sandbox/sandbox.h"

/* Methods of a sandbox that are not in lua_sandbox.c. */
extern const luaL_Reg lsbl_exec_methods[];

/*
 * Start box->spec in SB with its output captured, into box->program; FALSE with box->error. When it
 * has settled, push the result table, or what lsbl_fail() pushes; returns the number of results.
 */
gboolean lsbl_spawn_captured(LsbSandbox *sb, Box *box);
int lsbl_push_captured(lua_State *L, LsbSandbox *sb, Box *box);

#endif
