/* The program object: its end, signals, number and terminal; its streams are lua_stream.c's. */
#include "lua/lua_program.h"

#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <string.h>

#include "base/ownprocess.h"
#include "lua/lua_box.h"
#include "lua/lua_loop.h"
#include "lua/lua_options.h"
#include "lua/lua_owner.h"
#include "lua/lua_push.h"
#include "lua/lua_stream.h"
#include "session/program.h"
#include "session/programoutput.h"
#include "shared/wire.h"

#define PROGRAM "lsandbox.program"

/* User values: the streams, made when first asked for. */
typedef struct {
    LsbProgram *program; /* NULL: closed */
    pid_t owner;         /* the process that made it */
} ProgramObject;

static ProgramObject *program_at_1(lua_State *L)
{
    return luaL_checkudata(L, 1, PROGRAM);
}

static LsbProgram *check_open_program(lua_State *L)
{
    ProgramObject *object = program_at_1(L);
    if (!object->program)
        luaL_error(L, "this program is closed");
    lsbl_check_owner(L, object->owner, "this program");
    return object->program;
}

void lsbl_push_program(lua_State *L, Box *box)
{
    ProgramObject *object = lua_newuserdatauv(L, sizeof *object, LSBL_STREAMS);
    *object = (ProgramObject){.owner = lsb_process_owner()};
    luaL_setmetatable(L, PROGRAM);
    object->program = g_steal_pointer(&box->program);
}

/* --- how it ended --- */

int lsbl_push_end(lua_State *L, const LsbProgram *program)
{
    int value;
    const char *message;
    LsbEnd end = lsb_program_end(program, &value, &message);
    if (end == LSB_END_LOST)
        return lsbl_push_error(L, lsb_program_reason(program));
    if (lsb_program_write_error(program))
        return lsbl_push_error(L, lsb_program_write_error(program));
    if (end == LSB_END_EXITED && value == 0)
        lua_pushboolean(L, TRUE);
    else
        lua_pushnil(L);
    lua_pushstring(L, end == LSB_END_SIGNALED ? "signal" : "exit");
    lua_pushinteger(L, value);
    const char *limit = lsb_program_limit(program);
    if (limit && (!message || lsb_program_timed_out(program)))
        message = limit;
    if (!message)
        return 3;
    lua_pushstring(L, message);
    return 4;
}

static gboolean settled_or_closed(gpointer data)
{
    ProgramObject *object = data;
    return !object->program || lsb_program_settled(object->program);
}

static int after_program_wait(lua_State *L, int status, lua_KContext ctx)
{
    LsbProgram *p = check_open_program(L);
    (void)status;
    (void)ctx;
    if (lsb_program_settled(p))
        return lsbl_push_end(L, p);
    return lsbl_push_failure(L, "the program still runs", "timeout");
}

/* p:wait{ timeout = seconds } -> as sb:exec; nil, message, "timeout" when the program still runs */
static int program_wait(lua_State *L)
{
    check_open_program(L);
    double timeout = lsbl_check_timeout(L, 2, "wait", -1);
    return lsbl_wait(L, settled_or_closed, program_at_1(L), timeout, after_program_wait, 0);
}

/* --- signals --- */

/* NAME is like "TERM" or "SIGTERM"; 0 for an unknown name. */
static int signal_of_name(const char *name)
{
    const char *bare = strncmp(name, "SIG", 3) == 0 ? name + 3 : name;
    for (int i = 1; i < NSIG; i++) {
        const char *known = sigabbrev_np(i);
        if (known && strcmp(known, bare) == 0)
            return i;
    }
    return 0;
}

static int check_signal(lua_State *L, int index)
{
    if (lua_isnoneornil(L, index))
        return SIGTERM;
    if (lua_type(L, index) == LUA_TNUMBER) {
        lua_Integer n = luaL_checkinteger(L, index);
        luaL_argcheck(L, n >= 1 && n < NSIG, index, "expected a signal number from 1 to 64");
        return (int)n;
    }
    int number = signal_of_name(luaL_checkstring(L, index));
    if (!number)
        luaL_argerror(L, index,
                      lua_pushfstring(L, "unknown signal \"%s\"", lua_tostring(L, index)));
    return number;
}

/* p:kill([signal]) -> true. Signals the program's whole process group, with SIGTERM by default.
 * Harmless when it has ended. */
