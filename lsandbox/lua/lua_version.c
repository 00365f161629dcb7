/* Differences between the releases of Lua 5.4. */
#include "lua/lua_version.h"

#pragma weak lua_closeslot
#pragma weak lua_closethread
extern void lua_closeslot(lua_State *L, int index);               /* since 5.4.3 */
extern int lua_closethread(lua_State *thread, lua_State *caller); /* since 5.4.6 */

/*
 * lua_settop() of 5.4.3 and 5.4.4, of which lua_pop() is made, keeps a pointer into the stack while
 * the value's __close runs, and that call may move the stack (lua.org/bugs.html). So close the slot
 * first. The releases before 5.4.3 have no lua_closeslot(), and no such pointer in lua_settop().
 */
void lsbl_pop_closing(lua_State *L)
{
    if (lua_closeslot)
        lua_closeslot(L, -1);
    lua_pop(L, 1);
}

int lsbl_close_thread(lua_State *L, lua_State *thread)
{
    return lua_closethread ? lua_closethread(thread, L) : lua_resetthread(thread);
}
