/* TODO: say what lua_box is about. */
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

/*
 * Things a function owns while it runs; every field may be NULL, and is freed with the box: a
 * sandbox that is left in it is destroyed, a program killed.
 */
typedef struct {
    GError *error;
    LsbValue *value;
    LsbDescription *description;
    LsbProgramSpec *spec;
    LsbSandbox *sandbox;
    LsbProgram *program;
    LsbJob *job;
    LsbPool *pool;
    LsbAsk *ask;
    LsbTerminal *terminal; /* ours, while a program has it */
    GArray *spans;
    char *text, **strings;
    LsbSavedMachine *saved;
    GPtrArray *sandboxes; /* of LsbSandbox, references that destroy */
} Box;

/* Push a new, empty box. */
Box *lsbl_box(lua_State *L);

/*
 * The same for a function that waits: the box is a to-be-closed value, so that an error or the
 * task's cancelling frees at once what it holds.
 */
Box *lsbl_closing_box(lua_State *L);

/* Free what the box holds now rather than later. */
void lsbl_box_clear(Box *box);

/*
 * The one way errors leave the binding, from box->error: misuse (LSB_ERROR_INVALID) raises its
 * message with the caller's position; everything else is returned as nil, message, code, and a
 * table of details where there are any. Returns the number of results.
 */
int lsbl_fail(lua_State *L, Box *box);

/*
 * Push an error that is no misuse as nil, message, code [, details]; returns the number of results.
 */
int lsbl_push_error(lua_State *L, const GError *error);

/* Each registers its metatable; called by luaopen_lsandbox. */
void lsbl_open_box(lua_State *L);

#endif
