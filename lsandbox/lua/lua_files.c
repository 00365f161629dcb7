/*
 * The file methods of a sandbox: push(), pull(), read(), write() and the like. Each begins an
 * LsbFileOp, which a userdata owns, and waits for its end.
 */
#include "lua/lua_files.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "base/ownprocess.h"
#include "lua/lua_box.h"
#include "lua/lua_loop.h"
#include "lua/lua_options.h"
#include "lua/lua_push.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_type.h"
#include "lua/lua_value.h"
#include "lua/lua_watch.h"
#include "recipe/value/fields.h"
#include "sandbox/sandbox.h"
#include "session/filecontent.h"
#include "session/filelist.h"
#include "session/fileop.h"
#include "session/pull.h"
#include "session/push.h"
#include "session/session.h"
#include "shared/filewire.h"
#include "shared/units.h"

#define OPERATION "lsandbox.operation"

typedef int (*PushResults)(lua_State *L, LsbFileOp *op);

typedef struct {
    LsbFileOp *op;
    pid_t owner; /* the process that made it; another one must not tidy up after a copy */
    PushResults push;
    guint64 reported; /* bytes that the progress function has been told */
    gboolean called;  /* at least once */
} Operation;

/* --- arguments and options --- */

typedef struct {
    char *user;
    guint64 offset, length, max;
    int mode;
    gboolean append, parents, recursive, follow, progress;
} Options;

/* clang-format off */
#define FIELD(field, parser) {.name = #field, .parse = parser, .offset = offsetof(Options, field)}
#define LAST {0}
/* clang-format on */

#define USER      FIELD(user, lsbl_field_user)
#define PROGRESS  FIELD(progress, lsbl_field_function)
#define OFFSET    FIELD(offset, lsbl_field_count)
#define LENGTH    FIELD(length, lsbl_field_count)
#define MAX_BYTES FIELD(max, lsb_field_size)
#define MODE      FIELD(mode, lsb_field_mode)
#define APPEND    FIELD(append, lsb_field_boolean)
#define FOLLOW    FIELD(follow, lsb_field_boolean)
#define PARENTS   FIELD(parents, lsb_field_boolean)
#define RECURSIVE FIELD(recursive, lsb_field_boolean)

static const LsbField user_only[] = {USER, LAST};
static const LsbField push_fields[] = {USER, PROGRESS, LAST};
static const LsbField pull_fields[] = {USER, PROGRESS, MAX_BYTES, LAST};
static const LsbField read_fields[] = {USER, OFFSET, LENGTH, MAX_BYTES, LAST};
static const LsbField write_fields[] = {USER, MODE, APPEND, LAST};
static const LsbField stat_fields[] = {USER, FOLLOW, LAST};
static const LsbField mkdir_fields[] = {USER, MODE, PARENTS, LAST};
static const LsbField remove_fields[] = {USER, RECURSIVE, LAST};

/* --- the operation on the stack --- */

static int operation_gc(lua_State *L)
{
    Operation *o = luaL_checkudata(L, 1, OPERATION);
    LsbFileOp *op = g_steal_pointer(&o->op);
    if (lsb_process_is(o->owner))
        lsb_file_op_free(op);
    return 0;
}

static Operation *new_operation(lua_State *L)
{
    Operation *o = lua_newuserdatauv(L, sizeof *o, 1);
    memset(o, 0, sizeof *o);
    o->owner = lsb_process_owner();
    luaL_setmetatable(L, OPERATION);
    lua_toclose(L, -1); /* so that an error, or cancelling the task, ends it at once */
    return o;
}

/* One call of a method. Stack: the sandbox, the arguments, the options or nil, the operation, a box
 * that owns what the options hold. */
typedef struct {
    LsbSandbox *sb;
    LsbSession *session;
    Operation *operation;
    int index; /* of the operation */
    Box *box;
    Options options;
} Call;

/* Fill CALL for the method OPERATION with so many ARGUMENTS between the sandbox and the options.
 * FALSE with call->box->error. */
static gboolean begin_operation(lua_State *L, Call *call, int arguments, const char *operation,
                      const LsbField *fields)
{
    *call = (Call){.options = {.mode = -1, .follow = TRUE, .length = G_MAXUINT64}};
    call->sb = lsbl_check_sandbox(L, 1);
    call->session = lsb_sandbox_session(call->sb);
    lua_settop(L, arguments + 2);
    call->operation = new_operation(L);
    call->index = lua_gettop(L);
    call->box = lsbl_box(L);
    gboolean ok = lsbl_read_options(L, arguments + 2, operation, fields, &call->options, call->box);
    call->box->text = call->options.user;
    return ok;
}

