/* What functions take: tables of options, and the arguments that several functions share. */
#include "lua/lua_options.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "lua/lua_box.h"
#include "lua/lua_value.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

gboolean lsbl_read_options(lua_State *L, int index, const char *function, const LsbField *fields,
                           gpointer options, Box *box)
{
    if (lua_isnoneornil(L, index))
        return TRUE;
    lsbl_to_value(L, index, &(LsblReading){.what = function, .fields = fields}, box);
    return lsb_field_table(box->value, function, options, fields, &box->error);
}

double lsbl_check_timeout(lua_State *L, int index, const char *function, double usual)
{
    static const LsbField fields[] = {{.name = "timeout", .parse = lsbl_field_timeout}, {0}};
    double timeout = usual;
    if (lua_isnoneornil(L, index))
        return timeout;
    Box *box = lsbl_box(L);
    if (!lsbl_read_options(L, index, function, fields, &timeout, box))
        lsbl_fail(L, box);
    lsbl_box_clear(box);
    lua_pop(L, 1);
    return timeout;
}

/* Tasks sleep often, so a box is made only for a value that is wrong. */
double lsbl_check_seconds(lua_State *L, int index, const char *function, double usual)
{
    if (lua_isnoneornil(L, index))
        return usual;
    double seconds = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : -1;
    if (seconds >= 0)
        return seconds;
    Box *box = lsbl_box(L);
    lsbl_to_value(L, index, &(LsblReading){.what = function}, box);
    if (!lsbl_field_timeout(box->value, function, &seconds, NULL, &box->error))
        lsbl_fail(L, box);
    return seconds;
}

const char *lsbl_check_path(lua_State *L, int index)
{
    size_t length;
    const char *path = luaL_checklstring(L, index, &length);
    luaL_argcheck(L, strlen(path) == length, index, "expected a path without NUL bytes");
    luaL_argcheck(L, length > 0, index, "expected a path that is not empty");
    return path;
}

const char *lsbl_check_host_path(lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TSTRING);
    return lsbl_check_path(L, index);
}

gboolean lsbl_field_user(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error)
{
    (void)arg;
    g_free(*(char **)out);
    *(char **)out = NULL;
    gint64 number;
    if (lsb_value_whole(value, &number) && number >= 0)
        *(char **)out = lsb_value_whole_text(value);
    else
        *(char **)out = g_strdup(lsb_value_text(value, path, "a user name or number", error));
    return *(char **)out != NULL;
}

gboolean lsbl_field_count(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                          GError **error)
{
    (void)arg;
    gint64 number;
    if (!lsb_value_whole(value, &number) || number < 0)
        return lsb_field_error(error, path, "a number of bytes from 0", value);
    *(guint64 *)out = (guint64)number;
    return TRUE;
}

gboolean lsbl_field_function(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error)
{
    (void)arg;
    if (value->kind != LSB_VALUE_OTHER || strcmp(value->u.name, "function") != 0)
        return lsb_field_error(error, path, "a function", value);
    *(gboolean *)out = TRUE;
    return TRUE;
}

gboolean lsbl_field_timeout(const LsbValue *value, const char *path, gpointer out,
                            gconstpointer arg, GError **error)
{
    (void)arg;
    double seconds = lsb_value_seconds(value);
    if (!(seconds >= 0))
        return lsb_field_error(error, path, "a number of seconds from 0", value);
    *(double *)out = seconds;
    return TRUE;
}
