/* Boxes: userdata that own C objects while a function runs. */
#include "lua/lua_box.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "base/error.h"
#include "base/job.h"
#include "base/ownprocess.h"
#include "domain/template/savedmachine.h"
#include "lua/lua_push.h"
#include "lua/lua_type.h"
#include "recipe/description.h"
#include "recipe/value/value.h"
#include "sandbox/pool.h"
#include "sandbox/poolqueue.h"
#include "sandbox/sandbox.h"
#include "session/program.h"
#include "session/spec.h"
#include "session/terminal.h"

#define BOX "lsandbox.box"

void lsbl_box_clear(Box *box)
{
    g_clear_pointer(&box->terminal, lsb_terminal_detach);
    if (box->free_result && box->result)
        box->free_result(box->result);
    box->result = NULL;
    g_clear_error(&box->error);
    g_clear_pointer(&box->value, lsb_value_free);
    g_clear_pointer(&box->description, lsb_description_free);
    g_clear_pointer(&box->spec, lsb_program_spec_free);
    g_clear_pointer(&box->program, lsb_program_abandon);
    g_clear_pointer(&box->sandbox, lsb_sandbox_abandon);
    g_clear_pointer(&box->job, lsb_job_unref);
    g_clear_pointer(&box->spans, g_array_unref);
    g_clear_pointer(&box->ask, lsb_ask_free);
    g_clear_pointer(&box->pool, lsb_pool_unref);
    g_clear_pointer(&box->text, g_free);
    g_clear_pointer(&box->saved, lsb_saved_machine_unref);
    g_clear_pointer(&box->sandboxes, g_ptr_array_unref);
    g_clear_pointer(&box->strings, g_strfreev);
}

static int box_gc(lua_State *L)
{
    Box *box = luaL_checkudata(L, 1, BOX);
    if (lsb_process_is(box->owner)) /* what it holds lives on in the process that forked this one */
        lsbl_box_clear(box);
    return 0;
}

Box *lsbl_box(lua_State *L)
{
    Box *box = lua_newuserdatauv(L, sizeof *box, 0);
    memset(box, 0, sizeof *box);
    box->owner = lsb_process_owner();
    luaL_setmetatable(L, BOX);
    return box;
}

void lsbl_open_box(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", box_gc}, {"__close", box_gc}, {NULL, NULL}};
    lsbl_open_type(L, BOX, metamethods, NULL);
}

Box *lsbl_closing_box(lua_State *L)
{
    Box *box = lsbl_box(L);
    lua_toclose(L, -1);
    return box;
}

int lsbl_fail(lua_State *L, Box *box)
{
    if (g_error_matches(box->error, LSB_ERROR, LSB_ERROR_INVALID)) {
        luaL_where(L, 1);
        lua_pushstring(L, box->error->message);
        lua_concat(L, 2);
        return lua_error(L); /* the box frees the error */
    }
    return lsbl_push_error(L, box->error);
}
