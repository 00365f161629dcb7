/* The stream object: a standard stream of a program, with the methods of Lua's files. */
#ifndef LSANDBOX_LUA_LUA_STREAM_H
#define LSANDBOX_LUA_LUA_STREAM_H

#include <lua.h>

#include "session/program.h"
#include "shared/wire.h"

/* Names by enum wire_stream. */
enum { LSBL_STREAMS = 3 };
extern const char *const lsbl_stream_names[LSBL_STREAMS];

/* Make the metatable; called by luaopen_lsandbox(). */
void lsbl_open_stream(lua_State *L);

/* Push a new object for STREAM of PROGRAM, to which it takes a reference of its own. */
void lsbl_push_stream(lua_State *L, LsbProgram *program, enum wire_stream stream);

#endif
