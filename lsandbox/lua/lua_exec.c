/* Running programs in a sandbox: exec, spawn, run. */
#include "lua/lua_exec.h"

#include <lauxlib.h>
#include <lua.h>
#include <unistd.h>

#include "base/error.h"
#include "lua/lua_box.h"
#include "lua/lua_program.h"
#include "lua/lua_push.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_value.h"
#include "lua/lua_wait.h"
#include "sandbox/sandbox.h"
#include "session/program.h"
#include "session/programinput.h"
#include "session/programoutput.h"
#include "session/session.h"
#include "session/spec.h"
#include "session/terminal.h"
#include "shared/wire.h"

static gboolean read_spec(lua_State *L, LsbSandbox *sb, const LsbStdio defaults[3], Box *box)
{
    lsbl_to_value(L, 2, &(LsblReading){.what = "recipe", .fields = lsb_program_fields}, box);
    box->spec = lsb_program_spec_new(lsb_session_profile(lsb_sandbox_session(sb)), box->value,
                                     defaults, &box->error);
    return box->spec != NULL;
}

static gboolean spawn_in(LsbSandbox *sb, Box *box, gboolean capture)
{
    LsbOutputTarget targets[2];
    lsb_program_targets(box->spec, capture, targets);
    box->program =
        lsb_session_spawn(lsb_sandbox_session(sb), box->spec,
                          lsb_program_spec_fd(box->spec, STDIN_FILENO), targets, &box->error);
    return box->program != NULL;
}

/* Stack of every function here: the sandbox, the program's table, the box. */
enum { BOX = 3 };

static Box *begin_program_call(lua_State *L, Box *(*new_box)(lua_State *))
{
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    return new_box(L);
}

/* --- exec --- */

static gboolean refuse_pipes(const LsbProgramSpec *spec, GError **error)
{
    const char *pipe = lsb_program_spec_pipe(spec);
    return !pipe ||
           lsb_fail(error, INVALID,
                    "%s: exec takes \"inherit\", \"null\" or a file; a pipe needs spawn or run",
                    pipe);
}

static int push_exec(lua_State *L, Box *box)
{
    g_clear_pointer(&box->terminal, lsb_terminal_detach);
    return lsbl_push_end(L, box->program);
}

/* sb:exec{ program, arguments ... } -> true|nil, "exit"|"signal", number, as os.execute */
static int sandbox_exec(lua_State *L)
{
    static const LsbStdio inherited[3] = {LSB_STDIO_INHERIT, LSB_STDIO_INHERIT, LSB_STDIO_INHERIT};
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = begin_program_call(L, lsbl_closing_box);
    if (!read_spec(L, sb, inherited, box) || !refuse_pipes(box->spec, &box->error))
        return lsbl_fail(L, box);
    lsb_terminal_fit(box->spec);
    if (!spawn_in(sb, box, FALSE))
        return lsbl_fail(L, box);
    if (box->spec->tty && box->spec->stdio[0] == LSB_STDIO_INHERIT)
        box->terminal = lsb_terminal_attach(box->program);
    return lsbl_wait_with_box(L, lsb_program_settled, box->program, -1, push_exec, BOX);
}

/* --- spawn --- */

/*
 * sb:spawn{ program, arguments ..., stdin =, stdout =, stderr = } -> program | nil, message, code
 */
static int sandbox_spawn(lua_State *L)
{
    static const LsbStdio usual[3] = {LSB_STDIO_NULL, LSB_STDIO_INHERIT, LSB_STDIO_INHERIT};
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = begin_program_call(L, lsbl_box);
    if (!read_spec(L, sb, usual, box) || !spawn_in(sb, box, FALSE))
        return lsbl_fail(L, box);
    lsbl_push_program(L, box);
    return 1;
}

/* --- run --- */

gboolean lsbl_spawn_captured(LsbSandbox *sb, Box *box)
{
    gboolean has_input = lsb_program_spec_fd(box->spec, STDIN_FILENO) >= 0 || box->spec->input;
    if (!spawn_in(sb, box, TRUE))
        return FALSE;
    if (!has_input)
        lsb_program_close_input(box->program);
    return TRUE;
}

static void set_stream(lua_State *L, LsbProgram *p, enum wire_stream stream, const char *name,
                       const char *truncated)
{
    gsize len;
    const char *data = (const char *)lsb_program_peek(p, stream, &len);
    lua_pushlstring(L, len ? data : "", len);
    lua_setfield(L, -2, name);
    if (lsb_program_truncated(p, stream))
        lsbl_set_boolean(L, truncated, TRUE);
}

static void set_program_end(lua_State *L, LsbProgram *p)
{
    int value;
    const char *message;
    LsbEnd end = lsb_program_end(p, &value, &message);
    lsbl_set_integer(L, end == LSB_END_SIGNALED ? "signal" : "status", value);
    lsbl_set_boolean(L, "ok", end == LSB_END_EXITED && value == 0);
    lsbl_set_string(L, "error", message);
    lsbl_set_string(L, "limit", lsb_program_limit(p));
}

int lsbl_push_captured(lua_State *L, Box *box)
{
    if (lsb_program_reason(box->program) || lsb_program_write_error(box->program))
        return lsbl_push_end(L, box->program);
    lua_createtable(L, 0, 6);
    set_stream(L, box->program, WIRE_STDOUT, "stdout", "stdout_truncated");
    set_stream(L, box->program, WIRE_STDERR, "stderr", "stderr_truncated");
    set_program_end(L, box->program);
    return 1;
}

/*
 * sb:run{ program, arguments ... } -> { stdout, stderr, status | signal ... } | nil, message, code
 */
static int sandbox_run(lua_State *L)
{
    static const LsbStdio captured[3] = {LSB_STDIO_NULL, LSB_STDIO_PIPE, LSB_STDIO_PIPE};
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = begin_program_call(L, lsbl_closing_box);
    if (!read_spec(L, sb, captured, box) || !lsbl_spawn_captured(sb, box))
        return lsbl_fail(L, box);
    return lsbl_wait_with_box(L, lsb_program_settled, box->program, -1, lsbl_push_captured, BOX);
}

const luaL_Reg lsbl_exec_methods[] = {
    {"exec", sandbox_exec}, {"spawn", sandbox_spawn},
    {"run", sandbox_run},   {"capture", sandbox_run},
    {NULL, NULL},
};
