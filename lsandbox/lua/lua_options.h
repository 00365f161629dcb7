/*
 * What functions take beside their subject: tables of options, read by LsbField as recipes are, and
 * the arguments that several functions share. Whatever is wrong raises.
 */
#ifndef LSANDBOX_LUA_LUA_OPTIONS_H
#define LSANDBOX_LUA_LUA_OPTIONS_H

#include <glib.h>
#include <lua.h>

#include "lua/lua_box.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

/*
 * Read the table of options at INDEX by FIELDS into OPTIONS; nothing or nil leaves OPTIONS as it
 * is. FUNCTION is the Lua function's name: messages begin with it, as in `wait.timeot: unknown key;
 * did you mean "timeout"?`. Raises for a table that is no data (see lsbl_to_value()); for every
 * other mistake FALSE with box->error, which is for lsbl_fail(). The caller owns what the fields
 * put into OPTIONS in both cases. Leaves the stack as it was, and the options in box->value.
 */
gboolean lsbl_read_options(lua_State *L, int index, const char *function, const LsbField *fields,
                           gpointer options, Box *box);

/*
 * The seconds in a table of options at INDEX that may hold `timeout` and nothing else; USUAL where
 * it does not say. Raises for every other table. Leaves the stack as it was.
 */
double lsbl_check_timeout(lua_State *L, int index, const char *function, double usual);

/* The seconds at INDEX, an argument of FUNCTION that may be nil: USUAL then. Raises. */
double lsbl_check_seconds(lua_State *L, int index, const char *function, double usual);

/* The string at INDEX as a path in the sandbox: not empty, without NUL bytes. Raises. */
const char *lsbl_check_path(lua_State *L, int index);

/*
 * The string at INDEX as a path on the host, checked in the same way. A number raises as well,
 * because a number that was passed by mistake would become the name of a file.
 */
const char *lsbl_check_host_path(lua_State *L, int index);

/* Parsers of fields (recipe/value/fields.h) that recipes do not have. OUT points to: */

/* A char *: a user's name or number, as in a recipe. The sandbox checks that the user exists. */
gboolean lsbl_field_user(const LsbValue *value, const char *path, gpointer char_out,
                         gconstpointer arg, GError **error);

/* A guint64: a number of bytes from 0. */
gboolean lsbl_field_count(const LsbValue *value, const char *path, gpointer guint64_out,
                          gconstpointer arg, GError **error);

/* A gboolean: TRUE for a function, which the caller takes from the table itself. */
gboolean lsbl_field_function(const LsbValue *value, const char *path, gpointer gboolean_out,
                             gconstpointer arg, GError **error);

/* A double: seconds to wait. Unlike a recipe's limits they may be 0, which only looks. */
gboolean lsbl_field_timeout(const LsbValue *value, const char *path, gpointer double_out,
                            gconstpointer arg, GError **error);

#endif
