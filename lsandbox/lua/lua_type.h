/* Metatables of the binding's types. Each type's name stands beside its code. */
#ifndef LSANDBOX_LUA_LUA_TYPE_H
#define LSANDBOX_LUA_LUA_TYPE_H

#include <lauxlib.h>
#include <lua.h>

/* Make the metatable NAME, once. METHODS, if not NULL, become its __index. Leaves the stack as it
 * was. */
void lsbl_open_type(lua_State *L, const char *name, const luaL_Reg *metamethods,
                    const luaL_Reg *methods);

#endif
