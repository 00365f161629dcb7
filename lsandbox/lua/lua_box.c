#include <stdio.h>
#include <string.h>

#include "lua/binding.h"
#include "base/error.h"

#define BOX "lsandbox.box"

/* Deeper tables than any recipe has; also what ends a table that contains itself. */
enum { MAX_DEPTH = 16 };

void lsbl_box_clear(Box *box)
{
    g_clear_pointer(&box->terminal, lsb_terminal_detach);
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
    static const luaL_Reg metamethods[] = {{"__gc", box_gc}, {"__close", box_gc}, {NULL, NULL}};
    lsbl_open_type(L, BOX, metamethods, NULL);
}

Box *lsbl_closing_box(lua_State *L)
{
    Box *box = lsbl_box(L);
    lua_toclose(L, -1);
    return box;
}

static void push_details(lua_State *L, GHashTable *details)
{
    GHashTableIter iter;
    gpointer name, value;
    lua_newtable(L);
    g_hash_table_iter_init(&iter, details);
    while (g_hash_table_iter_next(&iter, &name, &value))
        lsbl_set_string(L, name, value);
}

int lsbl_push_error(lua_State *L, const GError *error)
{
    GHashTable *details = lsb_error_details(error);
    int pushed = lsbl_push_failure(L, error->message, lsb_error_name(error));
    if (!details)
        return pushed;
    push_details(L, details);
    return pushed + 1;
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

/* --- options -----------------------------------------------------------------------------------
 */

static void check_option(lua_State *L, const char *name, const LsblOption *options)
{
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
    const LsblOption *o = options;
    while (key && o->name && strcmp(o->name, key) != 0)
        o++;
    if (!key || !o->name)
        luaL_error(L, "%s: unknown option %s", name, luaL_tolstring(L, -2, NULL));
    if (lua_type(L, -1) != o->type)
        luaL_error(L, "%s.%s: expected a %s, got %s", name, key, lua_typename(L, o->type),
                   luaL_typename(L, -1));
}

void lsbl_options(lua_State *L, int index, const char *name, const LsblOption *options)
{
    gboolean given = !lua_isnoneornil(L, index);
    if (given)
        luaL_checktype(L, index, LUA_TTABLE);
    luaL_checkstack(L, 8, "too many options");
    if (given)
        for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
            check_option(L, name, options);
    for (const LsblOption *o = options; o->name; o++)
        if (given)
            lua_getfield(L, index, o->name);
        else
            lua_pushnil(L);
}

double lsbl_seconds(lua_State *L, int index, const char *what, double usual)
{
    if (lua_isnil(L, index))
        return usual;
    double seconds = lua_tonumber(L, index);
    if (lua_type(L, index) != LUA_TNUMBER || !(seconds >= 0))
        luaL_error(L, "%s: expected a number of seconds from 0, got %s", what,
                   luaL_tolstring(L, index, NULL));
    return seconds;
}

/* --- values ------------------------------------------------------------------------------------
 */

/*
 * Flushed, so that what was written before comes before what the program writes, and so that a
 * reader starts where the script has read to: fflush(3) moves the descriptor there. (Of a pipe what
 * the script's library has read ahead is gone; nothing can put it back.)
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
    case LUA_TUSERDATA: {
        const char *uri = lsbl_connection_uri(L, index);
        return uri ? lsb_value_string(uri, -1) : file_or_other(L, index);
    }
    default:
        return file_or_other(L, index);
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
