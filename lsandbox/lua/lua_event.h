/*
 * Events of a sandbox. The binding notes an event when it happens; the loop later runs each
 * function that listens to it as a task.
 */
#ifndef LSANDBOX_LUA_LUA_EVENT_H
#define LSANDBOX_LUA_LUA_EVENT_H

#include <glib.h>
#include <lua.h>

#include "lua/lua_sandbox.h"
#include "lua/scheduler.h"
#include "sandbox/sandbox.h"

/* sb:on(event, fn), a method of the sandbox. */
int lsbl_sandbox_on(lua_State *L);

/* Raise where the value at INDEX is no table of event functions, a recipe's `on`. */
void lsbl_check_events(lua_State *L, int index);

/* Have the sandbox object at SANDBOX call the functions of the checked table at INDEX. */
void lsbl_set_events(lua_State *L, int sandbox, int index);

/* The listener of a sandbox whose SandboxObject is DATA: notes the event. Calls nothing of Lua. */
void lsbl_on_event(gpointer data, const LsbSandboxEvent *event);

/* Forget the noted events of OBJECT, which is being closed or collected. */
void lsbl_forget_events(SandboxObject *object);

/* Make tasks of the noted events, one for each function that listens. */
void lsbl_run_events(State *s);

/* Forget all noted events. */
void lsbl_drop_events(State *s);

#endif
