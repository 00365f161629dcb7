/* Lua values as data, both ways: a recipe into an LsbValue, and an LsbValue into a table. */
#ifndef LSANDBOX_LUA_LUA_VALUE_H
#define LSANDBOX_LUA_LUA_VALUE_H

#include <lua.h>

#include "lua/lua_box.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"

/* How a table is read. */
typedef struct {
    const char *what;             /* messages begin with it: "recipe", or a function's name */
    const LsbField *fields;       /* that the table may have; NULL: not known */
    const char *const *left_out;  /* names that do not come into the value; NULL: none */
    const LsbField *also_left_out;
    gboolean named;               /* without the elements of its list */
} LsblReading;

/*
 * Make box->value from the Lua value at INDEX. Raises for a table that is no data: nested too deep,
 * or with keys that are neither names nor a list's.
 *
 * A table inherits as in Lua: what it does not have itself comes from the table that the `__index`
 * of its metatable names, and so on; a list is inherited whole. Methods, which are functions that
 * no field wants, and names that begin with "__" are left out. A function as `__index` is asked for
 * each of READING's fields, and refused in tables inside, whose names are not known.
 */
void lsbl_to_value(lua_State *L, int index, const LsblReading *reading, Box *box);

/*
 * Push the field NAME of the table at INDEX, its own or inherited as lsbl_to_value() does, and
 * return its type. For fields that are no data.
 */
int lsbl_get_field(lua_State *L, int index, const char *name);

/* Push VALUE as Lua data. A box owns VALUE, because pushing can raise. */
void lsbl_push_value(lua_State *L, const LsbValue *value);

#endif
