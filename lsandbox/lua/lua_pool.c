/* The pool object: sandboxes that are started before they are wanted. */
#include "lua/lua_pool.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/error.h"
#include "base/ownprocess.h"
#include "lua/lua_box.h"
#include "lua/lua_loop.h"
#include "lua/lua_module.h"
#include "lua/lua_options.h"
#include "lua/lua_owner.h"
#include "lua/lua_push.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_state.h"
#include "lua/lua_type.h"
#include "lua/lua_value.h"
#include "lua/lua_wait.h"
#include "lua/scheduler.h"
#include "recipe/value/fields.h"
#include "sandbox/lending.h"
#include "sandbox/pool.h"
#include "sandbox/poolqueue.h"
#include "sandbox/sandbox.h"
#include "sandbox/states.h"

#define POOL "lsandbox.pool"

/* User value 1: the recipe's event functions, or nil. */
typedef struct {
    LsbPool *pool; /* NULL: not yet, or no more */
    pid_t owner;   /* the process that made it */
    State *state;
    GList link; /* in the state's pools, while it holds one */
} Pool;

static Pool *pool_at_1(lua_State *L)
{
    return luaL_checkudata(L, 1, POOL);
}

static LsbPool *check_pool(lua_State *L)
{
    Pool *object = pool_at_1(L);
    if (!object->pool || lsb_pool_is_closed(object->pool))
        luaL_error(L, "this pool is closed");
    lsbl_check_owner(L, object->owner, "this pool");
    return object->pool;
}

/* --- making --- */

/* The fields of a pool's table that are no recipe's. */
typedef struct {
    guint size;
    gboolean reuse;
} PoolOptions;

static const LsbRange sizes = {1, LSB_POOL_MOST};

static const LsbField pool_fields[] = {
    {.name = "size",
     .parse = lsb_field_uint,
     .offset = offsetof(PoolOptions, size),
     .arg = &sizes},
    {.name = "reuse", .parse = lsb_field_boolean, .offset = offsetof(PoolOptions, reuse)},
    {0},
};

/* Push a table of the pool's own fields, which are in the table at 1 beside a recipe's. */
static void push_own_fields(lua_State *L)
{
    lua_newtable(L);
    for (const LsbField *f = pool_fields; f->name; f++) {
        lsbl_get_field(L, 1, f->name);
        lua_setfield(L, -2, f->name);
    }
}

/* Read the table at INDEX; FALSE with box->error. They are named as the recipe's fields beside
 * them are: without the function in front. */
static gboolean read_own_fields(lua_State *L, int index, PoolOptions *options, Box *box)
{
    if (!lsbl_read_options(L, index, "", pool_fields, options, box))
        return FALSE;
    if (!options->size)
        return lsb_fail(&box->error, INVALID,
                        "size: expected an integer from %u to %u, got nothing", sizes.min,
                        sizes.max);
    lsbl_box_clear(box);
    return TRUE;
}

/* Push a new object, which takes the box's pool. The event functions, or nil, are on top. */
static void push_pool(lua_State *L, Box *box)
{
    Pool *object = lua_newuserdatauv(L, sizeof *object, 1);
    *object = (Pool){.state = lsbl_state(L), .owner = lsb_process_owner()};
    if (!object->state->source)
        luaL_error(L, "the Lua state is being closed");
    luaL_setmetatable(L, POOL);
    lua_pushvalue(L, -2);
    lua_setiuservalue(L, -2, 1);
    object->pool = g_steal_pointer(&box->pool);
    object->link.data = object;
    g_queue_push_tail_link(&object->state->pools, &object->link);
}

/*
 * lsandbox.pool{ size = n, reuse = true, fields of a recipe } -> pool. Raises on a wrong recipe.
 * The sandboxes start in the background.
 */
static int module_pool(lua_State *L)
{
    PoolOptions options = {0};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    push_own_fields(L);
    Box *box = lsbl_closing_box(L);
    if (!read_own_fields(L, 2, &options, box) || !lsbl_read_recipe(L, 1, pool_fields, box))
        return lsbl_fail(L, box);
    box->pool = lsb_pool_new(box->description, options.size, options.reuse, &box->error);
    if (!box->pool)
        return lsbl_fail(L, box);
    push_pool(L, box);
    return 1;
}

/* --- taking --- */

static gboolean promise_over(gpointer ask)
{
    return lsb_ask_answered(ask) || !lsb_ask_is_promised(ask);
}

/*
 * Stack: the pool, the box. A sandbox that the pool has promised is as good as ready, so wait for
 * it even with a timeout of 0.
 */