static int program_kill(lua_State *L)
{
    LsbProgram *p = check_open_program(L);
    lsb_program_kill(p, check_signal(L, 2));
    lua_pushboolean(L, TRUE);
    return 1;
}

/* --- its number --- */

static gboolean pid_known_or_closed(gpointer data)
{
    ProgramObject *object = data;
    int value;
    const char *message;
    return !object->program || lsb_program_pid(object->program) != 0 ||
           lsb_program_end(object->program, &value, &message) != LSB_END_NONE;
}

static int push_pid(lua_State *L, int status, lua_KContext ctx)
{
    LsbProgram *p = check_open_program(L);
    (void)status;
    (void)ctx;
    if (lsb_program_pid(p))
        lua_pushinteger(L, lsb_program_pid(p));
    else
        lua_pushnil(L);
    return 1;
}

/* p:pid() -> the process id inside the sandbox, or nil when the program could not be started */
static int program_pid(lua_State *L)
{
    check_open_program(L);
    return lsbl_wait(L, pid_known_or_closed, program_at_1(L), -1, push_pid, 0);
}

/* --- its terminal --- */

static guint check_cells(lua_State *L, int index)
{
    lua_Integer n = luaL_checkinteger(L, index);
    luaL_argcheck(L, n >= 1 && n <= WIRE_MOST_CELLS, index, "expected a number from 1 to 65535");
    return (guint)n;
}

/* p:resize(rows, cols) -> true. Gives the program's terminal another size; raises without one. */
static int program_resize_terminal(lua_State *L)
{
    LsbProgram *p = check_open_program(L);
    guint rows = check_cells(L, 2), cols = check_cells(L, 3);
    if (!lsb_program_resize(p, rows, cols))
        return luaL_error(L, "this program has no terminal: it needs tty = true");
    lua_pushboolean(L, TRUE);
    return 1;
}

/* --- the object --- */

/* An object that is collected without having been closed leaves the program running, because its
 * streams may still be in use. */
static int program_gc(lua_State *L)
{
    ProgramObject *object = program_at_1(L);
    LsbProgram *p = g_steal_pointer(&object->program);
    if (lsb_process_is(object->owner))
        lsb_program_unref(p);
    return 0;
}

/* p:close(): kill the program if it runs, and let go of it. Harmless twice. Also __close. */
static int program_close(lua_State *L)
{
    ProgramObject *object = program_at_1(L);
    LsbProgram *p = g_steal_pointer(&object->program);
    if (!p || !lsb_process_is(object->owner))
        return 0;
    lsb_program_kill(p, SIGKILL);
    lsb_program_abandon(p);
    return 0;
}

/* Push the program's stream, or nil where it is no pipe to this process. */
static int push_stream_of(lua_State *L, LsbProgram *p, int stream)
{
    if (!lsb_program_is_piped(p, (enum wire_stream)stream)) {
        lua_pushnil(L);
        return 1;
    }
    if (lua_getiuservalue(L, 1, stream + 1) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    lsbl_push_stream(L, p, (enum wire_stream)stream);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, stream + 1);
    return 1;
}

/* p.stdin, p.stdout, p.stderr; everything else is a method (the metatable's first upvalue) */
static int program_index(lua_State *L)
{
    program_at_1(L);
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    for (int i = 0; i < LSBL_STREAMS; i++)
        if (strcmp(key, lsbl_stream_names[i]) == 0)
            return push_stream_of(L, check_open_program(L), i);
    lua_settop(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
    return 1;
}

static int program_tostring(lua_State *L)
{
    ProgramObject *object = program_at_1(L);
    if (!object->program)
        lua_pushliteral(L, "lsandbox.program (closed)");
    else
        lua_pushfstring(L, "lsandbox.program (%d)", (int)lsb_program_id(object->program));
    return 1;
}

static const luaL_Reg methods[] = {
    {"wait", program_wait},   {"kill", program_kill},     {"pid", program_pid},
    {"close", program_close}, {"resize", program_resize_terminal}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", program_gc},
    {"__close", program_close},
    {"__tostring", program_tostring},
    {NULL, NULL},
};

void lsbl_open_program(lua_State *L)
{
    if (luaL_newmetatable(L, PROGRAM)) {
        luaL_setfuncs(L, metamethods, 0);
        luaL_newlib(L, methods);
        lua_pushcclosure(L, program_index, 1);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}
