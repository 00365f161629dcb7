/*
 * The file methods of a sandbox. Each makes an operation of the core, which a userdata owns, and
 * waits for its end.
 */
#ifndef LSANDBOX_LUA_LUA_FILES_H
#define LSANDBOX_LUA_LUA_FILES_H

#include <glib.h>
#include <lauxlib.h>
#include <lua.h>

#include "lua/lua_box.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

/* The string at INDEX, which must hold no NUL: it is to be a path. */
const char *lsbl_check_path(lua_State *L, int index);

/*
 * Read the table of options at INDEX (or nothing) by FIELDS into OPTIONS. FALSE with box->error,
 * which names OPERATION in front. What the fields put into OPTIONS is the caller's in both cases.
 */
gboolean lsbl_read_options(lua_State *L, int index, const char *operation, const LsbField *fields,
                           gpointer options, Box *box);

/* Parser of a field `user`, whose OUT is a char *: a name or a number, as in a recipe. */
gboolean lsbl_field_user(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error);

/* Push, pull and the other methods of a sandbox that have to do with files. */
extern const luaL_Reg lsbl_file_methods[];
void lsbl_open_files(lua_State *L);

#endif
