/*
 * The Lua binding's own helpers. Only the lua_*.c files and runtime/ include this or lua.h.
 *
 * Ownership: no C object is owned by a C variable across a Lua call that can raise (lua_error is a
 * longjmp). What a function owns for a while it puts into a Box, a userdata that frees it.
 */
#ifndef LSANDBOX_LUA_BINDING_H
#define LSANDBOX_LUA_BINDING_H

#include <lauxlib.h>
#include <lua.h>

#define LSBL_SANDBOX    "lsandbox.sandbox"
#define LSBL_PROGRAM    "lsandbox.program"
#define LSBL_STREAM     "lsandbox.stream"
#define LSBL_TASK       "lsandbox.task"
#define LSBL_CONNECTION "lsandbox.connection"
#define LSBL_WATCHER    "lsandbox.watcher"
#define LSBL_POOL       "lsandbox.pool"

#endif
