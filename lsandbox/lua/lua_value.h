/* Lua values as data, both ways: a recipe into an LsbValue, and an LsbValue into a table. */
#ifndef LSANDBOX_LUA_LUA_VALUE_H
#define LSANDBOX_LUA_LUA_VALUE_H

#include <lua.h>

#include "lua/lua_box.h"
#include "recipe/value/value.h"

/*
 * Make box->value from the Lua value at INDEX. Raises for a table that is no data: nested too deep,
 * or with keys that are neither names nor a list's. Messages begin with WHAT: "recipe", or the name
 * of the function that takes the table as its options.
 */
void lsbl_to_value(lua_State *L, int index, const char *what, Box *box);

/* Push VALUE as Lua data. A box owns VALUE, because pushing can raise. */
void lsbl_push_value(lua_State *L, const LsbValue *value);

#endif
