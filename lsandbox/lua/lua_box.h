/*
 * Boxes: userdata that own C objects while a function runs. lua_error() is a longjmp and skips
 * g_autoptr, so no C variable may own an object across a Lua call that can raise. A function puts
 * what it owns for a while into a box, which Lua frees.
 */
#ifndef LSANDBOX_LUA_LUA_BOX_H
#define LSANDBOX_LUA_LUA_BOX_H

#include <glib.h>
#include <lua.h>

#include "base/job.h"
#include "domain/template/savedmachine.h"
#include "recipe/description.h"
#include "recipe/value/value.h"
#include "sandbox/pool.h"
#include "sandbox/sandbox.h"
#include "session/program.h"
#include "session/spec.h"
#include "session/terminal.h"

typedef struct Box Box;

/* A continuation after a wait. BOX is on the stack. Returns the number of results. */
typedef int (*LsblThen)(lua_State *L, Box *box);

/*
 * What a function owns while it runs. Every field may be NULL, and is freed with the box: a sandbox
 * that is left in it is destroyed, a program killed.
 */
struct Box {
    pid_t owner; /* the process that made it; another one frees nothing of what it holds */
    GError *error;
    LsbValue *value;
    LsbDescription *description;
    LsbProgramSpec *spec;
    LsbSandbox *sandbox;
    LsbProgram *program;
    LsbJob *job;
    LsbPool *pool;
    LsbAsk *ask;
    LsbTerminal *terminal; /* the user's, while a program has it */
    GArray *spans;
    char *text, **strings;
    LsbSavedMachine *saved;
    GPtrArray *sandboxes; /* of LsbSandbox, references that destroy */
    gpointer result;      /* of the job */
    GDestroyNotify free_result;
    LsblThen then, then_result; /* lua_wait.c */
};

/* Push a new, empty box. */
Box *lsbl_box(lua_State *L);

/*
 * Push a new box as a to-be-closed value, for a function that waits: an error, or the cancelling of
 * its task, then frees at once what the box holds, and not only when it is collected.
 */
Box *lsbl_closing_box(lua_State *L);

/* Free now what the box holds. */
void lsbl_box_clear(Box *box);

/*
 * The one way for errors to leave the binding, from box->error: misuse (LSB_ERROR_INVALID) raises
 * its message with the caller's position; every other error is returned as lsbl_push_error() pushes
 * it. Returns the number of results.
 */
int lsbl_fail(lua_State *L, Box *box);

/* Make the metatable; called by luaopen_lsandbox(). */
void lsbl_open_box(lua_State *L);

#endif
