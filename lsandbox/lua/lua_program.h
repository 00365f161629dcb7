/* A program as Lua sees it. */
#ifndef LSANDBOX_LUA_LUA_PROGRAM_H
#define LSANDBOX_LUA_LUA_PROGRAM_H

#include <lua.h>

#include "lua/lua_box.h"
#include "session/program.h"

void lsbl_open_program(lua_State *L);

/*
 * Methods that start programs need this: a new program object, with what it takes out of the box.
 */
void lsbl_push_program(lua_State *L, Box *box);

/*
 * Push how a program ended: true|nil, "exit"|"signal", number [, message]; or nil, message, code.
 */
int lsbl_push_end(lua_State *L, const LsbProgram *program);

#endif
