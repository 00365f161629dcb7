#include <math.h>
#include <signal.h>
#include <string.h>

#include "binding.h"
#include "error.h"
#include "wait.h"

typedef struct {
    LsbProgram *program; /* NULL: closed */
} ProgramObject;

/* User values of a program: its streams, made when first asked for. */
enum { STREAMS = 3 };

static const char *const stream_names[STREAMS] = {"stdin", "stdout", "stderr"};

static ProgramObject *object_at_1(lua_State *L)
{
    return luaL_checkudata(L, 1, LSBL_PROGRAM);
}

static LsbProgram *check_open(lua_State *L)
{
    ProgramObject *object = object_at_1(L);
    if (!object->program)
        luaL_error(L, "this program is closed");
    return object->program;
}

void lsbl_push_program(lua_State *L, Box *box)
{
    ProgramObject *object = lua_newuserdatauv(L, sizeof *object, STREAMS);
    object->program = NULL;
    luaL_setmetatable(L, LSBL_PROGRAM);
    object->program = g_steal_pointer(&box->program);
}

/* --- how it ended ------------------------------------------------------------------------------
 */

static int push_lost(lua_State *L, const char *message)
{
    lua_pushnil(L);
    lua_pushstring(L, message ? message : "the sandbox ended");
    lua_pushliteral(L, "stopped");
    return 3;
}

int lsbl_push_end(lua_State *L, const LsbProgram *program)
{
    int value;
    const char *message;
    LsbEnd end = lsb_program_end(program, &value, &message);
    if (end == LSB_END_LOST || end == LSB_END_NONE)
        return push_lost(L, message);
    if (end == LSB_END_EXITED && value == 0)
        lua_pushboolean(L, TRUE);
    else
        lua_pushnil(L);
    lua_pushstring(L, end == LSB_END_SIGNALED ? "signal" : "exit");
    lua_pushinteger(L, value);
    if (lsb_program_timed_out(program))
        message = "timeout";
    if (!message)
        return 3;
    lua_pushstring(L, message);
    return 4;
}

static void set_stream(lua_State *L, LsbProgram *p, enum wire_stream stream)
{
    gsize len;
    const char *data = (const char *)lsb_program_peek(p, stream, &len);
    lua_pushlstring(L, len ? data : "", len);
    lua_setfield(L, -2, stream_names[stream]);
}

static void set_end(lua_State *L, LsbProgram *p)
{
    int value;
    const char *message;
    LsbEnd end = lsb_program_end(p, &value, &message);
    lua_pushinteger(L, value);
    lua_setfield(L, -2, end == LSB_END_SIGNALED ? "signal" : "status");
    lua_pushboolean(L, end == LSB_END_EXITED && value == 0);
    lua_setfield(L, -2, "ok");
    lua_pushstring(L, message);
    lua_setfield(L, -2, "error");
}

static void set_limits(lua_State *L, LsbProgram *p)
{
    if (lsb_program_timed_out(p)) {
        lua_pushliteral(L, "timeout");
        lua_setfield(L, -2, "limit");
    } else if (lsb_program_truncated(p, WIRE_STDOUT) || lsb_program_truncated(p, WIRE_STDERR)) {
        lua_pushliteral(L, "max_output");
        lua_setfield(L, -2, "limit");
    }
}

int lsbl_run_captured(lua_State *L, LsbSandbox *sb, Box *box)
{
    LsbOutputTarget targets[2];
    lsb_program_targets(box->spec, TRUE, targets);
    int stdin_fd = lsb_program_spec_fd(box->spec, 0);
    box->program = lsb_sandbox_spawn(sb, box->spec, stdin_fd, targets, &box->error);
    if (!box->program)
        return lsbl_fail(L, box);
    if (stdin_fd < 0 && !box->spec->input)
        lsb_program_close_input(box->program);
    lsb_wait_until(lsb_program_settled, box->program, -1);
    int value;
    const char *message;
    if (lsb_program_end(box->program, &value, &message) == LSB_END_LOST) {
        const GError *reason = lsb_sandbox_reason(sb);
        if (!reason)
            return push_lost(L, message);
        box->error = g_error_copy(reason);
        return lsbl_fail(L, box);
    }
    lua_createtable(L, 0, 6);
    set_stream(L, box->program, WIRE_STDOUT);
    set_stream(L, box->program, WIRE_STDERR);
    set_end(L, box->program);
    set_limits(L, box->program);
    return 1;
}

/* --- methods -----------------------------------------------------------------------------------
 */

/* p:wait{ timeout = seconds } -> as sb:exec; nil, message, "timeout" when it still runs */
static int program_wait(lua_State *L)
{
    LsbProgram *p = check_open(L);
    double timeout = -1;
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        lua_getfield(L, 2, "timeout");
        timeout = luaL_optnumber(L, -1, -1);
    }
    if (lsb_wait_until(lsb_program_settled, p, timeout))
        return lsbl_push_end(L, p);
    lua_pushnil(L);
    lua_pushliteral(L, "the program still runs");
    lua_pushliteral(L, "timeout");
    return 3;
}

