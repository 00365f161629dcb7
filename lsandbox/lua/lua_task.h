/* Tasks as Lua sees them. */
#ifndef LSANDBOX_LUA_LUA_TASK_H
#define LSANDBOX_LUA_LUA_TASK_H

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>

#include "lua/scheduler.h"

void lsbl_open_task(lua_State *L);

/* Functions of the module that are not in lua_module.c. */
extern const luaL_Reg lsbl_task_functions[];

/* The Lua state is being closed, and what the task waits for may be finalised: it never goes on. */
void lsbl_abandon(lua_State *L, Task *task);

/* Push a new task for the function and its N arguments on top of the stack, which it takes. */
Task *lsbl_new_task(lua_State *L, int n, gboolean held);

/* The task whose coroutine has come to its end (STATUS as from lua_resume), its results or error on
 * top. */
void lsbl_task_over(Task *task, int status);

#endif
