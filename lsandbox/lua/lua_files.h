/*
 * The file methods of a sandbox. Each makes an operation of the core, which a userdata owns, and
 * waits for its end.
 */
#ifndef LSANDBOX_LUA_LUA_FILES_H
#define LSANDBOX_LUA_LUA_FILES_H

#include <lauxlib.h>
#include <lua.h>

/* Push, pull and the other methods of a sandbox that have to do with files. */
extern const luaL_Reg lsbl_file_methods[];
void lsbl_open_files(lua_State *L);

#endif
