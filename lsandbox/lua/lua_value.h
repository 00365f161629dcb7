/* Lua values as data, both ways: a recipe into an LsbValue, and an LsbValue into a table. */
#ifndef LSANDBOX_LUA_LUA_VALUE_H
#define LSANDBOX_LUA_LUA_VALUE_H

#include <lua.h>

#include "lua/lua_box.h"
#include "recipe/value/value.h"

/* Make box->value from the Lua value at INDEX. Raises where it cannot be a recipe (nesting, odd
 * keys). */
void lsbl_to_value(lua_State *L, int index, Box *box);

/* Push VALUE, which a box owns, as Lua data. */
void lsbl_push_value(lua_State *L, const LsbValue *value);

#endif
