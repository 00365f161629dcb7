/* The stream object: a standard stream of a program, with the methods of Lua's files. */
#include "lua/lua_stream.h"

#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "base/ownprocess.h"
#include "lua/lua_loop.h"
#include "lua/lua_owner.h"
#include "lua/lua_push.h"
#include "lua/lua_type.h"
#include "session/program.h"
#include "session/programinput.h"
#include "session/programoutput.h"
#include "session/reader.h"
#include "shared/units.h"
#include "shared/wire.h"

#define STREAM "lsandbox.stream"

typedef enum { BUFFER_NO, BUFFER_FULL, BUFFER_LINE } Buffering;

typedef struct {
    LsbProgram *program; /* NULL: closed */
    pid_t owner;         /* the process that made it */
    enum wire_stream stream;
    LsbReader reader;    /* stdout, stderr */
    GByteArray *pending; /* stdin: what setvbuf() holds back */
    Buffering buffering;
    gsize buffer_size;
} StreamObject;

const char *const lsbl_stream_names[LSBL_STREAMS] = {
    [WIRE_STDIN] = "stdin", [WIRE_STDOUT] = "stdout", [WIRE_STDERR] = "stderr"};

static StreamObject *check_stream(lua_State *L)
{
    StreamObject *s = luaL_checkudata(L, 1, STREAM);
    if (!s->program)
        luaL_error(L, "this stream is closed");
    lsbl_check_owner(L, s->owner, "this stream");
    return s;
}

void lsbl_push_stream(lua_State *L, LsbProgram *program, enum wire_stream stream)
{
    StreamObject *s = lua_newuserdatauv(L, sizeof *s, 0);
    memset(s, 0, sizeof *s);
    s->stream = stream;
    s->owner = lsb_process_owner();
    luaL_setmetatable(L, STREAM);
    s->program = lsb_program_ref(program);
    lsb_reader_init(&s->reader, program, stream);
    s->pending = g_byte_array_new();
}

static LsbProgram *clear_stream(StreamObject *s)
{
    lsb_reader_clear(&s->reader);
    g_clear_pointer(&s->pending, g_byte_array_unref);
    return g_steal_pointer(&s->program);
}

/* --- reading --- */

static StreamObject *check_readable(lua_State *L)
{
    StreamObject *s = check_stream(L);
    if (s->stream == WIRE_STDIN)
        luaL_error(L, "stdin is for writing");
    return s;
}

/* The format at INDEX, as of io's file:read. *KEEP: a line keeps its newline. */
static LsbReadFormat check_format(lua_State *L, int index, gboolean *keep)
{
    *keep = FALSE;
    if (lua_type(L, index) == LUA_TNUMBER) {
        lua_Integer n = luaL_checkinteger(L, index);
        luaL_argcheck(L, n >= 0, index, "expected a number of bytes from 0");
        return (LsbReadFormat){LSB_READ_COUNT, (gsize)n};
    }
    const char *format = luaL_checkstring(L, index);
    char letter = format[*format == '*'];
    *keep = letter == 'L';
    switch (letter) {
    case 'a':
        return (LsbReadFormat){.kind = LSB_READ_ALL};
    case 'n':
        return (LsbReadFormat){.kind = LSB_READ_NUMERAL};
    case 'l':
    case 'L':
        return (LsbReadFormat){.kind = LSB_READ_LINE};
    default:
        luaL_argerror(L, index, "invalid format: expected \"n\", \"a\", \"l\", \"L\" or a number");
        return (LsbReadFormat){.kind = LSB_READ_ALL};
    }
}

/* What a read waits for. */
typedef struct {
    StreamObject *s;
    LsbReadFormat format;
} Want;

static gboolean want_met(gpointer data)
{
    Want *w = data;
    return !w->s->program || lsb_reader_ready(&w->s->reader, &w->format);
}

/* Push what FORMAT, which is ready, reads. FALSE: it reads nothing, and nil is pushed. */
static gboolean push_read_value(lua_State *L, StreamObject *s, const LsbReadFormat *format,
                           gboolean keep)
{
    const char *data;
    gsize len;
    gboolean any = lsb_reader_take(&s->reader, format, &data, &len);
    if (format->kind == LSB_READ_LINE && !keep && len > 0 && data[len - 1] == '\n')
        len--;
    if (!any)
        lua_pushnil(L);
    else if (format->kind != LSB_READ_NUMERAL)
        lua_pushlstring(L, len ? data : "", len);
    else if (lua_stringtonumber(L, data) == 0) {
        lua_pushnil(L);
        any = FALSE;
    }
    return any;
}