static int push_taken(lua_State *L, Box *box)
{
    if (!promise_over(box->ask))
        return lsbl_wait_with_box(L, promise_over, box->ask, -1, push_taken, 2);
    if (!lsb_ask_answered(box->ask)) {
        lsbl_box_clear(box);
        return lsbl_push_failure(L, "no sandbox of the pool was ready in time", "timeout");
    }
    box->sandbox = lsb_ask_take(box->ask, &box->error);
    if (!box->sandbox) /* a recipe that has become wrong is no misuse of this call */
        return lsbl_push_error(L, box->error);
    lua_getiuservalue(L, 1, 1);
    lsbl_push_sandbox(L, box, lua_gettop(L));
    lsb_sandbox_hand_over(((SandboxObject *)lua_touserdata(L, -1))->sb);
    return 1;
}

/* pool:take{ timeout = seconds } -> sandbox | nil, message, code. Who asks first is served
 * first. */
static int pool_take(lua_State *L)
{
    LsbPool *pool = check_pool(L);
    double timeout = lsbl_check_timeout(L, 2, "take", -1);
    lua_settop(L, 1);
    Box *box = lsbl_closing_box(L);
    box->ask = lsb_pool_ask(pool);
    return lsbl_wait_with_box(L, lsb_ask_answered, box->ask, timeout, push_taken, 2);
}

/* --- giving back --- */

/* pool:give(sandbox) -> true | nil, message, code. Closes the object; the sandbox lives on for the
 * next who takes one. */
static int pool_give(lua_State *L)
{
    LsbPool *pool = check_pool(L);
    SandboxObject *object = luaL_checkudata(L, 2, LSBL_SANDBOX);
    LsbSandbox *sb = lsbl_check_sandbox(L, 2);
    /* a sandbox that has just died is no misuse */
    luaL_argcheck(
        L, lsb_pool_has_lent(pool, sb) || !lsb_sandbox_is_up(sb), 2,
        "expected a sandbox that was taken from this pool, which was made with reuse = true");
    lua_settop(L, 2);
    Box *box = lsbl_box(L);
    if (!lsb_sandbox_give_back(sb, &box->error))
        return lsbl_fail(L, box);
    lsb_pool_give(pool, lsbl_release_sandbox(object));
    lua_pushboolean(L, TRUE);
    return 1;
}

/* --- looking --- */

/* pool:stats() -> { size, ready, starting, waiting, lent, taken, error } */
static int pool_stats(lua_State *L)
{
    LsbPool *pool = check_pool(L);
    LsbPoolStats stats = lsb_pool_stats(pool);
    lua_createtable(L, 0, 7);
    lsbl_set_integer(L, "size", stats.size);
    lsbl_set_integer(L, "ready", stats.ready);
    lsbl_set_integer(L, "starting", stats.starting);
    lsbl_set_integer(L, "waiting", stats.asking);
    lsbl_set_integer(L, "lent", stats.lent);
    lsbl_set_integer(L, "taken", (lua_Integer)stats.taken);
    if (lsb_pool_error(pool))
        lsbl_set_string(L, "error", lsb_pool_error(pool)->message);
    return 1;
}

static int pool_tostring(lua_State *L)
{
    const Pool *object = pool_at_1(L);
    gboolean open = object->pool && !lsb_pool_is_closed(object->pool);
    lua_pushfstring(L, open ? "lsandbox.pool: %p" : "lsandbox.pool (closed): %p", (void *)object);
    return 1;
}

/* --- closing --- */

/* pool:close(): end the sandboxes that nobody has taken. Harmless twice. Also __close. */
static int pool_close(lua_State *L)
{
    LsbPool *pool = pool_at_1(L)->pool;
    lua_settop(L, 1);
    if (!pool || !lsb_process_is(pool_at_1(L)->owner))
        return 0;
    lsb_pool_close_begin(pool);
    return lsbl_wait(L, lsb_pool_ended, pool, -1, lsbl_then_nothing, 0);
}

static void drop_pool(Pool *object)
{
    LsbPool *pool = g_steal_pointer(&object->pool);
    if (!pool)
        return;
    g_queue_unlink(&object->state->pools, &object->link);
    lsb_pool_close_begin(pool);
    lsb_pool_unref(pool);
}

static void drop_pools(State *s)
{
    while (s->pools.head)
        drop_pool(s->pools.head->data);
}

/* A finaliser does not wait: the end of the Lua state waits for the sandboxes. */
static int pool_gc(lua_State *L)
{
    drop_pool(pool_at_1(L));
    return 0;
}

static const luaL_Reg methods[] = {
    {"take", pool_take},   {"give", pool_give}, {"stats", pool_stats},
    {"close", pool_close}, {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", pool_gc}, {"__close", pool_close}, {"__tostring", pool_tostring}, {NULL, NULL}};

void lsbl_open_pool(lua_State *L)
{
    lsbl_at_close(lsbl_state(L), drop_pools);
    lsbl_open_type(L, POOL, metamethods, methods);
}

const luaL_Reg lsbl_pool_functions[] = {
    {"pool", module_pool},
    {NULL, NULL},
};