/* Conditions of waits. The operation is NULL once the userdata was closed. */
static gboolean operation_done(gpointer data)
{
    Operation *o = data;
    return !o->op || lsb_file_op_done(o->op);
}

static gboolean operation_gone(gpointer data)
{
    Operation *o = data;
    return !o->op || lsb_file_op_gone(o->op);
}

/* Free the operation as soon as its results are pushed, and not when the userdata is collected. */
static int after_operation(lua_State *L, int status, lua_KContext index)
{
    (void)status;
    Operation *o = lua_touserdata(L, (int)index);
    Box *box = lsbl_box(L);
    if (!lsb_file_op_result(o->op, &box->error)) {
        g_clear_pointer(&o->op, lsb_file_op_free);
        return lsbl_fail(L, box);
    }
    int results = o->push(L, o->op);
    g_clear_pointer(&o->op, lsb_file_op_free);
    return results;
}

/* Wait for OP, which is taken over; NULL where it could not begin, with call->box->error. */
static int await_operation(lua_State *L, Call *call, LsbFileOp *op, PushResults push)
{
    call->operation->op = op;
    call->operation->push = push;
    if (!op)
        return lsbl_fail(L, call->box);
    return lsbl_wait(L, operation_done, call->operation, -1, after_operation, call->index);
}

static int push_done(lua_State *L, LsbFileOp *op)
{
    (void)op;
    lua_pushboolean(L, TRUE);
    return 1;
}

/* --- push and pull --- */

static int push_summary(lua_State *L, LsbFileOp *op)
{
    const struct file_summary *s = lsb_tree_summary(op);
    lua_createtable(L, 0, 5);
    lsbl_set_integer(L, "files", (lua_Integer)s->files);
    lsbl_set_integer(L, "directories", (lua_Integer)s->directories);
    lsbl_set_integer(L, "links", (lua_Integer)s->links);
    lsbl_set_integer(L, "bytes", (lua_Integer)s->bytes);
    lua_createtable(L, (int)s->skipped_count, 0);
    for (size_t i = 0; i < s->skipped_count; i++) {
        lua_pushstring(L, *s->skipped[i] ? s->skipped[i] : "."); /* the source itself */
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "skipped");
    return 1;
}

static gboolean has_news(gpointer data)
{
    Operation *o = data;
    return operation_done(o) || lsb_tree_summary(o->op)->bytes != o->reported;
}

static int transfer_with_progress(lua_State *L, lua_KContext index);

static int raise_progress_error(lua_State *L, int status, lua_KContext index)
{
    (void)status;
    (void)index;
    return lua_error(L);
}

/* The progress function's error is on top. Raise it once nothing of the transfer is left. */
static int give_up_transfer(lua_State *L, lua_KContext index)
{
    enum { SECONDS_TO_TIDY_UP = 10 };
    Operation *o = lua_touserdata(L, (int)index);
    lsb_file_op_cancel(o->op);
    return lsbl_wait(L, operation_gone, o, SECONDS_TO_TIDY_UP, raise_progress_error, index);
}

/* The progress function has yielded, and has now returned or raised. */
static int after_progress_call(lua_State *L, int status, lua_KContext index)
{
    return status == LUA_OK || status == LUA_YIELD ? transfer_with_progress(L, index)
                                                   : give_up_transfer(L, index);
}

/*
 * Call the progress function where there is something new to tell. Returns its status, or LUA_OK.
 */
static int report_progress(lua_State *L, lua_KContext index)
{
    Operation *o = lua_touserdata(L, (int)index);
    guint64 bytes = lsb_tree_summary(o->op)->bytes;
    gboolean news = bytes != o->reported || (lsb_file_op_done(o->op) && !o->called);
    if (!news || (lsb_file_op_done(o->op) && !lsb_file_op_result(o->op, NULL)))
        return LUA_OK;
    o->reported = bytes;
    o->called = TRUE;
    lsbl_get_field(L, (int)index - 1, "progress");
    lua_pushinteger(L, (lua_Integer)bytes);
    lua_pushstring(L, lsb_tree_path(o->op));
    return lua_pcallk(L, 2, 0, 0, index, after_progress_call);
}

/* Whether the operation is over and the progress function knows of all bytes. */
static gboolean is_all_reported(const Operation *o)
{
    return lsb_file_op_done(o->op) &&
           (!lsb_file_op_result(o->op, NULL) ||
            (o->called && o->reported == lsb_tree_summary(o->op)->bytes));
}

