/* Recipes as data: sb:recipe(), lsandbox.save(), lsandbox.load(). */
#include "lua/lua_recipe.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/error.h"
#include "lua/lua_box.h"
#include "lua/lua_options.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_value.h"
#include "recipe/description.h"
#include "recipe/recipefile.h"
#include "sandbox/sandbox.h"

/* sb:recipe() -> table | nil, message, code: what the sandbox was made from, without its event
 * functions. */
static int sandbox_recipe(lua_State *L)
{
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    Box *box = lsbl_box(L);
    if (lsb_sandbox_is_attached(sb)) {
        lsb_fail(&box->error, UNSUPPORTED,
                 "the recipe of sandbox %s is with the process that started it",
                 lsb_sandbox_description(sb)->name);
        return lsbl_fail(L, box);
    }
    box->value = lsb_saved_recipe(lsb_sandbox_description(sb));
    lsbl_push_value(L, box->value);
    return 1;
}

/* Take the recipe at 1, a table or a sandbox's, into box->value. */
static void take_recipe_or_sandbox(lua_State *L, Box *box)
{
    if (lua_istable(L, 1)) {
        lsbl_to_value(L, 1, &(LsblReading){.what = "recipe", .fields = lsb_recipe_fields}, box);
        return;
    }
    if (!luaL_testudata(L, 1, LSBL_SANDBOX))
        luaL_typeerror(L, 1, "recipe or sandbox");
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    if (lsb_sandbox_is_attached(sb))
        luaL_argerror(L, 1,
                      "the recipe of an attached sandbox is with the process that started it");
    box->value = lsb_saved_recipe(lsb_sandbox_description(sb));
}

/*
 * lsandbox.save(recipe | sb, path) -> true | nil, message, code. Raises for a recipe that is no
 * data.
 */
static int module_save(lua_State *L)
{
    const char *path = lsbl_check_host_path(L, 2);
    Box *box = lsbl_box(L);
    take_recipe_or_sandbox(L, box);
    if (!lsb_saved_write(box->value, path, &box->error))
        return lsbl_fail(L, box);
    lua_pushboolean(L, TRUE);
    return 1;
}

/* lsandbox.load(path) -> table | nil, message, code. Nothing in the file is run. */
static int module_load(lua_State *L)
{
    const char *path = lsbl_check_host_path(L, 1);
    Box *box = lsbl_box(L);
    box->value = lsb_saved_read(path, &box->error);
    if (!box->value)
        return lsbl_fail(L, box);
    lsbl_push_value(L, box->value);
    return 1;
}

const luaL_Reg lsbl_recipe_functions[] = {
    {"save", module_save},
    {"load", module_load},
    {NULL, NULL},
};

const luaL_Reg lsbl_recipe_methods[] = {
    {"recipe", sandbox_recipe},
    {NULL, NULL},
};
