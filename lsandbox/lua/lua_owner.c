/* Whose the binding's objects are. */
#include "lua/lua_owner.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/ownprocess.h"

void lsbl_check_owner(lua_State *L, pid_t owner, const char *what)
{
    if (lsb_process_is(owner))
        return;
    luaL_error(L,
               "%s belongs to process %d, which made it; this process was forked from that one, "
               "and has to make its own",
               what, (int)owner);
}
