/* How functions go on after a wait: the continuations that several of them share. */
#include "lua/lua_wait.h"

#include <lua.h>

#include "base/job.h"
#include "base/wait.h"
#include "lua/lua_box.h"
#include "lua/lua_loop.h"

int lsbl_then_nothing(lua_State *L, int status, lua_KContext unused)
{
    (void)L;
    (void)status;
    (void)unused;
    return 0;
}

int lsbl_then_true(lua_State *L, int status, lua_KContext unused)
{
    (void)status;
    (void)unused;
    lua_pushboolean(L, TRUE);
    return 1;
}

static int go_on_with_box(lua_State *L, int status, lua_KContext index)
{
    Box *box = lua_touserdata(L, (int)index);
    (void)status;
    return box->then(L, box);
}

int lsbl_wait_with_box(lua_State *L, LsbCondition condition, gpointer data, double timeout,
                       LsblThen then, int index)
{
    Box *box = lua_touserdata(L, index);
    box->then = then;
    return lsbl_wait(L, condition, data, timeout, go_on_with_box, lua_absindex(L, index));
}

static int take_job_result(lua_State *L, Box *box)
{
    box->result = lsb_job_take(box->job, &box->error);
    return box->result ? box->then_result(L, box) : lsbl_fail(L, box);
}

int lsbl_wait_for_job(lua_State *L, int index, GDestroyNotify free_result, LsblThen then)
{
    Box *box = lua_touserdata(L, index);
    box->free_result = free_result;
    box->then_result = then;
    return lsbl_wait_with_box(L, lsb_job_done, box->job, -1, take_job_result, index);
}
