/*
 * Differences between the releases of Lua 5.4. The module loads in every release, so it looks at
 * run time for functions that early releases lack.
 */
#ifndef LSANDBOX_LUA_LUA_VERSION_H
#define LSANDBOX_LUA_LUA_VERSION_H

#include <lua.h>

/* Close and pop the to-be-closed value on top of the stack. */
void lsbl_pop_closing(lua_State *L);

/*
 * Close the coroutine THREAD, called from L. Returns LUA_OK, or a status with the error on THREAD's
 * stack.
 */
int lsbl_close_thread(lua_State *L, lua_State *thread);

#endif
