/* The sandbox object: its life, its pauses, its limits and its name. */
#ifndef LSANDBOX_LUA_LUA_SANDBOX_H
#define LSANDBOX_LUA_LUA_SANDBOX_H

#include <glib.h>
#include <lua.h>

#include "lua/lua_box.h"
#include "lua/scheduler.h"
#include "sandbox/sandbox.h"

/* Name of the metatable. */
#define LSBL_SANDBOX "lsandbox.sandbox"

/* The userdata. User value 1: its event functions by event, or nil. */
typedef struct {
    LsbSandbox *sb;      /* NULL: closed */
    pid_t owner;         /* the process that made it */
    struct State *state; /* of the loop that brings its events */
    gboolean listens;    /* there are event functions */
    GList link;          /* in the state's sandboxes, while it holds one */
} SandboxObject;

/* Make the metatable; called by luaopen_lsandbox(). */
void lsbl_open_sandbox(lua_State *L);

/* Push a new object, which takes the box's sandbox. The table of a recipe's event functions, or
 * nil, is at ON of the stack (0: none). */
void lsbl_push_sandbox(lua_State *L, Box *box, int on);

/*
 * Close the object and return its sandbox. The caller owns the reference, and no listener hears of
 * the sandbox any more. NULL when the object was closed before.
 */
LsbSandbox *lsbl_release_sandbox(SandboxObject *object);

/*
 * The sandbox at INDEX, borrowed from its object. Raises for something else, and for a closed one.
 */
LsbSandbox *lsbl_check_sandbox(lua_State *L, int index);

#endif
