#include <string.h>

#include "binding.h"
#include "error.h"

#define BOX "lsandbox.box"

/* Deeper tables than any recipe has; also what ends a table that contains itself. */
enum { MAX_DEPTH = 16 };

void lsbl_box_clear(Box *box)
{
    g_clear_error(&box->error);
    g_clear_pointer(&box->value, lsb_value_free);
    g_clear_pointer(&box->description, lsb_description_free);
    g_clear_pointer(&box->spec, lsb_program_spec_free);
    g_clear_pointer(&box->program, lsb_program_unref);
    g_clear_pointer(&box->sandbox, lsb_sandbox_unref);
    g_clear_pointer(&box->text, g_free);
}

static int box_gc(lua_State *L)
{
    lsbl_box_clear(luaL_checkudata(L, 1, BOX));
    return 0;
}

Box *lsbl_box(lua_State *L)
{
    Box *box = lua_newuserdatauv(L, sizeof *box, 0);
    memset(box, 0, sizeof *box);
    luaL_setmetatable(L, BOX);
    return box;
}

void lsbl_open_box(lua_State *L)
{
    if (luaL_newmetatable(L, BOX)) {
        lua_pushcfunction(L, box_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_pop(L, 1);
}

int lsbl_fail(lua_State *L, Box *box)
{
    if (g_error_matches(box->error, LSB_ERROR, LSB_ERROR_INVALID)) {
        luaL_where(L, 1);
        lua_pushstring(L, box->error->message);
        lua_concat(L, 2);
        lsbl_box_clear(box);
        return lua_error(L);
    }
    lua_pushnil(L);
    lua_pushstring(L, box->error->message);
    lua_pushstring(L, lsb_error_name(box->error));
    lsbl_box_clear(box);
    return 3;
}

/* --- values ------------------------------------------------------------------------------------
 */

static LsbValue *scalar(lua_State *L, int index)
{
    size_t len;
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        return lsb_value_boolean(lua_toboolean(L, index));
    case LUA_TNUMBER:
        return lua_isinteger(L, index) ? lsb_value_integer(lua_tointeger(L, index))
                                       : lsb_value_number(lua_tonumber(L, index));
    case LUA_TSTRING: {
        const char *data = lua_tolstring(L, index, &len);
        return lsb_value_string(data, (gssize)len);
    }
    default:
        return lsb_value_other(luaL_typename(L, index));
    }
}

static void fill_table(lua_State *L, int index, LsbValue *table, int depth);

/* An empty table is hung into the tree before it is filled, so the tree owns everything at all
 * times. */
static LsbValue *value_at_top(lua_State *L)
{
    return lua_istable(L, -1) ? lsb_value_table() : scalar(L, -1);
}

static void fill_items(lua_State *L, int index, LsbValue *table, int depth)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, index);
    for (lua_Integer i = 1; i <= n; i++) {
        if (lua_rawgeti(L, index, i) == LUA_TNIL)
            luaL_error(L, "recipe: a list has a hole at [%I]", i);
        LsbValue *value = value_at_top(L);
        lsb_value_append(table, value);
        if (value->kind == LSB_VALUE_TABLE)
            fill_table(L, lua_gettop(L), value, depth + 1);
        lua_pop(L, 1);
    }
}

static void check_key(lua_State *L, lua_Integer items)
{
    if (lua_type(L, -2) == LUA_TSTRING) {
        size_t len;
        const char *key = lua_tolstring(L, -2, &len);
        if (strlen(key) != len)
            luaL_error(L, "recipe: a key holds a NUL byte");
        return;
    }
    if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > items)
        luaL_error(L, "recipe: expected names or a list 1, 2, 3 ... as keys, got a key %s",
                   lua_isinteger(L, -2) ? lua_pushfstring(L, "%I", lua_tointeger(L, -2))
                                        : lua_pushfstring(L, "of type %s", luaL_typename(L, -2)));
}

static void fill_pairs(lua_State *L, int index, LsbValue *table, int depth)
{
    lua_Integer items = (lua_Integer)lua_rawlen(L, index);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        check_key(L, items);
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        LsbValue *value = value_at_top(L);
        lsb_value_set(table, lua_tostring(L, -2), value);
        if (value->kind == LSB_VALUE_TABLE)
            fill_table(L, lua_gettop(L), value, depth + 1);
    }
}

static void fill_table(lua_State *L, int index, LsbValue *table, int depth)
{
    if (depth > MAX_DEPTH)
        luaL_error(L, "recipe: tables nested deeper than %d, or one that contains itself",
                   MAX_DEPTH);
    luaL_checkstack(L, 4, "recipe nested too deeply");
    fill_items(L, index, table, depth);
    fill_pairs(L, index, table, depth);
}

void lsbl_to_value(lua_State *L, int index, Box *box)
{
    index = lua_absindex(L, index);
    lua_pushvalue(L, index);
    box->value = value_at_top(L);
    if (box->value->kind == LSB_VALUE_TABLE)
        fill_table(L, index, box->value, 1);
    lua_pop(L, 1);
}
