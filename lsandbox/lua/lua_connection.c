/* The connection object, and finding sandboxes on it: connect(), list() and attach(). */
#include "lua/lua_connection.h"

#include <lauxlib.h>
#include <lua.h>

#include "base/error.h"
#include "base/ownprocess.h"
#include "host/connection.h"
#include "lua/lua_box.h"
#include "lua/lua_info.h"
#include "lua/lua_options.h"
#include "lua/lua_owner.h"
#include "lua/lua_push.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_type.h"
#include "lua/lua_wait.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"
#include "sandbox/attach.h"
#include "sandbox/connect.h"
#include "sandbox/list.h"

#define CONNECTION "lsandbox.connection"

typedef struct {
    LsbConnection *connection; /* NULL: closed */
    pid_t owner;               /* the process that made it */
} ConnectionObject;

const char *lsbl_connection_uri(lua_State *L, int index)
{
    ConnectionObject *object = luaL_testudata(L, index, CONNECTION);
    if (object && !object->connection)
        luaL_error(L, "this connection is closed");
    if (object)
        lsbl_check_owner(L, object->owner, "this connection");
    return object ? lsb_connection_uri(object->connection) : NULL;
}

/*
 * Make box->description of a recipe that has a connection and a name and nothing else, so that the
 * URI's default, its check and its messages are those of recipes. FALSE with box->error.
 */
static gboolean describe_connection(Box *box, const char *uri, const char *name)
{
    box->value = lsb_value_table();
    if (uri)
        lsb_value_set(box->value, "connect", lsb_value_string(uri, -1));
    if (name)
        lsb_value_set(box->value, "name", lsb_value_string(name, -1));
    box->description = lsb_description_new(box->value, &box->error);
    return box->description != NULL;
}

/* The URI at INDEX: a connection, a string, or nothing (NULL). */
static const char *check_uri(lua_State *L, int index)
{
    const char *uri = lsbl_connection_uri(L, index);
    return uri ? uri : luaL_optstring(L, index, NULL);
}

/* --- connect --- */

static void release_connection(gpointer connection)
{
    lsb_connection_release(connection);
}

static int push_connection(lua_State *L, Box *box)
{
    ConnectionObject *object = lua_newuserdatauv(L, sizeof *object, 0);
    *object = (ConnectionObject){.owner = lsb_process_owner()};
    luaL_setmetatable(L, CONNECTION);
    object->connection = g_steal_pointer(&box->result);
    return 1;
}

/*
 * lsandbox.connect(uri) -> connection | nil, message, code. It is open for as long as the object
 * is, and shared by every sandbox of this process on it.
 */
static int module_connect(lua_State *L)
{
    const char *uri = check_uri(L, 1);
    Box *box = lsbl_box(L);
    if (!describe_connection(box, uri, NULL))
        return lsbl_fail(L, box);
    box->job = lsb_connect(box->description->uri);
    return lsbl_wait_for_job(L, -1, release_connection, push_connection);
}

/* --- list --- */

static void push_listed(lua_State *L, const LsbListed *listed, const LsbDescription *d)
{
    lua_createtable(L, 0, 7);
    lsbl_set_string(L, "name", listed->name);
    lsbl_set_string(L, "uuid", listed->uuid);
    lsbl_set_string(L, "uri", d->uri);
    lsbl_set_string(L, "kind", d->kind == LSB_MACHINE ? "machine" : "container");
    lsbl_set_string(L, "state", listed->paused ? "paused" : "running");
    lsbl_set_labels(L, listed->labels);
    lsbl_set_tainted(L, listed->taint);
}

static void free_list(gpointer list)
{
    g_ptr_array_unref(list);
}

