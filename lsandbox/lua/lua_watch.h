/* The watcher object: sb:watch(), and reading what happens to a file or directory. */
#ifndef LSANDBOX_LUA_LUA_WATCH_H
#define LSANDBOX_LUA_LUA_WATCH_H

#include <lua.h>

/* sb:watch(path, options), a method of the sandbox. */
int lsbl_sandbox_watch(lua_State *L);

/* Make the metatable; called by luaopen_lsandbox(). */
void lsbl_open_watcher(lua_State *L);

#endif
