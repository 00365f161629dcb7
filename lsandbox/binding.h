/*
 * The Lua binding's own helpers. Only the lua_*.c files and runtime/ include this or lua.h.
 *
 * Ownership: no C object is owned by a C variable across a Lua call that can raise (lua_error is a
 * longjmp). What a function owns for a while it puts into a Box, a userdata that frees it.
 */
#ifndef LSANDBOX_BINDING_H
#define LSANDBOX_BINDING_H

#include <lauxlib.h>
#include <lua.h>

#include "description.h"
#include "program.h"
#include "sandbox.h"
#include "value.h"
#include "wait.h"

#define LSBL_SANDBOX "lsandbox.sandbox"
#define LSBL_PROGRAM "lsandbox.program"
#define LSBL_STREAM  "lsandbox.stream"

/* Things a function owns while it runs; every field may be NULL, and is freed with the box. */
typedef struct {
    GError *error;
    LsbValue *value;
    LsbDescription *description;
    LsbProgramSpec *spec;
    LsbSandbox *sandbox;
    LsbProgram *program;
    char *text;
} Box;

/* Push a new, empty box. */
Box *lsbl_box(lua_State *L);

/* Free what the box holds now rather than later. */
void lsbl_box_clear(Box *box);

/*
 * The one way errors leave the binding, from box->error: misuse (LSB_ERROR_INVALID) raises its
 * message with the caller's position; everything else is returned as nil, message, code. Returns
 * the number of results.
 */
int lsbl_fail(lua_State *L, Box *box);

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

/* Make box->value from the Lua value at INDEX. Raises where it cannot be a recipe (nesting, odd
 * keys). */
void lsbl_to_value(lua_State *L, int index, Box *box);

/* Each registers its metatable; called by luaopen_lsandbox. */
void lsbl_open_box(lua_State *L);
void lsbl_open_sandbox(lua_State *L);
void lsbl_open_program(lua_State *L);
void lsbl_open_stream(lua_State *L);

/* Push a new userdata that owns what it takes out of the box. */
void lsbl_push_sandbox(lua_State *L, Box *box);
void lsbl_push_program(lua_State *L, Box *box);
void lsbl_push_stream(lua_State *L, LsbProgram *program,
                      enum wire_stream stream); /* own reference */

/* Push how a program ended: true|nil, "exit"|"signal", number [, message]; or nil, message, code.
 */
int lsbl_push_end(lua_State *L, const LsbProgram *program);

/* Run box->spec in SB capturing its output, wait, and push the result table. Results as for Lua. */
int lsbl_run_captured(lua_State *L, LsbSandbox *sb, Box *box);

#endif
