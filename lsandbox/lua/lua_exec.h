/* Running programs in a sandbox: exec, spawn, run. */
#ifndef LSANDBOX_LUA_LUA_EXEC_H
#define LSANDBOX_LUA_LUA_EXEC_H

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>

#include "lua/lua_box.h"
#include "sandbox/sandbox.h"

/* exec, spawn and run of a sandbox. */
extern const luaL_Reg lsbl_exec_methods[];

/* Start box->spec in SB with its output captured, into box->program; FALSE with box->error. */
gboolean lsbl_spawn_captured(LsbSandbox *sb, Box *box);

/*
 * Once box->program has settled: push the table of what it wrote and how it ended, or why it was
 * lost, as lsbl_push_error() does. Returns the number of results.
 */
int lsbl_push_captured(lua_State *L, Box *box);

#endif
