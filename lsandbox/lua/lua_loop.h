/* The loop: the GLib source that resumes tasks, waiting, and sleep(), step() and fds(). */
#ifndef LSANDBOX_LUA_LUA_LOOP_H
#define LSANDBOX_LUA_LUA_LOOP_H

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>

#include "base/wait.h"
#include "lua/scheduler.h"

/*
 * Wait until CONDITION(DATA) holds or TIMEOUT seconds (negative: no limit) have passed, then return
 * K(L, status, CTX), as lua_callk does. In a task the coroutine yields meanwhile and K runs as its
 * continuation; elsewhere the call blocks and turns the main context.
 *
 * Therefore only userdata on the Lua stack may own C objects. The stack is kept as it is, and DATA
 * must stay valid as long as the stack does. Objects may be closed meanwhile: CONDITION must bear
 * that, and K must check everything again, also whether CONDITION holds.
 */
int lsbl_wait(lua_State *L, LsbCondition condition, gpointer data, double timeout, lua_KFunction k,
              lua_KContext ctx);
/* Make the metatable of waits; called by luaopen_lsandbox(). */
void lsbl_open_loop(lua_State *L);

/* sleep, step and fds of the module. */
extern const luaL_Reg lsbl_loop_functions[];

/* A new source of the default main context that resumes the tasks of S; the caller's reference. */
GSource *lsbl_loop_source(State *s);

/* Take a waiting task out of the queue and run it until it waits again or is over. */
void lsbl_resume(Task *task);

/* Put TASK among the tasks that wait. */
void lsbl_enqueue(Task *task);
/* Take TASK out of the tasks that wait; it counts as running then. */
void lsbl_dequeue(Task *task);

/*
 * Whether the coroutine of TASK is suspended. It is not, even in the loop's turn, when a script has
 * got hold of the coroutine and has resumed it; to resume or close it then would crash Lua.
 */
gboolean lsbl_is_suspended(const Task *task);

#endif
