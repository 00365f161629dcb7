/* Reading a recipe that Lua gives, for the functions that make sandboxes of one. */
#ifndef LSANDBOX_LUA_LUA_MODULE_H
#define LSANDBOX_LUA_LUA_MODULE_H

#include <glib.h>
#include <lua.h>

#include "lua/lua_box.h"
#include "recipe/value/fields.h"

/*
 * Read the recipe at INDEX into box->description; FALSE with box->error. BESIDE (NULL: none) are
 * fields in the same table that are no recipe's. Pushes the table of its event functions, or nil.
 * Raises for what is no data, and for wrong event functions.
 */
gboolean lsbl_read_recipe(lua_State *L, int index, const LsbField *beside, Box *box);

/*
 * The first step of lsbl_read_recipe(): read the recipe at INDEX as data into box->value. Pushes
 * its event functions, or nil.
 */
void lsbl_take_recipe(lua_State *L, int index, const LsbField *beside, Box *box);

#endif
