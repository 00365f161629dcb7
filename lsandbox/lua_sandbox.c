#include <unistd.h>

#include "binding.h"
#include "error.h"
#include "wait.h"

enum {
    DEFAULT_STOP_TIMEOUT = 10
}; /* seconds; programs are killed, so only unmounting takes time */

typedef struct {
    LsbSandbox *sb; /* NULL: closed */
} SandboxObject;

static SandboxObject *object_at_1(lua_State *L)
{
    return luaL_checkudata(L, 1, LSBL_SANDBOX);
}

LsbSandbox *lsbl_check_sandbox(lua_State *L, int index)
{
    SandboxObject *object = luaL_checkudata(L, index, LSBL_SANDBOX);
    if (!object->sb)
        luaL_error(L, "this sandbox is closed");
    return object->sb;
}

static LsbSandbox *check_open(lua_State *L)
{
    return lsbl_check_sandbox(L, 1);
}

void lsbl_push_sandbox(lua_State *L, Box *box)
{
    SandboxObject *object = lua_newuserdatauv(L, sizeof *object, 0);
    object->sb = NULL;
    luaL_setmetatable(L, LSBL_SANDBOX);
    object->sb = g_steal_pointer(&box->sandbox);
}

/* sb:start() -> sb | nil, message, code */
static int sandbox_start(lua_State *L)
{
    LsbSandbox *sb = check_open(L);
    Box *box = lsbl_box(L);
    if (!lsb_sandbox_start(sb, &box->error))
        return lsbl_fail(L, box);
    lua_settop(L, 1);
    return 1;
}

/* The number in field NAME of the table at 2, which may be absent. */
static double option_seconds(lua_State *L, const char *name, double usual)
{
    if (lua_isnoneornil(L, 2))
        return usual;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_getfield(L, 2, name);
    if (!lua_isnil(L, -1) && (!lua_isnumber(L, -1) || !(lua_tonumber(L, -1) >= 0)))
        luaL_error(L, "%s: expected a number of seconds, got %s", name, luaL_typename(L, -1));
    double seconds = lua_isnil(L, -1) ? usual : lua_tonumber(L, -1);
    lua_pop(L, 1);
    return seconds;
}

/* sb:stop{ timeout = seconds } -> true | nil, message, code. Asks the guest; destroys it when that
 * fails. */
static int sandbox_stop(lua_State *L)
{
    LsbSandbox *sb = check_open(L);
    double timeout = option_seconds(L, "timeout", DEFAULT_STOP_TIMEOUT);
    Box *box = lsbl_box(L);
    if (!lsb_sandbox_stop(sb, timeout, &box->error))
        return lsbl_fail(L, box);
    lua_pushboolean(L, TRUE);
    return 1;
}

/* sb:destroy() -> true. Harmless on one that has ended. */
static int sandbox_destroy(lua_State *L)
{
    lsb_sandbox_destroy(check_open(L));
    lua_pushboolean(L, TRUE);
    return 1;
}

/* sb:close(): destroy and let go; harmless twice. Also __close and __gc. */
static int sandbox_close(lua_State *L)
{
    SandboxObject *object = object_at_1(L);
    LsbSandbox *sb = g_steal_pointer(&object->sb);
    if (sb) {
        lsb_sandbox_destroy(sb);
        lsb_sandbox_unref(sb);
    }
    return 0;
}

static int sandbox_state(lua_State *L)
{
    SandboxObject *object = object_at_1(L);
    lua_pushstring(L, object->sb ? lsb_sandbox_state_name(object->sb) : "closed");
    return 1;
}

static int sandbox_name(lua_State *L)
{
    lua_pushstring(L, lsb_sandbox_description(check_open(L))->name);
    return 1;
}

static int sandbox_uri(lua_State *L)
{
    lua_pushstring(L, lsb_sandbox_description(check_open(L))->uri);
    return 1;
}

/* sb:xml() -> string | nil, message, code */
static int sandbox_xml(lua_State *L)
{
    LsbSandbox *sb = check_open(L);
    Box *box = lsbl_box(L);
    box->text = lsb_sandbox_xml(sb, &box->error);
    if (!box->text)
        return lsbl_fail(L, box);
    lua_pushstring(L, box->text);
    return 1;
}

/* sb:log() -> string: the end of the boot console, cleaned of what is not printable */
static int sandbox_log(lua_State *L)
{
    LsbSandbox *sb = check_open(L);
    Box *box = lsbl_box(L);
    box->text = lsb_sandbox_log(sb);
    lua_pushstring(L, box->text);
    return 1;
}

static void set_number(lua_State *L, const char *key, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

/* sb:info() -> { kernel, accel, times = { domain, hello, ready } }; times in milliseconds */
static int sandbox_info(lua_State *L)
{
    LsbSandbox *sb = check_open(L);
    const LsbTimes *times = lsb_sandbox_times(sb);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, lsb_sandbox_kernel(sb));
    lua_setfield(L, -2, "kernel");
    lua_pushstring(L, lsb_sandbox_accel(sb));
    lua_setfield(L, -2, "accel");
    lua_createtable(L, 0, 3);
    set_number(L, "domain", times->domain);
    set_number(L, "hello", times->hello);
    set_number(L, "ready", times->ready);
    lua_setfield(L, -2, "times");
    return 1;
}

