/*
 * How functions go on after a wait: the continuations that several of them share. Each is given to
 * lsbl_wait() (lua_loop.h), whose rules hold.
 */
#ifndef LSANDBOX_LUA_LUA_WAIT_H
#define LSANDBOX_LUA_LUA_WAIT_H

#include <glib.h>
#include <lua.h>

#include "base/wait.h"
#include "lua/lua_box.h"

/* Continuations of the type lua_KFunction: one returns nothing, the other true. */
int lsbl_then_nothing(lua_State *L, int status, lua_KContext unused);
int lsbl_then_true(lua_State *L, int status, lua_KContext unused);

/*
 * Wait as lsbl_wait() does, then return THEN(L, BOX): for functions whose box, at INDEX of the
 * stack, holds all that they go on with.
 */
int lsbl_wait_with_box(lua_State *L, LsbCondition condition, gpointer data, double timeout,
                       LsblThen then, int index);

/*
 * Wait for box->job, the box being at INDEX. The job's result becomes box->result, which
 * FREE_RESULT (NULL: nothing) frees with the box, and THEN makes the function's results of it. When
 * the job failed return what lsbl_fail() returns.
 */
int lsbl_wait_for_job(lua_State *L, int index, GDestroyNotify free_result, LsblThen then);

#endif
