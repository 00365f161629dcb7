/* A program's standard streams, with the methods of Lua's files. */
#ifndef LSANDBOX_LUA_LUA_STREAM_H
#define LSANDBOX_LUA_LUA_STREAM_H

#include <lua.h>

#include "session/program.h"
#include "shared/wire.h"

void lsbl_open_stream(lua_State *L);
void lsbl_push_stream(lua_State *L, LsbProgram *program,
                      enum wire_stream stream); /* own reference */

#endif
