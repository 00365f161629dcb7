#include "binding.h"

int lsbl_wait(lua_State *L, LsbCondition condition, gpointer data, double timeout, lua_KFunction k,
              lua_KContext ctx)
{
    lsb_wait_until(condition, data, timeout);
    return k(L, LUA_OK, ctx);
}