static int push_list_of_listed(lua_State *L, Box *box)
{
    const GPtrArray *list = box->result;
    lua_createtable(L, (int)list->len, 0);
    for (guint i = 0; i < list->len; i++) {
        push_listed(L, list->pdata[i], box->description);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int list_sandboxes(lua_State *L, const char *uri)
{
    Box *box = lsbl_box(L);
    if (!describe_connection(box, uri, NULL))
        return lsbl_fail(L, box);
    box->job = lsb_list(box->description->uri);
    return lsbl_wait_for_job(L, -1, free_list, push_list_of_listed);
}

/* lsandbox.list([uri | connection]) -> { { name, uuid, uri, kind, state, labels, tainted } ... } |
 * nil, message, code */
static int module_list(lua_State *L)
{
    return list_sandboxes(L, check_uri(L, 1));
}

/* --- attach --- */

static int push_attached(lua_State *L, Box *box)
{
    box->sandbox = lsb_sandbox_attach_result(box->job, &box->error);
    if (!box->sandbox)
        return lsbl_fail(L, box);
    lsbl_push_sandbox(L, box, 0);
    return 1;
}

/* An option that the description checks, once it is in one. */
static gboolean field_text(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    (void)arg;
    return (*(const char **)out = lsb_value_text(value, path, "a string", error)) != NULL;
}

typedef struct {
    const char *name, *uri; /* borrowed from the table's values */
} AttachOptions;

/* The table at 1 into box->description; FALSE with box->error. */
static gboolean read_attach(lua_State *L, Box *box)
{
    static const LsbField fields[] = {
        {.name = "name", .parse = field_text, .offset = offsetof(AttachOptions, name)},
        {.name = "connect", .parse = field_text, .offset = offsetof(AttachOptions, uri)},
        {0},
    };
    AttachOptions options = {0};
    if (!lsbl_read_options(L, 1, "attach", fields, &options, box))
        return FALSE;
    if (!options.name)
        return lsb_fail(&box->error, INVALID, "attach.name: expected a string, got nothing");
    g_autoptr(LsbValue) table = g_steal_pointer(&box->value); /* the names are borrowed */
    return describe_connection(box, options.uri, options.name);
}

/*
 * lsandbox.attach{ name =, connect = } -> sandbox | nil, message, code. The sandbox of another
 * process: its life can be controlled, its programs and files cannot.
 */
static int module_attach(lua_State *L)
{
    lua_settop(L, 1); /* so that the box is not taken for the options */
    Box *box = lsbl_box(L);
    if (!read_attach(L, box))
        return lsbl_fail(L, box);
    box->job = lsb_sandbox_attach(g_steal_pointer(&box->description));
    return lsbl_wait_with_box(L, lsb_job_done, box->job, -1, push_attached, -1);
}

/* --- the object --- */

static const char *check_connection(lua_State *L)
{
    luaL_checkudata(L, 1, CONNECTION);
    return lsbl_connection_uri(L, 1);
}

static int connection_uri(lua_State *L)
{
    lua_pushstring(L, check_connection(L));
    return 1;
}

static int connection_list(lua_State *L)
{
    return list_sandboxes(L, check_connection(L));
}

/* c:close(): let go of the connection; sandboxes on it live on. Harmless twice. Also __close and
 * __gc. */
static int connection_close(lua_State *L)
{
    ConnectionObject *object = luaL_checkudata(L, 1, CONNECTION);
    lsb_connection_release(g_steal_pointer(&object->connection));
    return 0;
}

static int connection_tostring(lua_State *L)
{
    ConnectionObject *object = luaL_checkudata(L, 1, CONNECTION);
    lua_pushfstring(L, "lsandbox.connection (%s)",
                    object->connection ? lsb_connection_uri(object->connection) : "closed");
    return 1;
}

static const luaL_Reg methods[] = {
    {"uri", connection_uri},
    {"list", connection_list},
    {"close", connection_close},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", connection_close},
    {"__close", connection_close},
    {"__tostring", connection_tostring},
    {NULL, NULL},
};

const luaL_Reg lsbl_connection_functions[] = {
    {"connect", module_connect},
    {"list", module_list},
    {"attach", module_attach},
    {NULL, NULL},
};

void lsbl_open_connection(lua_State *L)
{
    lsbl_open_type(L, CONNECTION, metamethods, methods);
}