static int push_too_much(lua_State *L, const StreamObject *s)
{
    const char *message = lua_pushfstring(
        L, "max_output: this read takes more than %I bytes; read in pieces, or raise max_output",
        (lua_Integer)lsb_program_read_limit(s->program));
    return lsbl_push_failure(L, message, "output-limit");
}

/* The formats are at 2 ... LAST, the values that were read above them, and the next format is at I.
 * The context of a wait holds LAST * FORMATS + I. */
enum { FORMATS = 1 << 16 };

static int read_from(lua_State *L, int last, int i);

/* The Want is on top. */
static int read_resumed(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    lua_pop(L, 1);
    return read_from(L, (int)(ctx / FORMATS), (int)(ctx % FORMATS));
}

static int read_from(lua_State *L, int last, int i)
{
    StreamObject *s = check_readable(L);
    gboolean keep;
    for (; i <= last; i++) {
        luaL_checkstack(L, 4, "too many formats");
        LsbReadFormat format = check_format(L, i, &keep);
        if (!lsb_reader_ready(&s->reader, &format)) {
            Want *w = lua_newuserdatauv(L, sizeof *w, 0);
            *w = (Want){s, format};
            return lsbl_wait(L, want_met, w, -1, read_resumed, (lua_KContext)last * FORMATS + i);
        }
        if (lsb_reader_too_much(&s->reader, &format))
            return push_too_much(L, s);
        if (!push_read_value(L, s, &format, keep))
            return i - 1;
    }
    return last - 1;
}

/* stream:read(format ...) -> values as io's file:read */
static int stream_read(lua_State *L)
{
    check_readable(L);
    if (lua_gettop(L) == 1)
        lua_pushliteral(L, "l");
    int last = lua_gettop(L);
    luaL_argcheck(L, last < FORMATS, last, "too many formats");
    return read_from(L, last, 2);
}

/* Upvalues: the number of formats, the stream, the formats. */
static int next_values(lua_State *L)
{
    int n = (int)lua_tointeger(L, lua_upvalueindex(1));
    lua_settop(L, 0);
    luaL_checkstack(L, n + 1, "too many formats");
    for (int i = 0; i <= n; i++)
        lua_pushvalue(L, lua_upvalueindex(2 + i));
    return read_from(L, n + 1, 2);
}

/* stream:lines(format ...) -> iterator, as io's file:lines */
static int stream_lines(lua_State *L)
{
    enum { MOST = 250 }; /* as MAXARGLINE of Lua's liolib.c: a closure has 255 upvalues */
    gboolean keep;
    check_readable(L);
    if (lua_gettop(L) == 1)
        lua_pushliteral(L, "l");
    int n = lua_gettop(L) - 1;
    luaL_argcheck(L, n <= MOST, MOST + 2, "too many formats");
    for (int i = 2; i <= n + 1; i++)
        check_format(L, i, &keep);
    lua_pushinteger(L, n);
    lua_insert(L, 1);
    lua_pushcclosure(L, next_values, n + 2);
    return 1;
}

/* --- writing --- */

static StreamObject *check_writable(lua_State *L)
{
    StreamObject *s = check_stream(L);
    if (s->stream != WIRE_STDIN)
        luaL_error(L, "%s is for reading", lsbl_stream_names[s->stream]);
    return s;
}

static int push_broken_pipe(lua_State *L)
{
    return lsbl_push_failure(L, "the program reads no more", "EPIPE");
}

static gboolean room_or_closed(gpointer data)
{
    StreamObject *s = data;
    return !s->program || lsb_program_writable(s->program);
}

static int push_self(lua_State *L, int status, lua_KContext ctx)
{
    (void)status;
    (void)ctx;
    lua_pushvalue(L, 1);
    return 1;
}

/* Write what setvbuf() held back, and wait until the queue to the guest is short. */
static int write_pending(lua_State *L, StreamObject *s)
{
    gboolean open =
        s->pending->len == 0 || lsb_program_write(s->program, s->pending->data, s->pending->len);
    g_byte_array_set_size(s->pending, 0);
    return open ? lsbl_wait(L, room_or_closed, s, -1, push_self, 0) : push_broken_pipe(L);
}

/* A GByteArray counts in 32 bits, and aborts the process when it grows beyond. */
enum { MOST_HELD = 1 << 30 };

static int write_held_back(lua_State *L, StreamObject *s)
{
    gboolean line = FALSE;
    for (int i = 2, last = lua_gettop(L); i <= last; i++) {
        size_t len;
        const char *data = luaL_checklstring(L, i, &len);
        luaL_argcheck(L, len <= MOST_HELD - s->pending->len, i, "too long for a buffered write");
        g_byte_array_append(s->pending, (const guint8 *)data, (guint)len);
        line |= memchr(data, '\n', len) != NULL;
    }
    if (s->pending->len >= s->buffer_size || (line && s->buffering == BUFFER_LINE))
        return write_pending(L, s);
    return push_self(L, LUA_OK, 0);
}