/* --- programs ----------------------------------------------------------------------------------
 */

static gboolean read_spec(lua_State *L, LsbSandbox *sb, const LsbStdio defaults[3], Box *box)
{
    luaL_checktype(L, 2, LUA_TTABLE);
    lsbl_to_value(L, 2, box);
    box->spec =
        lsb_program_spec_new(lsb_sandbox_description(sb), box->value, defaults, &box->error);
    return box->spec != NULL;
}

static LsbOutputTarget target_of(const LsbProgramSpec *spec, int stream)
{
    static const LsbOutputMode modes[] = {[LSB_STDIO_PIPE] = LSB_OUTPUT_PIPE,
                                          [LSB_STDIO_NULL] = LSB_OUTPUT_NULL,
                                          [LSB_STDIO_INHERIT] = LSB_OUTPUT_FD};
    return (LsbOutputTarget){.fd = stream, .mode = modes[spec->stdio[stream]]};
}

static gboolean spawn(LsbSandbox *sb, Box *box)
{
    const LsbProgramSpec *spec = box->spec;
    LsbOutputTarget targets[2] = {target_of(spec, STDOUT_FILENO), target_of(spec, STDERR_FILENO)};
    int stdin_fd = spec->stdio[0] == LSB_STDIO_INHERIT ? STDIN_FILENO : -1;
    box->program = lsb_sandbox_spawn(sb, spec, stdin_fd, targets, &box->error);
    return box->program != NULL;
}

static gboolean refuse_pipes(const LsbProgramSpec *spec, GError **error)
{
    static const char *const names[] = {"stdin", "stdout", "stderr"};
    for (int i = 0; i < 3; i++)
        if (spec->stdio[i] == LSB_STDIO_PIPE && !(i == 0 && spec->input))
            return lsb_fail(error, INVALID,
                            "%s: exec takes \"inherit\" or \"null\"; a pipe needs spawn or run",
                            names[i]);
    return TRUE;
}

/* sb:exec{ program, arguments ... } -> true|nil, "exit"|"signal", number, as os.execute */
static int sandbox_exec(lua_State *L)
{
    static const LsbStdio inherited[3] = {LSB_STDIO_INHERIT, LSB_STDIO_INHERIT, LSB_STDIO_INHERIT};
    LsbSandbox *sb = check_open(L);
    Box *box = lsbl_box(L);
    if (!read_spec(L, sb, inherited, box) || !refuse_pipes(box->spec, &box->error) ||
        !spawn(sb, box))
        return lsbl_fail(L, box);
    lsb_wait_until(lsb_program_settled, box->program,
                   -1); /* ends with the program or the sandbox */
    return lsbl_push_end(L, box->program);
}

/* sb:spawn{ program, arguments ..., stdin =, stdout =, stderr = } -> program | nil, message, code
 */
static int sandbox_spawn(lua_State *L)
{
    static const LsbStdio usual[3] = {LSB_STDIO_NULL, LSB_STDIO_INHERIT, LSB_STDIO_INHERIT};
    LsbSandbox *sb = check_open(L);
    Box *box = lsbl_box(L);
    if (!read_spec(L, sb, usual, box) || !spawn(sb, box))
        return lsbl_fail(L, box);
    lsbl_push_program(L, box);
    return 1;
}

/* sb:run{ program, arguments ... } -> { stdout, stderr, status | signal } | nil, message, code */
static int sandbox_run(lua_State *L)
{
    static const LsbStdio captured[3] = {LSB_STDIO_NULL, LSB_STDIO_PIPE, LSB_STDIO_PIPE};
    LsbSandbox *sb = check_open(L);
    Box *box = lsbl_box(L);
    if (!read_spec(L, sb, captured, box))
        return lsbl_fail(L, box);
    return lsbl_run_captured(L, sb, box);
}

static int sandbox_tostring(lua_State *L)
{
    SandboxObject *object = object_at_1(L);
    if (!object->sb)
        lua_pushliteral(L, "lsandbox.sandbox (closed)");
    else
        lua_pushfstring(L, "lsandbox.sandbox (%s, %s)", lsb_sandbox_description(object->sb)->name,
                        lsb_sandbox_state_name(object->sb));
    return 1;
}

static const luaL_Reg methods[] = {
    {"start", sandbox_start},     {"stop", sandbox_stop},
    {"destroy", sandbox_destroy}, {"close", sandbox_close},
    {"state", sandbox_state},     {"name", sandbox_name},
    {"uri", sandbox_uri},         {"xml", sandbox_xml},
    {"log", sandbox_log},         {"info", sandbox_info},
    {"exec", sandbox_exec},       {"spawn", sandbox_spawn},
    {"run", sandbox_run},         {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", sandbox_close},
    {"__close", sandbox_close},
    {"__tostring", sandbox_tostring},
    {NULL, NULL},
};

void lsbl_open_sandbox(lua_State *L)
{
    if (luaL_newmetatable(L, LSBL_SANDBOX)) {
        luaL_setfuncs(L, metamethods, 0);
        luaL_newlib(L, methods);
        luaL_setfuncs(L, lsbl_file_methods, 0);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}
