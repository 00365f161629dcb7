/*
 * What the binding keeps for one Lua state (scheduler.h), from luaopen_lsandbox() to lua_close().
 */
#ifndef LSANDBOX_LUA_LUA_STATE_H
#define LSANDBOX_LUA_LUA_STATE_H

#include <lua.h>

#include "lua/scheduler.h"

/*
 * Make the state, and begin to run its loop. Called before any other type is made, because Lua runs
 * finalisers in the reverse order: the state's then runs last.
 */
void lsbl_open_state(lua_State *L);

/* The state of L and all its coroutines; NULL before lsbl_open_state(). Lives as long as L. */
State *lsbl_state(lua_State *L);

/*
 * In a forked child, before anything of the loop is used: the tasks of the process that forked this
 * one wait no more, because what they wait for happens there, and its events are dropped. The task
 * that runs, which has called fork(2), goes on. Does nothing in the process that made the state.
 */
void lsbl_take_over(State *s);

/* The task whose coroutine L is, or NULL. */
Task *lsbl_current_task(lua_State *L);

/* Push one of the state's user values (scheduler.h). */
void lsbl_push_state_value(lua_State *L, int index);

/*
 * Have DROP called when the Lua state is closed, after the finalisers of all objects. DROP lets go
 * of what those finalisers have made, because Lua will not finalise that. The function registered
 * last is called first; to register one again does nothing.
 */
void lsbl_at_close(State *s, LsblDrop drop);

#endif
