/* The watcher object: sb:watch(), and reading what happens to a file or directory. */
#include "lua/lua_watch.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/ownprocess.h"
#include "lua/lua_box.h"
#include "lua/lua_loop.h"
#include "lua/lua_options.h"
#include "lua/lua_owner.h"
#include "lua/lua_push.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_type.h"
#include "recipe/value/fields.h"
#include "sandbox/sandbox.h"
#include "session/fileop.h"
#include "session/filewatch.h"

#define WATCHER "lsandbox.watcher"

typedef struct {
    LsbFileOp *op; /* NULL: closed */
    pid_t owner;   /* the process that made it */
} Watcher;

static Watcher *watcher_at(lua_State *L, int index)
{
    return luaL_checkudata(L, index, WATCHER);
}

static Watcher *check_watcher(lua_State *L)
{
    Watcher *w = watcher_at(L, 1);
    if (!w->op)
        luaL_error(L, "this watcher is closed");
    lsbl_check_owner(L, w->owner, "this watcher");
    return w;
}

/* Conditions of waits. Another task may close the watcher meanwhile, which ends the wait. */
static gboolean watcher_ready(gpointer data)
{
    Watcher *w = data;
    return !w->op || lsb_watch_ready(w->op);
}

static gboolean watcher_has_event(gpointer data)
{
    Watcher *w = data;
    return !w->op || lsb_watch_has_event(w->op);
}

/* --- sb:watch --- */

static int push_ready_watcher(lua_State *L, int status, lua_KContext index)
{
    (void)status;
    Watcher *w = watcher_at(L, (int)index);
    Box *box = lsbl_box(L);
    if (lsb_file_op_done(w->op) && !lsb_file_op_result(w->op, &box->error)) {
        g_clear_pointer(&w->op, lsb_file_op_free);
        return lsbl_fail(L, box);
    }
    lua_pushvalue(L, (int)index);
    return 1;
}

/* sb:watch(path, { user = }) -> watcher | nil, message, code */
int lsbl_sandbox_watch(lua_State *L)
{
    static const LsbField fields[] = {{.name = "user", .parse = lsbl_field_user}, {0}};
    char *user = NULL;
    LsbSandbox *sb = lsbl_check_sandbox(L, 1);
    const char *path = lsbl_check_path(L, 2);
    lua_settop(L, 3);
    Watcher *w = lua_newuserdatauv(L, sizeof *w, 0);
    *w = (Watcher){.owner = lsb_process_owner()};
    luaL_setmetatable(L, WATCHER);
    int index = lua_gettop(L);
    Box *box = lsbl_box(L);
    gboolean ok = lsbl_read_options(L, 3, "watch", fields, &user, box);
    box->text = user;
    if (ok)
        w->op = lsb_watch_new(lsb_sandbox_session(sb), path, user, &box->error);
    if (!w->op)
        return lsbl_fail(L, box);
    return lsbl_wait(L, watcher_ready, w, -1, push_ready_watcher, index);
}

/* --- reading --- */

static int push_event(lua_State *L, LsbFileEvent *event)
{
    lua_createtable(L, 0, 4);
    lsbl_set_string(L, "event", event->event);
    lsbl_set_boolean(L, "is_dir", event->is_dir);
    if (event->name && *event->name)
        lsbl_set_string(L, "name", event->name);
    if (event->cookie)
        lsbl_set_integer(L, "cookie", event->cookie);
    return 1;
}

static int push_ended(lua_State *L, Watcher *w)
{
    Box *box = lsbl_box(L);
    if (!lsb_file_op_result(w->op, &box->error))
        return lsbl_fail(L, box);
    return lsbl_push_failure(L, "what was watched is gone", "not-found");
}

static int push_read_event(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    Watcher *w = watcher_at(L, 1);
    LsbFileEvent event;
    Box *box = lsbl_box(L);
    if (!w->op)
        return lsbl_push_failure(L, "the watcher was closed meanwhile", "state");
    if (!lsb_watch_take(w->op, &event))
        return lsb_file_op_done(w->op)
                   ? push_ended(L, w)
                   : lsbl_push_failure(L, "nothing happened in time", "timeout");
    box->text = event.name; /* the box frees it */
    return push_event(L, &event);
}

/* w:read{ timeout = seconds } -> { event, name, is_dir, cookie } | nil, message, code */
static int watcher_read(lua_State *L)
{
    Watcher *w = check_watcher(L);
    lua_settop(L, 2);
    double timeout = lsbl_check_timeout(L, 2, "read", -1);
    return lsbl_wait(L, watcher_has_event, w, timeout, push_read_event, 0);
}

/* The for loop ends with what is watched; every other failure raises, as in io.lines. */
static int push_next_event(lua_State *L, int status, lua_KContext ctx)
{
    int results = push_read_event(L, status, ctx);
    if (results == 1)
        return 1;
    if (watcher_at(L, 1)->op && !lsb_file_op_result(watcher_at(L, 1)->op, NULL))
        return luaL_error(L, "%s", lua_tostring(L, -2));
    lua_pushnil(L);
    return 1;
}

static int events_next(lua_State *L)
{
    Watcher *w = check_watcher(L);
    lua_settop(L, 1);
    return lsbl_wait(L, watcher_has_event, w, -1, push_next_event, 0);
}

/* for event in w:events() do ... end */
static int watcher_events(lua_State *L)
{
    check_watcher(L);
    lua_pushcfunction(L, events_next);
    lua_pushvalue(L, 1);
    return 2;
}

/* --- life --- */

/* w:close(): stop watching. Harmless twice. Also __close and __gc. */
static int watcher_close(lua_State *L)
{
    Watcher *w = watcher_at(L, 1);
    LsbFileOp *op = g_steal_pointer(&w->op);
    if (lsb_process_is(w->owner))
        lsb_file_op_free(op);
    return 0;
}

static int watcher_tostring(lua_State *L)
{
    lua_pushstring(L, watcher_at(L, 1)->op ? "lsandbox.watcher" : "lsandbox.watcher (closed)");
    return 1;
}

static const luaL_Reg methods[] = {
    {"read", watcher_read}, {"events", watcher_events}, {"close", watcher_close}, {NULL, NULL}};

static const luaL_Reg metamethods[] = {{"__gc", watcher_close},
                                       {"__close", watcher_close},
                                       {"__tostring", watcher_tostring},
                                       {NULL, NULL}};

void lsbl_open_watcher(lua_State *L)
{
    lsbl_open_type(L, WATCHER, metamethods, methods);
}