/* A wait that yielded goes on here; a wait that blocked returns to transfer_with_progress(). */
static int after_news(lua_State *L, int status, lua_KContext index)
{
    return status == LUA_YIELD ? transfer_with_progress(L, index) : 0;
}

static int transfer_with_progress(lua_State *L, lua_KContext index)
{
    Operation *o = lua_touserdata(L, (int)index);
    while (!is_all_reported(o)) {
        if (!has_news(o))
            lsbl_wait(L, has_news, o, -1, after_news, index);
        if (report_progress(L, index) != LUA_OK)
            return give_up_transfer(L, index);
    }
    return after_operation(L, LUA_OK, index);
}

static int await_tree(lua_State *L, Call *call, LsbFileOp *op)
{
    if (!op || !call->options.progress)
        return await_operation(L, call, op, push_summary);
    call->operation->op = op;
    call->operation->push = push_summary;
    return transfer_with_progress(L, call->index);
}

/* sb:push(source, target, { progress = fn, user = }) -> summary | nil, message, code */
static int sandbox_push(lua_State *L)
{
    Call call;
    const char *source = lsbl_check_path(L, 2), *target = lsbl_check_path(L, 3);
    if (!begin_operation(L, &call, 2, "push", push_fields))
        return lsbl_fail(L, call.box);
    LsbFileOp *op =
        lsb_push_new(call.session, source, target, call.options.user, &call.box->error);
    return await_tree(L, &call, op);
}

/*
 * sb:pull(source, target, { progress = fn, max = bytes, user = }) -> summary | nil, message, code
 */
static int sandbox_pull(lua_State *L)
{
    /* bounded, because the guest decides how much it sends, and could fill the host's disk */
    static const guint64 usual_max = GiB;
    Call call;
    const char *source = lsbl_check_path(L, 2), *target = lsbl_check_path(L, 3);
    if (!begin_operation(L, &call, 2, "pull", pull_fields))
        return lsbl_fail(L, call.box);
    guint64 max = call.options.max ? call.options.max : usual_max;
    LsbFileOp *op =
        lsb_pull_new(call.session, source, target, call.options.user, max, &call.box->error);
    return await_tree(L, &call, op);
}

/* --- contents --- */

static int push_data(lua_State *L, LsbFileOp *op)
{
    gsize length;
    const guint8 *data = lsb_read_data(op, &length);
    lua_pushlstring(L, length ? (const char *)data : "", length);
    return 1;
}

/* sb:read(path, { offset = 0, length =, max =, user = }) -> string | nil, message, code */
static int sandbox_read(lua_State *L)
{
    Call call;
    const char *path = lsbl_check_path(L, 2);
    if (!begin_operation(L, &call, 1, "read", read_fields))
        return lsbl_fail(L, call.box);
    const Options *options = &call.options;
    guint64 max = options->max ? options->max : lsb_sandbox_description(call.sb)->max_output;
    LsbFileOp *op = lsb_read_new(call.session, path, options->offset, options->length, max,
                                 options->user, &call.box->error);
    return await_operation(L, &call, op, push_data);
}

/* The data is not copied: the operation's user value keeps Lua's string alive. */
static LsbFileOp *begin_write(lua_State *L, Call *call, const char *path)
{
    size_t length;
    const char *data = lua_tolstring(L, 3, &length);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, call->index, 1);
    g_autoptr(GBytes) bytes = g_bytes_new_static(data, length);
    return lsb_write_new(call->session, path, bytes, call->options.mode, call->options.append,
                         call->options.user, &call->box->error);
}

/* sb:write(path, data, { mode =, append = false, user = }) -> true | nil, message, code */
static int sandbox_write(lua_State *L)
{
    Call call;
    const char *path = lsbl_check_path(L, 2);
    luaL_checkstring(L, 3);
    if (!begin_operation(L, &call, 2, "write", write_fields))
        return lsbl_fail(L, call.box);
    return await_operation(L, &call, begin_write(L, &call, path), push_done);
}

/* --- directories --- */