/*
 * The arguments are at 2 ...; on top is how much of argument I is written. Strings are written in
 * pieces, so that the queue does not hold a second copy of a long one.
 */
static int write_on(lua_State *L, int status, lua_KContext i)
{
    enum { PIECE = MiB };
    StreamObject *s = check_writable(L);
    gsize offset = (gsize)lua_tointeger(L, -1);
    lua_pop(L, 1);
    (void)status;
    for (int last = lua_gettop(L); i <= last; i++, offset = 0) {
        size_t len;
        const char *data = luaL_checklstring(L, (int)i, &len);
        while (offset < len) {
            gsize n = MIN(len - offset, PIECE);
            if (!lsb_program_write(s->program, data + offset, n))
                return push_broken_pipe(L);
            offset += n;
            if (lsb_program_writable(s->program))
                continue;
            lua_pushinteger(L, (lua_Integer)offset);
            return lsbl_wait(L, room_or_closed, s, -1, write_on, i);
        }
    }
    return push_self(L, LUA_OK, 0);
}

/* stream:write(string | number ...) -> stream | nil, message, "EPIPE". Waits while the program is
 * slow to read. */
static int stream_write(lua_State *L)
{
    StreamObject *s = check_writable(L);
    luaL_checkstack(L, 4, "too many arguments");
    if (s->buffering != BUFFER_NO)
        return write_held_back(L, s);
    lua_pushinteger(L, 0);
    return write_on(L, LUA_OK, 2);
}

/* stream:flush() -> stream | nil, message, "EPIPE" */
static int stream_flush(lua_State *L)
{
    StreamObject *s = check_writable(L);
    lua_settop(L, 1);
    return write_pending(L, s);
}

/* stream:setvbuf("no" | "full" | "line" [, size]) -> true | nil, message, code. Only stdin has it;
 * the default is "no". */
static int stream_setvbuf(lua_State *L)
{
    static const char *const modes[] = {"no", "full", "line", NULL};
    enum { USUAL = 64 * KiB, MOST = 64 * MiB };
    StreamObject *s = check_writable(L);
    Buffering mode = (Buffering)luaL_checkoption(L, 2, NULL, modes);
    lua_Integer size = luaL_optinteger(L, 3, USUAL);
    luaL_argcheck(L, size >= 1 && size <= MOST, 3, "expected a size from 1 to 67108864");
    s->buffering = mode;
    s->buffer_size = (gsize)size;
    lua_settop(L, 1);
    if (mode == BUFFER_NO && s->pending->len > 0)
        return write_pending(L, s);
    lua_pushboolean(L, TRUE);
    return 1;
}

/* --- closing --- */

static void write_rest(StreamObject *s)
{
    if (s->program && s->pending->len > 0)
        lsb_program_write(s->program, s->pending->data, s->pending->len);
}

/* stream:close() -> true. Closing stdin is the end of the program's input. Harmless twice. */
static int stream_close(lua_State *L)
{
    StreamObject *s = luaL_checkudata(L, 1, STREAM);
    gboolean own = lsb_process_is(s->owner);
    if (own)
        write_rest(s);
    LsbProgram *p = clear_stream(s);
    if (!own)
        p = NULL;
    if (p && s->stream == WIRE_STDIN)
        lsb_program_close_input(p);
    else if (p)
        lsb_program_close_output(p, s->stream);
    lsb_program_unref(p);
    lua_pushboolean(L, TRUE);
    return 1;
}

/* An object that is collected without having been closed leaves the program's stream open. */
static int stream_gc(lua_State *L)
{
    StreamObject *s = luaL_checkudata(L, 1, STREAM);
    if (!lsb_process_is(s->owner))
        return 0;
    write_rest(s);
    lsb_program_unref(clear_stream(s));
    return 0;
}

static int stream_tostring(lua_State *L)
{
    StreamObject *s = luaL_checkudata(L, 1, STREAM);
    lua_pushfstring(L, "lsandbox.stream (%s)",
                    s->program ? lsbl_stream_names[s->stream] : "closed");
    return 1;
}

static const luaL_Reg methods[] = {
    {"read", stream_read},
    {"lines", stream_lines},
    {"write", stream_write},
    {"flush", stream_flush},
    {"setvbuf", stream_setvbuf},
    {"close", stream_close},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", stream_gc},
    {"__close", stream_close},
    {"__tostring", stream_tostring},
    {NULL, NULL},
};

void lsbl_open_stream(lua_State *L)
{
    lsbl_open_type(L, STREAM, metamethods, methods);
}
