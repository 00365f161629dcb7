/* Saved machines: sb:save(), lsandbox.restore() and sb:fork(). */
#include "lua/lua_snapshot.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/error.h"
#include "base/job.h"
#include "domain/template/savedmachine.h"
#include "lua/lua_box.h"
#include "lua/lua_module.h"
#include "lua/lua_options.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_wait.h"
#include "recipe/value/value.h"
#include "sandbox/ending.h"
#include "sandbox/sandbox.h"
#include "sandbox/saving.h"
#include "sandbox/start.h"
#include "sandbox/states.h"

enum { MOST_FORKS = 64 };

/* --- save --- */

static gboolean saved_or_closed(gpointer data)
{
    SandboxObject *object = data;
    return !object->sb || lsb_sandbox_save_over(object->sb);
}

/* Take the result of a save into box->saved; FALSE with box->error. */
static gboolean take_saved(SandboxObject *object, Box *box)
{
    if (!object->sb)
        return lsb_fail(&box->error, STOPPED, "the sandbox was closed while it was saved");
    box->saved = lsb_sandbox_save_result(object->sb, &box->error);
    return box->saved != NULL;
}

static int after_save(lua_State *L, Box *box)
{
    if (!take_saved(lua_touserdata(L, 1), box))
        return lsbl_fail(L, box);
    lsbl_box_clear(box);
    lua_pushboolean(L, TRUE);
    return 1;
}

/* sb:save(path) -> true | nil, message, code. The machine runs on when it returns. */
static int sandbox_save(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    const char *path = lsbl_check_host_path(L, 2);
    lua_settop(L, 2);
    Box *box = lsbl_box(L);
    if (!lsb_sandbox_save_begin(sb, path, &box->error))
        return lsbl_fail(L, box);
    return lsbl_wait_with_box(L, saved_or_closed, lua_touserdata(L, 1), -1, after_save, -1);
}

/* --- machines that go on --- */

/* Stack of the functions below: the path or the sandbox, the number or nil, the changes, the box,
 * the changes' event functions, the new sandbox or the list of them. */
enum { SUBJECT = 1, NUMBER, CHANGES, BOX, EVENTS, RESULT };

/*
 * Push the box, with the changes as data in box->value, and their event functions or nil. Raises
 * for a field that cannot change, before anything is opened or saved.
 */
static Box *read_changes(lua_State *L)
{
    Box *box = lsbl_closing_box(L);
    if (lua_isnil(L, CHANGES)) {
        lua_pushnil(L);
        return box;
    }
    lsbl_take_recipe(L, CHANGES, NULL, box);
    if (!lsb_saved_machine_check_changes(box->value, &box->error))
        lsbl_fail(L, box);
    return box;
}

/* Push one more sandbox that goes on from box->saved, and begin to start it. */
static gboolean start_saved(lua_State *L, Box *box)
{
    box->description = lsb_saved_machine_description(box->saved, box->value, &box->error);
    if (!box->description)
        return FALSE;
    box->sandbox = lsb_sandbox_new(g_steal_pointer(&box->description));
    lsb_sandbox_set_origin(box->sandbox, box->saved);
    lsbl_push_sandbox(L, box, lua_isnil(L, EVENTS) ? 0 : EVENTS);
    SandboxObject *object = lua_touserdata(L, -1);
    g_ptr_array_add(box->sandboxes, lsb_sandbox_ref(object->sb));
    return lsb_sandbox_start_begin(object->sb, &box->error);
}

static void abandon_sandbox(gpointer sb)
{
    lsb_sandbox_abandon(sb);
}

static void unref_sandbox(gpointer sb)
{
    lsb_sandbox_unref(sb);
}

static gboolean all_started(gpointer data)
{
    const Box *box = data;
    for (guint i = 0; i < box->sandboxes->len; i++)
        if (!lsb_sandbox_start_over(box->sandboxes->pdata[i]))
            return FALSE;
    return TRUE;
}

