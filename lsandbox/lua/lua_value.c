/* Lua values as data, both ways: a recipe into an LsbValue, and an LsbValue into a table. */
#include "lua/lua_value.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

#include "lua/lua_box.h"
#include "lua/lua_connection.h"
#include "recipe/value/value.h"

enum {
    /* Deeper than any recipe goes; the bound also ends the reading of a table that contains
     * itself. */
    MAX_DEPTH = 16,
    /* Of bases of bases; the bound also ends the reading of a table that inherits itself. */
    MOST_BASES = 100,
};

/*
 * Flush a file, so that what the script wrote to it comes before what the program writes, and so
 * that a program reads from where the script stopped: fflush(3) moves the descriptor there. What
 * the C library has read ahead from a pipe is lost to the program, because a pipe cannot be moved.
 */
static LsbValue *file_or_other(lua_State *L, int index)
{
    const luaL_Stream *stream = luaL_testudata(L, index, LUA_FILEHANDLE);
    if (!stream)
        return lsb_value_other(luaL_typename(L, index));
    if (!stream->closef) /* how liolib marks a closed file */
        return lsb_value_file(-1);
    fflush(stream->f);
    return lsb_value_file(fileno(stream->f));
}

static LsbValue *scalar_value(lua_State *L, int index)
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
    case LUA_TUSERDATA: {
        const char *uri = lsbl_connection_uri(L, index);
        return uri ? lsb_value_string(uri, -1) : file_or_other(L, index);
    }
    default:
        return file_or_other(L, index);
    }
}

/* The table being filled: where it is on the stack, and how the whole of it is read. */
typedef struct {
    int index, depth;
    const LsblReading *reading;
} Place;

static void fill_table(lua_State *L, Place at, LsbValue *table);

/* A table is put into its tree while it is still empty, so that the box owns all of it even when
 * filling it raises. */
static LsbValue *value_at_top(lua_State *L)
{
    return lua_istable(L, -1) ? lsb_value_table() : scalar_value(L, -1);
}

/* The value on top of the stack is an element of the table AT, and VALUE is what it became. */
static void fill_element(lua_State *L, Place at, LsbValue *value)
{
    if (value->kind == LSB_VALUE_TABLE)
        fill_table(L, (Place){lua_gettop(L), at.depth + 1, at.reading}, value);
}

static void fill_items(lua_State *L, Place at, LsbValue *table)
{
    lua_Integer n = (lua_Integer)lua_rawlen(L, at.index);
    for (lua_Integer i = 1; i <= n; i++) {
        if (lua_rawgeti(L, at.index, i) == LUA_TNIL)
            luaL_error(L, "%s: expected a list without holes, got nil at [%I]", at.reading->what,
                       i);
        LsbValue *value = value_at_top(L);
        lsb_value_append(table, value);
        fill_element(L, at, value);
        lua_pop(L, 1);
    }
}

/* The key below the top of the stack, in a table of ITEMS elements. */
static void check_key(lua_State *L, const char *what, lua_Integer items)
{
    if (lua_type(L, -2) == LUA_TSTRING) {
        size_t len;
        const char *key = lua_tolstring(L, -2, &len);
        if (strlen(key) != len)
            luaL_error(L, "%s: expected keys without NUL bytes, got \"%s\\0...\"", what, key);
        return;
    }
    if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1 || lua_tointeger(L, -2) > items)
        luaL_error(L, "%s: expected names or a list 1, 2, 3 ... as keys, got a key %s", what,
                   lua_isinteger(L, -2) ? lua_pushfstring(L, "%I", lua_tointeger(L, -2))
                                        : lua_pushfstring(L, "of type %s", luaL_typename(L, -2)));
}

static gboolean has_field(const LsbField *fields, const char *name)
{
    for (const LsbField *f = fields; f && f->name; f++)
        if (strcmp(f->name, name) == 0)
            return TRUE;
    return FALSE;
}

/* Only in the table that the caller gave: those inside have other names. */
static gboolean is_left_out(Place at, const char *key)
{
    return at.depth == 1 && ((at.reading->left_out && g_strv_contains(at.reading->left_out, key)) ||
                             has_field(at.reading->also_left_out, key));
}

/* The value of KEY is on top, and stays there. */
static void set_field(lua_State *L, Place at, LsbValue *table, const char *key)
{
    if (is_left_out(at, key))
        return;
    LsbValue *value = value_at_top(L);
    lsb_value_set(table, key, value);
    fill_element(L, at, value);
}

static void fill_pairs(lua_State *L, Place at, LsbValue *table)
{
    lua_Integer items = (lua_Integer)lua_rawlen(L, at.index);
    for (lua_pushnil(L); lua_next(L, at.index); lua_pop(L, 1)) {
        check_key(L, at.reading->what, items);
        if (lua_type(L, -2) == LUA_TSTRING)
            set_field(L, at, table, lua_tostring(L, -2));
    }
}

/* --- inheritance --- */