static void push_stat_table(lua_State *L, const LsbFileStat *st)
{
    static const char *const types[] = {
        [FILE_REGULAR] = "file",      [FILE_DIRECTORY] = "directory",
        [FILE_SYMLINK] = "link",      [FILE_FIFO] = "fifo",
        [FILE_SOCKET] = "socket",     [FILE_CHARACTER] = "character device",
        [FILE_BLOCK] = "block device"};
    lua_createtable(L, 0, 9);
    lsbl_set_string(L, "type", types[st->type]);
    lsbl_set_integer(L, "size", (lua_Integer)st->size);
    lsbl_set_integer(L, "mode", (lua_Integer)st->mode);
    lsbl_set_integer(L, "uid", (lua_Integer)st->uid);
    lsbl_set_integer(L, "gid", (lua_Integer)st->gid);
    lsbl_set_number(L, "mtime", (lua_Number)st->mtime.tv_sec + (lua_Number)st->mtime.tv_nsec / 1e9);
    lsbl_set_integer(L, "mtime_nsec", (lua_Integer)st->mtime.tv_nsec);
    lsbl_set_string(L, "target", st->link);
    if (*st->name)
        lsbl_set_string(L, "name", st->name);
}

static int push_entries(lua_State *L, LsbFileOp *op)
{
    const GArray *entries = lsb_list_entries(op);
    lua_createtable(L, (int)MIN(entries->len, (guint)G_MAXINT), 0);
    for (guint i = 0; i < entries->len; i++) {
        push_stat_table(L, &g_array_index(entries, LsbFileStat, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int push_first_entry(lua_State *L, LsbFileOp *op)
{
    push_stat_table(L, &g_array_index(lsb_list_entries(op), LsbFileStat, 0));
    return 1;
}

/* sb:list(path, { user = }) -> { stat tables with name, sorted by it } | nil, message, code */
static int sandbox_list(lua_State *L)
{
    Call call;
    const char *path = lsbl_check_path(L, 2);
    if (!begin_operation(L, &call, 1, "list", user_only))
        return lsbl_fail(L, call.box);
    LsbFileOp *op = lsb_list_new(call.session, path, call.options.user, &call.box->error);
    return await_operation(L, &call, op, push_entries);
}

/* sb:stat(path, { follow = true, user = }) -> stat table | nil, message, code */
static int sandbox_stat(lua_State *L)
{
    Call call;
    const char *path = lsbl_check_path(L, 2);
    if (!begin_operation(L, &call, 1, "stat", stat_fields))
        return lsbl_fail(L, call.box);
    LsbFileOp *op =
        lsb_stat_new(call.session, path, call.options.follow, call.options.user, &call.box->error);
    return await_operation(L, &call, op, push_first_entry);
}

/* sb:mkdir(path, { parents = false, mode =, user = }) -> true | nil, message, code */
static int sandbox_mkdir(lua_State *L)
{
    Call call;
    const char *path = lsbl_check_path(L, 2);
    if (!begin_operation(L, &call, 1, "mkdir", mkdir_fields))
        return lsbl_fail(L, call.box);
    LsbFileOp *op = lsb_mkdir_new(call.session, path, call.options.mode, call.options.parents,
                                  call.options.user, &call.box->error);
    return await_operation(L, &call, op, push_done);
}

/* sb:remove(path, { recursive = false, user = }) -> true | nil, message, code */
static int sandbox_remove(lua_State *L)
{
    Call call;
    const char *path = lsbl_check_path(L, 2);
    if (!begin_operation(L, &call, 1, "remove", remove_fields))
        return lsbl_fail(L, call.box);
    LsbFileOp *op = lsb_remove_new(call.session, path, call.options.recursive, call.options.user,
                                   &call.box->error);
    return await_operation(L, &call, op, push_done);
}

/* sb:rename(from, to, { user = }) -> true | nil, message, code */
static int sandbox_rename(lua_State *L)
{
    Call call;
    const char *from = lsbl_check_path(L, 2), *to = lsbl_check_path(L, 3);
    if (!begin_operation(L, &call, 2, "rename", user_only))
        return lsbl_fail(L, call.box);
    LsbFileOp *op = lsb_rename_new(call.session, from, to, call.options.user, &call.box->error);
    return await_operation(L, &call, op, push_done);
}

const luaL_Reg lsbl_file_methods[] = {
    {"push", sandbox_push},
    {"pull", sandbox_pull},
    {"read", sandbox_read},
    {"write", sandbox_write},
    {"list", sandbox_list},
    {"stat", sandbox_stat},
    {"mkdir", sandbox_mkdir},
    {"remove", sandbox_remove},
    {"rename", sandbox_rename},
    {"watch", lsbl_sandbox_watch},
    {NULL, NULL},
};

void lsbl_open_files(lua_State *L)
{
    static const luaL_Reg metamethods[] = {
        {"__gc", operation_gc}, {"__close", operation_gc}, {NULL, NULL}};
    lsbl_open_type(L, OPERATION, metamethods, NULL);
}