static int signal_number(lua_State *L, int index)
{
    static const struct {
        const char *name;
        int number;
    } names[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT},  {"KILL", SIGKILL},
                 {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"ALRM", SIGALRM},  {"TERM", SIGTERM},
                 {"CONT", SIGCONT}, {"STOP", SIGSTOP}, {"TSTP", SIGTSTP},  {"PIPE", SIGPIPE},
                 {"ABRT", SIGABRT}, {"SEGV", SIGSEGV}, {"WINCH", SIGWINCH}};
    if (lua_isnoneornil(L, index))
        return SIGTERM;
    if (lua_isinteger(L, index)) {
        lua_Integer n = lua_tointeger(L, index);
        luaL_argcheck(L, n >= 1 && n <= SIGRTMAX, index, "not a signal number");
        return (int)n;
    }
    const char *name = luaL_checkstring(L, index);
    const char *bare = strncmp(name, "SIG", 3) == 0 ? name + 3 : name;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(names[i].name, bare) == 0)
            return names[i].number;
    return luaL_argerror(L, index, lua_pushfstring(L, "unknown signal \"%s\"", name));
}

/* p:kill([signal]) -> true. The whole process group; SIGTERM by default. Harmless when it has
 * ended. */
static int program_kill(lua_State *L)
{
    LsbProgram *p = check_open(L);
    lsb_program_kill(p, signal_number(L, 2));
    lua_pushboolean(L, TRUE);
    return 1;
}

static gboolean has_started(gpointer data)
{
    int value;
    const char *message;
    return lsb_program_pid(data) != 0 || lsb_program_end(data, &value, &message) != LSB_END_NONE;
}

static guint check_cells(lua_State *L, int index)
{
    lua_Integer n = luaL_checkinteger(L, index);
    luaL_argcheck(L, n >= 1 && n <= WIRE_MOST_CELLS, index, "expected a number from 1 to 65535");
    return (guint)n;
}

/* p:resize(rows, cols) -> true. Its terminal; a program without one raises. */
static int program_resize(lua_State *L)
{
    LsbProgram *p = check_open(L);
    guint rows = check_cells(L, 2), cols = check_cells(L, 3);
    if (!lsb_program_resize(p, rows, cols))
        return luaL_error(L, "this program has no terminal: it needs tty = true");
    lua_pushboolean(L, TRUE);
    return 1;
}

/* p:pid() -> its process id inside the sandbox, or nil when it could not be started */
static int program_pid(lua_State *L)
{
    LsbProgram *p = check_open(L);
    lsb_wait_until(has_started, p, -1);
    if (lsb_program_pid(p))
        lua_pushinteger(L, lsb_program_pid(p));
    else
        lua_pushnil(L);
    return 1;
}

/* Collected, not closed: the program goes on, and its streams may still be in use. */
static int program_gc(lua_State *L)
{
    ProgramObject *object = object_at_1(L);
    g_clear_pointer(&object->program, lsb_program_unref);
    return 0;
}

/* p:close(): kill it if it runs, and let go; harmless twice. Also __close. */
static int program_close(lua_State *L)
{
    ProgramObject *object = object_at_1(L);
    LsbProgram *p = g_steal_pointer(&object->program);
    if (!p)
        return 0;
    lsb_program_kill(p, SIGKILL);
    lsb_program_close_output(p, WIRE_STDOUT);
    lsb_program_close_output(p, WIRE_STDERR);
    lsb_program_unref(p);
    return 0;
}

static int push_stream(lua_State *L, LsbProgram *p, int stream)
{
    if (lua_getiuservalue(L, 1, stream + 1) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    lsbl_push_stream(L, p, (enum wire_stream)stream);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, stream + 1);
    return 1;
}

/* p.stdin, p.stdout, p.stderr; everything else is a method (the metatable's second upvalue) */
static int program_index(lua_State *L)
{
    ProgramObject *object = object_at_1(L);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    for (int i = 0; i < STREAMS; i++)
        if (strcmp(key, stream_names[i]) == 0)
            return object->program ? push_stream(L, object->program, i)
                                   : luaL_error(L, "this program is closed");
    lua_settop(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    return 1;
}

static int program_tostring(lua_State *L)
{
    ProgramObject *object = object_at_1(L);
    if (!object->program)
        lua_pushliteral(L, "lsandbox.program (closed)");
    else
        lua_pushfstring(L, "lsandbox.program (%d)", (int)lsb_program_id(object->program));
    return 1;
}

static const luaL_Reg methods[] = {
    {"wait", program_wait},   {"kill", program_kill},     {"pid", program_pid},
    {"close", program_close}, {"resize", program_resize}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", program_gc},
    {"__close", program_close},
    {"__tostring", program_tostring},
    {NULL, NULL},
};

void lsbl_open_program(lua_State *L)
{
    if (luaL_newmetatable(L, LSBL_PROGRAM)) {
        luaL_setfuncs(L, metamethods, 0);
        luaL_newlib(L, methods);
        lua_pushcclosure(L, program_index, 1);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}
