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

#include "recipe/description.h"
#include "recipe/value/fields.h"
#include "base/job.h"
#include "sandbox/pool.h"
#include "session/program.h"
#include "sandbox/sandbox.h"
#include "session/spec.h"
#include "session/terminal.h"
#include "recipe/value/value.h"
#include "base/wait.h"

#define LSBL_SANDBOX    "lsandbox.sandbox"
#define LSBL_PROGRAM    "lsandbox.program"
#define LSBL_STREAM     "lsandbox.stream"
#define LSBL_TASK       "lsandbox.task"
#define LSBL_CONNECTION "lsandbox.connection"
#define LSBL_WATCHER    "lsandbox.watcher"
#define LSBL_POOL       "lsandbox.pool"

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

/* Push an error that is no misuse as nil, message, code [, details]; returns the number of results.
 */
int lsbl_push_error(lua_State *L, const GError *error);

/* Push nil, MESSAGE, CODE, where there is no GError to tell it; returns 3. */
int lsbl_push_failure(lua_State *L, const char *message, const char *code);

/* Set a field of the table on top. A NULL string sets nothing. */
void lsbl_set_string(lua_State *L, const char *key, const char *value);
void lsbl_set_integer(lua_State *L, const char *key, lua_Integer value);
void lsbl_set_number(lua_State *L, const char *key, lua_Number value);
void lsbl_set_boolean(lua_State *L, const char *key, gboolean value);

/* Make the metatable NAME, once. METHODS, where there are any, become its __index. */
void lsbl_open_type(lua_State *L, const char *name, const luaL_Reg *metamethods,
                    const luaL_Reg *methods);

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

/* A field of a table of options: unknown ones raise. Ended by a NULL name. */
typedef struct {
    const char *name;
    int type; /* LUA_TNUMBER ... */
} LsblOption;

/*
 * Check the options at INDEX (nothing, nil, or a table) of the function NAME; push the value of
 * each, or nil, in the order of OPTIONS.
 */
void lsbl_options(lua_State *L, int index, const char *name, const LsblOption *options);

/* Seconds at INDEX, which may be nil: USUAL. Raises where they are negative or no number. */
double lsbl_seconds(lua_State *L, int index, const char *what, double usual);

/* Each registers its metatable; called by luaopen_lsandbox. */
void lsbl_open_box(lua_State *L);
void lsbl_open_state(lua_State *L);
void lsbl_open_task(lua_State *L);
void lsbl_open_sandbox(lua_State *L);
void lsbl_open_program(lua_State *L);
void lsbl_open_stream(lua_State *L);
void lsbl_open_connection(lua_State *L);
void lsbl_open_pool(lua_State *L);

/* Functions of the module that are not in lua_module.c. */
extern const luaL_Reg lsbl_task_functions[], lsbl_loop_functions[], lsbl_connection_functions[],
    lsbl_recipe_functions[], lsbl_pool_functions[], lsbl_snapshot_functions[];

/* Methods of a sandbox that are not in lua_sandbox.c. */
extern const luaL_Reg lsbl_exec_methods[], lsbl_recipe_methods[], lsbl_monitor_methods[],
    lsbl_timeline_methods[], lsbl_snapshot_methods[];

/* Set a field of the table on top: `tainted` from bits of LsbTaint (metadata.h); `labels` from
 * LsbLabels or NULL; `graphics` where there are any. */
void lsbl_set_tainted(lua_State *L, guint taint);
void lsbl_set_labels(lua_State *L, GPtrArray *labels);
void lsbl_set_graphics(lua_State *L, const LsbSandbox *sb);

/* --- sandboxes --- */

typedef struct {
    LsbSandbox *sb;      /* NULL: closed */
    struct State *state; /* of the loop that brings its events */
    gboolean listens;    /* there are event functions */
    GList link;          /* in the state's sandboxes, while it holds one */
} SandboxObject;

/* Push a new object that owns the box's sandbox. The event functions of a recipe are at ON (0:
 * none). */
void lsbl_push_sandbox(lua_State *L, Box *box, int on);

/* Let go of what the object holds, which is the caller's then, without events; NULL: nothing. */
LsbSandbox *lsbl_release_sandbox(SandboxObject *object);

/* The sandbox at INDEX, borrowed; raises where there is none, or it is closed. */
LsbSandbox *lsbl_check_sandbox(lua_State *L, int index);

/* Read the recipe at INDEX into box->description; FALSE with box->error. Pushes its event
 * functions, or nil. */
gboolean lsbl_read_recipe(lua_State *L, int index, Box *box);

/* The first step of that: the recipe at INDEX as data into box->value. Pushes its event functions,
 * or nil. */
void lsbl_take_recipe(lua_State *L, int index, Box *box);

/* sb:on(event, fn); and a table of them */
int lsbl_sandbox_on(lua_State *L);
void lsbl_set_events(lua_State *L, int sandbox, int table);
/* Raises where the value at INDEX is no table of event functions. */
void lsbl_check_events(lua_State *L, int index);

/* The listener for a sandbox whose object is DATA. */
void lsbl_on_event(gpointer data, const LsbSandboxEvent *event);

/* The object is being closed or collected: forget events that wait for it. */
void lsbl_forget_events(SandboxObject *object);

/* The string at INDEX, which must hold no NUL: it is to be a path. */
const char *lsbl_check_path(lua_State *L, int index);

/*
 * Read the table of options at INDEX (or nothing) by FIELDS into OPTIONS. FALSE with box->error,
 * which names OPERATION in front. What the fields put into OPTIONS is the caller's in both cases.
 */
gboolean lsbl_read_options(lua_State *L, int index, const char *operation, const LsbField *fields,
                           gpointer options, Box *box);

/* Parser of a field `user`, whose OUT is a char *: a name or a number, as in a recipe. */
gboolean lsbl_field_user(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error);

/* Push, pull and the other methods of a sandbox that have to do with files. */
extern const luaL_Reg lsbl_file_methods[];
int lsbl_sandbox_watch(lua_State *L);
void lsbl_open_files(lua_State *L);
void lsbl_open_watcher(lua_State *L);

/* Methods that start programs need this: a new program object, with what it takes out of the box.
 */
void lsbl_push_program(lua_State *L, Box *box);
void lsbl_push_stream(lua_State *L, LsbProgram *program,
                      enum wire_stream stream); /* own reference */

/* The URI of an open connection object at INDEX; NULL where it is something else. Raises when
 * closed. */
const char *lsbl_connection_uri(lua_State *L, int index);

/* Push how a program ended: true|nil, "exit"|"signal", number [, message]; or nil, message, code.
 */
int lsbl_push_end(lua_State *L, const LsbProgram *program);

/*
 * Start box->spec in SB with its output captured, into box->program; FALSE with box->error. When it
 * has settled, push the result table, or what lsbl_fail() pushes; returns the number of results.
 */
gboolean lsbl_spawn_captured(LsbSandbox *sb, Box *box);
int lsbl_push_captured(lua_State *L, LsbSandbox *sb, Box *box);

#endif