static gboolean all_ended(gpointer data)
{
    const Box *box = data;
    for (guint i = 0; i < box->sandboxes->len; i++)
        if (!lsb_sandbox_ended(box->sandboxes->pdata[i]))
            return FALSE;
    return TRUE;
}

/* A start has failed with box->error: end all of them, then return the error. */
static int end_all(lua_State *L, Box *box)
{
    for (guint i = 0; i < box->sandboxes->len; i++)
        lsb_sandbox_destroy_begin(box->sandboxes->pdata[i]);
    return lsbl_wait_with_box(L, all_ended, box, -1, lsbl_fail, BOX);
}

/* From here on the sandboxes are their objects'. */
static int push_started(lua_State *L, Box *box)
{
    for (guint i = 0; i < box->sandboxes->len; i++)
        if (!lsb_sandbox_start_result(box->sandboxes->pdata[i], &box->error))
            return end_all(L, box);
    g_ptr_array_set_free_func(box->sandboxes, unref_sandbox);
    lua_settop(L, RESULT);
    return 1;
}

/* --- restore --- */

static gpointer open_saved_machine(gpointer path, GError **error)
{
    return lsb_saved_machine_open(path, error);
}

static void unref_saved_machine(gpointer saved_machine)
{
    lsb_saved_machine_unref(saved_machine);
}

static int start_opened(lua_State *L, Box *box)
{
    box->saved = g_steal_pointer(&box->result);
    box->sandboxes = g_ptr_array_new_with_free_func(abandon_sandbox);
    if (!start_saved(L, box))
        return lsbl_fail(L, box);
    return lsbl_wait_with_box(L, all_started, box, -1, push_started, BOX);
}

/* lsandbox.restore(path [, changes]) -> sandbox | nil, message, code */
static int module_restore(lua_State *L)
{
    const char *path = lsbl_check_host_path(L, 1);
    lua_settop(L, 2);
    lua_pushnil(L);
    lua_insert(L, NUMBER);
    Box *box = read_changes(L);
    box->job = lsb_job_new(open_saved_machine, g_strdup(path), g_free, unref_saved_machine);
    return lsbl_wait_for_job(L, BOX, unref_saved_machine, start_opened);
}

/* --- fork --- */

static int start_forks(lua_State *L, Box *box)
{
    lua_Integer n = lua_tointeger(L, NUMBER);
    if (!take_saved(lua_touserdata(L, SUBJECT), box))
        return lsbl_fail(L, box);
    box->sandboxes = g_ptr_array_new_with_free_func(abandon_sandbox);
    lua_createtable(L, (int)n, 0);
    for (lua_Integer i = 1; i <= n; i++) {
        if (!start_saved(L, box))
            return end_all(L, box);
        lua_rawseti(L, RESULT, i);
    }
    return lsbl_wait_with_box(L, all_started, box, -1, push_started, BOX);
}

/* sb:fork(n [, changes]) -> list of sandboxes | nil, message, code */
static int sandbox_fork(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, SUBJECT);
    lua_Integer n = luaL_checkinteger(L, NUMBER);
    luaL_argcheck(L, n >= 1 && n <= MOST_FORKS, NUMBER, "expected a number from 1 to 64");
    lua_settop(L, CHANGES);
    Box *box = read_changes(L);
    if (n > 1 && box->value && lsb_value_get(box->value, "name"))
        return luaL_error(L, "name: expected nothing where more than one is made, got a name");
    if (!lsb_sandbox_save_begin(sb, NULL, &box->error))
        return lsbl_fail(L, box);
    return lsbl_wait_with_box(L, saved_or_closed, lua_touserdata(L, SUBJECT), -1, start_forks,
                              BOX);
}

const luaL_Reg lsbl_snapshot_functions[] = {
    {"restore", module_restore},
    {NULL, NULL},
};

const luaL_Reg lsbl_snapshot_methods[] = {
    {"save", sandbox_save},
    {"fork", sandbox_fork},
    {NULL, NULL},
};
