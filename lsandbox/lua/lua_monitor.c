/* What reaches past us into QEMU, and what tells of it. */
#include <string.h>

#include "lua/binding.h"
#include "sandbox/control.h"
#include "base/error.h"
#include "domain/xml/metadata.h"

/* Long enough for any command that a person or a script writes. */
enum { MOST_COMMAND = 1024 * 1024 };

static const LsblOption monitor_options[] = {
    {"hmp", LUA_TBOOLEAN}, {"timeout", LUA_TNUMBER}, {NULL, 0}};

/* Closed meanwhile or not: the answer is in the job. The box is on top. */
static int answered(lua_State *L, int status, lua_KContext ctx)
{
    Box *box = lua_touserdata(L, -1);
    (void)status;
    (void)ctx;
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
    luaL_argcheck(L, strlen(command) == len, 2, "a command holds no NUL byte");
    luaL_argcheck(L, len <= MOST_COMMAND, 2, "a command has at most 1 MiB");
    luaL_argcheck(L, g_utf8_validate(command, (gssize)len, NULL), 2, "a command is UTF-8");
    luaL_argcheck(L, len > 0, 2, "a command is not empty");
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
    lsbl_options(L, 3, "qemu_monitor", monitor_options);
    gboolean hmp = lua_toboolean(L, -2);
    double timeout = lsbl_seconds(L, -1, "qemu_monitor.timeout", -1);
    const char *command = check_command(L, hmp);
    Box *box = lsbl_box(L);
    box->job = lsb_sandbox_monitor(sb, command, hmp, &box->error);
    if (!box->job)
        return lsbl_fail(L, box);
    return lsbl_wait(L, lsb_job_done, box->job, timeout, answered, 0);
}

/* Set `tainted` of the table on top: a list of what did it; nothing where nothing did. */
void lsbl_set_tainted(lua_State *L, guint taint)
{
    if (!taint)
        return;
    lua_newtable(L);
    for (guint i = 0; lsb_taint_names[i]; i++)
        if (taint & 1u << i) {
            lua_pushstring(L, lsb_taint_names[i]);
            lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
        }
    lua_setfield(L, -2, "tainted");
}

/* Set `labels` of the table on top; LABELS may be NULL. */
void lsbl_set_labels(lua_State *L, GPtrArray *labels)
{
    lua_newtable(L);
    for (guint i = 0; labels && i < labels->len; i++) {
        const LsbLabel *label = labels->pdata[i];
        lsbl_set_string(L, label->key, label->text);
    }
    lua_setfield(L, -2, "labels");
}

/* Set `graphics` of the table on top, where there are any. */
void lsbl_set_graphics(lua_State *L, const LsbSandbox *sb)
{
    const LsbGraphics *g = &lsb_sandbox_description(sb)->graphics;
    if (g->type == LSB_GRAPHICS_NONE || lsb_sandbox_state(sb) != LSB_RUNNING)
        return;
    lua_createtable(L, 0, 3);
    lsbl_set_string(L, "type", lsb_graphics_name(g));
    lsbl_set_string(L, "socket", lsb_sandbox_display(sb));
    lsbl_set_string(L, "listen", g->listen);
    if (g->port)
        lsbl_set_integer(L, "port", g->port);
    lua_setfield(L, -2, "graphics");
}

const luaL_Reg lsbl_monitor_methods[] = {
    {"qemu_monitor", sandbox_qemu_monitor},
    {NULL, NULL},
};
