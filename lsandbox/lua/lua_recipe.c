/* Recipes as data: sb:recipe(), lsandbox.save(), lsandbox.load(). */
#include "lua/binding.h"
#include "base/error.h"
#include "recipe/recipefile.h"

/* --- values to Lua -----------------------------------------------------------------------------
 */

static void push_value(lua_State *L, const LsbValue *value);

static void push_table(lua_State *L, const LsbValue *value)
{
    GPtrArray *items = value->u.table.items, *pairs = value->u.table.pairs;
    luaL_checkstack(L, 4, "a recipe nested too deeply");
    lua_createtable(L, (int)items->len, (int)pairs->len);
    for (guint i = 0; i < items->len; i++) {
        push_value(L, items->pdata[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        push_value(L, pair->value);
        lua_setfield(L, -2, pair->key);
    }
}

/* VALUE is owned by a box. */
static void push_value(lua_State *L, const LsbValue *value)
{
    gsize len;
    switch (value->kind) {
    case LSB_VALUE_BOOLEAN:
        lua_pushboolean(L, value->u.boolean);
        break;
    case LSB_VALUE_INTEGER:
        lua_pushinteger(L, value->u.integer);
        break;
    case LSB_VALUE_NUMBER:
        lua_pushnumber(L, value->u.number);
        break;
    case LSB_VALUE_STRING: {
        const char *data = g_bytes_get_data(value->u.string, &len);
        lua_pushlstring(L, data, len);
        break;
    }
    case LSB_VALUE_TABLE:
        push_table(L, value);
        break;
    default:
        lua_pushnil(L);
    }
}

/* --- the functions -----------------------------------------------------------------------------
 */

/* sb:recipe() -> table: what the sandbox was made from, without its event functions */
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
    push_value(L, box->value);
    return 1;
}

/* The recipe at 1, a table or a sandbox, into box->value. */
static void take_recipe(lua_State *L, Box *box)
{
    if (lua_istable(L, 1)) {
        lsbl_to_value(L, 1, box);
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

/* The path at INDEX; a number is none: what came there by mistake would become a file. */
static const char *check_file(lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TSTRING);
    return lsbl_check_path(L, index);
}

/* lsandbox.save(recipe | sb, path) -> true | nil, message, code. Raises for what is no data. */
static int module_save(lua_State *L)
{
    const char *path = check_file(L, 2);
    Box *box = lsbl_box(L);
    take_recipe(L, box);
    if (!lsb_saved_write(box->value, path, &box->error))
        return lsbl_fail(L, box);
    lua_pushboolean(L, TRUE);
    return 1;
}

/* lsandbox.load(path) -> table | nil, message, code. Nothing in the file is run. */
static int module_load(lua_State *L)
{
    const char *path = check_file(L, 1);
    Box *box = lsbl_box(L);
    box->value = lsb_saved_read(path, &box->error);
    if (!box->value)
        return lsbl_fail(L, box);
    push_value(L, box->value);
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
