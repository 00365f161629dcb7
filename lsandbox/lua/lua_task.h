/* The task object: making, awaiting and cancelling tasks, and errors that no task has awaited. */
#ifndef LSANDBOX_LUA_LUA_TASK_H
#define LSANDBOX_LUA_LUA_TASK_H

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>

#include "lua/scheduler.h"

/* Name of the metatable. */
#define LSBL_TASK "lsandbox.task"

/* Make the metatable; called by luaopen_lsandbox(). */
void lsbl_open_task(lua_State *L);

/* task of the module. */
extern const luaL_Reg lsbl_task_functions[];

/*
 * Push a new task for the function and its N arguments on top of the stack, which it takes. HELD:
 * it does not start before lsbl_enqueue(). Raises when the Lua state is being closed.
 */
Task *lsbl_new_task(lua_State *L, int n, gboolean held);

/*
 * To be called by the loop when the coroutine of TASK has ended, with its results or its error on
 * top of its stack. STATUS is lua_resume()'s.
 */
void lsbl_task_over(Task *task, int status);

/* Cancel TASK, whose to-be-closed variables are closed. FALSE when it is over, or runs now. */
gboolean lsbl_cancel_task(lua_State *L, Task *task);

/*
 * Give TASK up: it never goes on, because the Lua state is being closed and what TASK waits for may
 * be finalised already, or because this is a forked child and what TASK waits for happens in
 * another process.
 */
void lsbl_abandon(lua_State *L, Task *task);

/*
 * Push what TASK, which is done, has returned; returns the number of values. TASK keeps them, too,
 * because other tasks may await it.
 */
int lsbl_push_task_results(lua_State *L, Task *task);

/* Push nil, message, "cancelled"; returns 3. */
int lsbl_push_cancelled(lua_State *L);

/* Raise what TASK, which has failed and whose object is at INDEX, raised. */
int lsbl_raise_task_error(lua_State *L, int index, Task *task);

#endif
