/* The file methods of a sandbox: push(), pull(), read(), write() and the like. */
#ifndef LSANDBOX_LUA_LUA_FILES_H
#define LSANDBOX_LUA_LUA_FILES_H

#include <lauxlib.h>
#include <lua.h>

extern const luaL_Reg lsbl_file_methods[];

/* Make the metatable of operations; called by luaopen_lsandbox(). */
void lsbl_open_files(lua_State *L);

#endif
