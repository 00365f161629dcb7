/* The loop: the GLib source that resumes tasks, and every way to wait. */
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
 * continuation; elsewhere the call blocks and turns the main context. So: nothing of C may be owned
 * but by userdata on the Lua stack, the stack is kept as it is, DATA must stay valid for as long as
 * that stack does, and K must look again at everything: it learns whether the condition was met by
 * asking it, and objects may have been closed meanwhile (conditions must bear that, too).
 */
int lsbl_wait(lua_State *L, LsbCondition condition, gpointer data, double timeout, lua_KFunction k,
              lua_KContext ctx);
void lsbl_open_state(lua_State *L);
extern const luaL_Reg lsbl_loop_functions[];

/* Of L and all its coroutines; NULL before luaopen_lsandbox(). Lives as long as the Lua state. */
State *lsbl_state(lua_State *L);

/* The task whose coroutine L is, or NULL. */
Task *lsbl_current_task(lua_State *L);

/* Push one of the state's user values. */
void lsbl_push_state_value(lua_State *L, int index);

/* Push a new table whose values are weak. */
void lsbl_push_weak_table(lua_State *L);

/* Take a waiting task out of the queue and run it until it waits again, or is over. */
void lsbl_resume(Task *task);

/* Put it among those that wait, and take it out; it then counts as running. */
void lsbl_enqueue(Task *task);
void lsbl_dequeue(Task *task);

/*
 * FALSE: its coroutine runs, though it is the loop's turn. Somebody who has got hold of it has
 * resumed it where it had yielded by itself. To resume or close it now would be the end of Lua.
 */
gboolean lsbl_is_suspended(const Task *task);

#endif