/* Whether KEY with the value on top belongs to the class, and is no field. */
static gboolean is_of_class(lua_State *L, Place at, const char *key)
{
    gboolean wanted = at.depth == 1 && has_field(at.reading->fields, key);
    return g_str_has_prefix(key, "__") || (lua_isfunction(L, -1) && !wanted);
}

/* AT is the base of what TABLE was made from. */
static void fill_pairs_of_base(lua_State *L, Place at, LsbValue *table)
{
    for (lua_pushnil(L); lua_next(L, at.index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        const char *key = lua_tostring(L, -2);
        check_key(L, at.reading->what, 0);
        if (!is_of_class(L, at, key) && !lsb_value_get(table, key))
            set_field(L, at, table, key);
    }
}

/* Ask the table AT, at the end of whose bases is a function, for every field that it may have. */
static void ask_for_fields(lua_State *L, Place at, LsbValue *table)
{
    if (at.depth > 1 || !at.reading->fields)
        luaL_error(L, "%s: expected a table as __index of a table inside, got a function, which "
                      "cannot say what names there are",
                   at.reading->what);
    for (const LsbField *f = at.reading->fields; f->name; f++) {
        if (lsb_value_get(table, f->name) || is_left_out(at, f->name))
            continue;
        if (lua_getfield(L, at.index, f->name) != LUA_TNIL)
            set_field(L, at, table, f->name);
        lua_pop(L, 1);
    }
}

/* Replace the table on top by its base; FALSE, with nothing pushed: it has none. */
static gboolean go_to_base(lua_State *L)
{
    if (luaL_getmetafield(L, -1, "__index") == LUA_TNIL)
        return FALSE;
    lua_remove(L, -2);
    return TRUE;
}

static void fill_from_bases(lua_State *L, Place at, LsbValue *table)
{
    gboolean own_list = table->u.table.items->len > 0 || (at.depth == 1 && at.reading->named);
    lua_pushvalue(L, at.index);
    for (int steps = 0; steps < MOST_BASES && go_to_base(L); steps++) {
        Place base = {lua_gettop(L), at.depth, at.reading};
        if (lua_isfunction(L, -1)) {
            ask_for_fields(L, at, table);
            break;
        }
        if (!lua_istable(L, -1))
            luaL_error(L, "%s: expected a table or a function as __index, got %s",
                       at.reading->what, luaL_typename(L, -1));
        if (!own_list && table->u.table.items->len == 0)
            fill_items(L, base, table);
        fill_pairs_of_base(L, base, table);
    }
    lua_pop(L, 1);
}

static void fill_table(lua_State *L, Place at, LsbValue *table)
{
    if (at.depth > MAX_DEPTH)
        luaL_error(L, "%s: tables nested deeper than %d, or one that contains itself",
                   at.reading->what, MAX_DEPTH);
    luaL_checkstack(L, 8, "tables nested too deeply");
    if (at.depth > 1 || !at.reading->named)
        fill_items(L, at, table);
    fill_pairs(L, at, table);
    if (lua_getmetatable(L, at.index)) {
        lua_pop(L, 1);
        fill_from_bases(L, at, table);
    }
}

void lsbl_to_value(lua_State *L, int index, const LsblReading *reading, Box *box)
{
    index = lua_absindex(L, index);
    lua_pushvalue(L, index);
    box->value = value_at_top(L);
    if (box->value->kind == LSB_VALUE_TABLE)
        fill_table(L, (Place){index, 1, reading}, box->value);
    lua_pop(L, 1);
}

int lsbl_get_field(lua_State *L, int index, const char *name)
{
    index = lua_absindex(L, index);
    lua_pushvalue(L, index);
    for (int steps = 0; steps < MOST_BASES && lua_istable(L, -1); steps++) {
        lua_pushstring(L, name);
        if (lua_rawget(L, -2) != LUA_TNIL) {
            lua_remove(L, -2);
            return lua_type(L, -1);
        }
        lua_pop(L, 1);
        if (!go_to_base(L))
            break;
    }
    gboolean ask = lua_isfunction(L, -1);
    lua_pop(L, 1);
    if (ask)
        return lua_getfield(L, index, name);
    lua_pushnil(L);
    return LUA_TNIL;
}

static void push_value_table(lua_State *L, const LsbValue *value)
{
    GPtrArray *items = value->u.table.items, *pairs = lsb_value_pairs(value);
    luaL_checkstack(L, 4, "tables nested too deeply");
    lua_createtable(L, (int)items->len, (int)pairs->len);
    for (guint i = 0; i < items->len; i++) {
        lsbl_push_value(L, items->pdata[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    for (guint i = 0; i < pairs->len; i++) {
        const LsbPair *pair = pairs->pdata[i];
        lsbl_push_value(L, pair->value);
        lua_setfield(L, -2, pair->key);
    }
}

void lsbl_push_value(lua_State *L, const LsbValue *value)
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
        push_value_table(L, value);
        break;
    default:
        lua_pushnil(L);
    }
}
