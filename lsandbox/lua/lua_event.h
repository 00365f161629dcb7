/*
 * Events of a sandbox: noted when they happen, given to Lua by the loop, each function as a task.
 */
#ifndef LSANDBOX_LUA_LUA_EVENT_H
#define LSANDBOX_LUA_LUA_EVENT_H

#include <glib.h>
#include <lua.h>

#include "lua/lua_sandbox.h"
#include "lua/scheduler.h"
#include "sandbox/sandbox.h"

/* sb:on(event, fn); and a table of them */
int lsbl_sandbox_on(lua_State *L);
void lsbl_set_events(lua_State *L, int sandbox, int table);

/* Raises where the value at INDEX is no table of event functions. */
void lsbl_check_events(lua_State *L, int index);

/* The listener for a sandbox whose object is DATA. */
void lsbl_on_event(gpointer data, const LsbSandboxEvent *event);

/* The object is being closed or collected: forget events that wait for it. */
void lsbl_forget_events(SandboxObject *object);

/* The pending events become tasks, each function one. */
void lsbl_run_events(State *s);
void lsbl_drop_events(State *s);

#endif
