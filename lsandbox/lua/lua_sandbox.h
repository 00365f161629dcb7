/* A sandbox as Lua sees it: its life, and what it is. */
#ifndef LSANDBOX_LUA_LUA_SANDBOX_H
#define LSANDBOX_LUA_LUA_SANDBOX_H

#include <glib.h>
#include <lua.h>

#include "lua/lua_box.h"
#include "lua/scheduler.h"
#include "sandbox/sandbox.h"

typedef struct {
    LsbSandbox *sb;      /* NULL: closed */
    struct State *state; /* of the loop that brings its events */
    gboolean listens;    /* there are event functions */
    GList link;          /* in the state's sandboxes, while it holds one */
} SandboxObject;

void lsbl_open_sandbox(lua_State *L);

/* Push a new object that owns the box's sandbox. The event functions of a recipe are at ON (0:
 * none). */
void lsbl_push_sandbox(lua_State *L, Box *box, int on);

/* Let go of what the object holds, which is the caller's then, without events; NULL: nothing. */
LsbSandbox *lsbl_release_sandbox(SandboxObject *object);

/* The sandbox at INDEX, borrowed; raises where there is none, or it is closed. */
LsbSandbox *lsbl_check_sandbox(lua_State *L, int index);

/* Those that are left when the Lua state is closed: what finalisers make has none of its own. */
void lsbl_drop_sandboxes(State *s);

#endif
