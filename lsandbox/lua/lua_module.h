/* TODO: say what lua_module is about. */
#ifndef LSANDBOX_LUA_LUA_MODULE_H
#define LSANDBOX_LUA_LUA_MODULE_H

#include <glib.h>
#include <lua.h>

#include "lua/lua_box.h"

/* Read the recipe at INDEX into box->description; FALSE with box->error. Pushes its event
 * functions, or nil. */
gboolean lsbl_read_recipe(lua_State *L, int index, Box *box);

/* The first step of that: the recipe at INDEX as data into box->value. Pushes its event functions,
 * or nil. */
void lsbl_take_recipe(lua_State *L, int index, Box *box);

#endif
