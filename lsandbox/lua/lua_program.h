/* The program object: its end, signals, number and terminal; its streams are lua_stream.c's. */
#ifndef LSANDBOX_LUA_LUA_PROGRAM_H
#define LSANDBOX_LUA_LUA_PROGRAM_H

#include <lua.h>

#include "lua/lua_box.h"
#include "session/program.h"

/* Make the metatable; called by luaopen_lsandbox(). */
void lsbl_open_program(lua_State *L);

/* Push a new object, which takes the box's program. */
void lsbl_push_program(lua_State *L, Box *box);

/* Push how a program ended: true|nil, "exit"|"signal", number [, message]; or nil, message, code.
 * Returns the number of results. */
int lsbl_push_end(lua_State *L, const LsbProgram *program);

#endif
