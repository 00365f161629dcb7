/* Recipes as data: sb:recipe(), lsandbox.save(), lsandbox.load(). */
#ifndef LSANDBOX_LUA_LUA_RECIPE_H
#define LSANDBOX_LUA_LUA_RECIPE_H

#include <lauxlib.h>

/* save and load of the module; recipe of a sandbox. */
extern const luaL_Reg lsbl_recipe_functions[];
extern const luaL_Reg lsbl_recipe_methods[];

#endif
