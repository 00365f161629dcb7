/*
 * lsandbox for C programs that embed Lua 5.4: preload the module with
 *
 *     luaL_requiref(L, "lsandbox", luaopen_lsandbox, 0);
 *
 * The module waits on GLib's default main context in the calling thread.
 */
#ifndef LSANDBOX_H
#define LSANDBOX_H

#include <lua.h>

#define LSANDBOX_VERSION "0.1.0"
#define LSANDBOX_EXPORT  __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/* Push the module's table. Raises only when memory runs out. */
LSANDBOX_EXPORT int luaopen_lsandbox(lua_State *L);

#ifdef __cplusplus
}
#endif
#endif
