/* Commands to the monitor of a machine's QEMU: sb:qemu_monitor(). */
#include "lua/lua_monitor.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "base/job.h"
#include "lua/lua_box.h"
#include "lua/lua_options.h"
#include "lua/lua_push.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_wait.h"
#include "recipe/value/fields.h"
#include "sandbox/monitor.h"
#include "sandbox/sandbox.h"
#include "shared/units.h"

/* Long enough for any command that a person or a script writes. */
enum { MOST_COMMAND = MiB };

typedef struct {
    gboolean hmp;
    double timeout; /* seconds; negative: no limit */
} MonitorOptions;

static const LsbField monitor_fields[] = {
    {.name = "hmp", .parse = lsb_field_boolean, .offset = offsetof(MonitorOptions, hmp)},
    {.name = "timeout", .parse = lsbl_field_timeout, .offset = offsetof(MonitorOptions, timeout)},
    {0},
};

/* The answer is in the job, even when the sandbox was closed meanwhile. */
static int push_answer(lua_State *L, Box *box)
{
    if (!lsb_job_done(box->job))
        return lsbl_push_failure(L, "QEMU's monitor did not answer in time", "timeout");
    box->text = lsb_job_take(box->job, &box->error);
    if (!box->text)
        return lsbl_fail(L, box);
    lua_pushstring(L, box->text);
    return 1;
}

static const char *check_command(lua_State *L, gboolean hmp)
{
    size_t len;
    const char *command = luaL_checklstring(L, 2, &len);
    luaL_argcheck(L, strlen(command) == len, 2, "expected a command without NUL bytes");
    luaL_argcheck(L, len <= MOST_COMMAND, 2, "expected a command of at most 1 MiB");
    luaL_argcheck(L, g_utf8_validate(command, (gssize)len, NULL), 2, "expected a command in UTF-8");
    luaL_argcheck(L, len > 0, 2, "expected a command that is not empty");
    const char *first = command + strspn(command, " \t\r\n");
    luaL_argcheck(L, hmp || *first == '{', 2,
                  "expected a QMP command like {\"execute\": \"query-status\"}, or the option "
                  "hmp = true");
    return command;
}

/* sb:qemu_monitor(command, { hmp = boolean, timeout = seconds }) -> reply | nil, message, code */
static int sandbox_qemu_monitor(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    lua_settop(L, 3);
    MonitorOptions options = {.timeout = -1};
    Box *box = lsbl_box(L);
    if (!lsbl_read_options(L, 3, "qemu_monitor", monitor_fields, &options, box))
        return lsbl_fail(L, box);
    const char *command = check_command(L, options.hmp);
    box->job = lsb_sandbox_monitor(sb, command, options.hmp, &box->error);
    if (!box->job)
        return lsbl_fail(L, box);
    return lsbl_wait_with_box(L, lsb_job_done, box->job, options.timeout, push_answer, -1);
}

const luaL_Reg lsbl_monitor_methods[] = {
    {"qemu_monitor", sandbox_qemu_monitor},
    {NULL, NULL},
};
