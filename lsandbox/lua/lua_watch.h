/* TODO: say what lua_watch is about. */
#ifndef LSANDBOX_LUA_LUA_WATCH_H
#define LSANDBOX_LUA_LUA_WATCH_H

#include <lua.h>

int lsbl_sandbox_watch(lua_State *L);
void lsbl_open_watcher(lua_State *L);

#endif
