/* Whose the binding's objects are: the process's that made them, and not its forked children's. */
#ifndef LSANDBOX_LUA_LUA_OWNER_H
#define LSANDBOX_LUA_LUA_OWNER_H

#include <lua.h>
#include <sys/types.h>

/* Raise unless this process is OWNER, which made WHAT, as in "this sandbox". */
void lsbl_check_owner(lua_State *L, pid_t owner, const char *what);

#endif
