#include <string.h>

#include "binding.h"
#include "wait.h"

typedef struct {
    LsbProgram *program; /* NULL: closed */
    enum wire_stream stream;
} StreamObject;

static StreamObject *check_open(lua_State *L)
{
    StreamObject *s = luaL_checkudata(L, 1, LSBL_STREAM);
    if (!s->program)
        luaL_error(L, "this stream is closed");
    return s;
}

void lsbl_push_stream(lua_State *L, LsbProgram *program, enum wire_stream stream)
{
    StreamObject *s = lua_newuserdatauv(L, sizeof *s, 0);
    s->program = NULL;
    s->stream = stream;
    luaL_setmetatable(L, LSBL_STREAM);
    s->program = lsb_program_ref(program);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static gboolean has_bytes_or_end(gpointer data)
{
    StreamObject *s = data;
    gsize len;
    lsb_program_peek(s->program, s->stream, &len);
    return len > 0 || lsb_program_stream_ended(s->program, s->stream);
}

/* Wait for bytes; FALSE at the end of the stream. */
static gboolean fill(StreamObject *s, const char **data, gsize *len)
{
    lsb_wait_until(has_bytes_or_end, s, -1); /* the end comes with the sandbox's at the latest */
    *data = (const char *)lsb_program_peek(s->program, s->stream, len);
    return *len > 0;
}

/* Move up to MOST bytes into B; the bytes are consumed only after they are safely in Lua's hands.
 */
static gsize move(StreamObject *s, luaL_Buffer *b, gsize most)
{
    const char *data;
    gsize len;
    if (!fill(s, &data, &len))
        return 0;
    gsize n = MIN(len, most);
    luaL_addlstring(b, data, n);
    lsb_program_consume(s->program, s->stream, n);
    return n;
}

static int read_all(lua_State *L, StreamObject *s)
{
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    while (move(s, &b, G_MAXSIZE) > 0)
        ;
    luaL_pushresult(&b);
    return TRUE;
}

static int read_count(lua_State *L, StreamObject *s, gsize n)
{
    luaL_Buffer b;
    const char *data;
    gsize len, got, total = 0;
    if (n == 0) {
        lua_pushliteral(L, "");
        return fill(s, &data, &len);
    }
    luaL_buffinit(L, &b);
    while (total < n && (got = move(s, &b, n - total)) > 0)
        total += got;
    luaL_pushresult(&b);
    return total > 0;
}

static int read_line(lua_State *L, StreamObject *s, gboolean keep_newline)
{
    luaL_Buffer b;
    const char *data, *newline = NULL;
    gsize len;
    gboolean any = FALSE;
    luaL_buffinit(L, &b);
    while (!newline && fill(s, &data, &len)) {
        newline = memchr(data, '\n', len);
        gsize line = newline ? (gsize)(newline - data) : len;
        luaL_addlstring(&b, data, newline && keep_newline ? line + 1 : line);
        lsb_program_consume(s->program, s->stream, newline ? line + 1 : line);
        any = TRUE;
    }
    luaL_pushresult(&b);
    return any;
}

/* Read by one format of io's file:read; pushes one value and says whether there was something. */
static int read_format(lua_State *L, StreamObject *s, int index)
{
    if (lua_type(L, index) == LUA_TNUMBER) {
        lua_Integer n = luaL_checkinteger(L, index);
        luaL_argcheck(L, n >= 0, index, "expected a number of bytes from 0");
        return read_count(L, s, (gsize)n);
    }
    const char *format = luaL_checkstring(L, index);
    switch (format[*format == '*']) {
    case 'a':
        return read_all(L, s);
    case 'l':
    case 'L':
        return read_line(L, s, format[*format == '*'] == 'L');
    default:
        return luaL_argerror(L, index, "invalid format: expected \"a\", \"l\", \"L\" or a number");
    }
}

static StreamObject *check_readable(lua_State *L)
{
    StreamObject *s = check_open(L);
    if (s->stream == WIRE_STDIN)
        luaL_error(L, "stdin is for writing");
    return s;
}

/* stream:read(format ...) -> values as io's file:read; "a", "l", "L" and numbers */
static int stream_read(lua_State *L)
{
    StreamObject *s = check_readable(L);
    int last = lua_gettop(L);
    if (last == 1) {
        lua_pushliteral(L, "l");
        last = 2;
    }
    for (int i = 2; i <= last; i++) {
        luaL_checkstack(L, 2, "too many formats");
        if (!read_format(L, s, i)) {
            lua_pop(L, 1);
            lua_pushnil(L);
            return i - 1;
        }
    }
    return last - 1;
}

static int next_line(lua_State *L)
{
    StreamObject *s = lua_touserdata(L, lua_upvalueindex(1));
    if (!s->program)
        return luaL_error(L, "this stream is closed");
    if (!read_format(L, s, lua_upvalueindex(2)))
        lua_pushnil(L);
    return 1;
}

/* stream:lines([format]) -> iterator */
static int stream_lines(lua_State *L)
{
    check_readable(L);
    if (lua_isnoneornil(L, 2)) {
        lua_settop(L, 1);
        lua_pushliteral(L, "l");
    }
    lua_settop(L, 2);
    lua_pushcclosure(L, next_line, 2);
    return 1;
}

/* --- writing and closing -----------------------------------------------------------------------
 */

static int push_broken_pipe(lua_State *L)
{
    lua_pushnil(L);
    lua_pushliteral(L, "the program reads no more");
    lua_pushliteral(L, "EPIPE");
    return 3;
}

/* In pieces, so that a long string is not queued a second time as a whole. */
static gboolean write_all(LsbProgram *p, const char *data, gsize len)
{
    enum { PIECE = 1024 * 1024 };
    gboolean open;
    do {
        gsize n = MIN(len, PIECE);
        open = lsb_program_write(p, data, n);
        lsb_wait_until(lsb_program_writable, p, -1);
        data += n;
        len -= n;
    } while (open && len > 0);
    return open;
}

/* stream:write(string ...) -> stream | nil, message, "EPIPE". Waits while the program is slow to
 * read. */
static int stream_write(lua_State *L)
{
    StreamObject *s = check_open(L);
    if (s->stream != WIRE_STDIN)
        return luaL_error(L, "stdout and stderr are for reading");
    int last = lua_gettop(L);
    for (int i = 2; i <= last; i++) {
        size_t len;
        const char *data = luaL_checklstring(L, i, &len);
        if (!write_all(s->program, data, len))
            return push_broken_pipe(L);
    }
    lua_settop(L, 1);
    return 1;
}

/* stream:close(): for stdin the program sees the end of its input; harmless twice */
static int stream_close(lua_State *L)
{
    StreamObject *s = luaL_checkudata(L, 1, LSBL_STREAM);
    LsbProgram *p = g_steal_pointer(&s->program);
    if (!p)
        return 0;
    if (s->stream == WIRE_STDIN)
        lsb_program_close_input(p);
    else
        lsb_program_close_output(p, s->stream);
    lsb_program_unref(p);
    lua_pushboolean(L, TRUE);
    return 1;
}

/* Collected, not closed: the program goes on. */
static int stream_gc(lua_State *L)
{
    StreamObject *s = luaL_checkudata(L, 1, LSBL_STREAM);
    g_clear_pointer(&s->program, lsb_program_unref);
    return 0;
}

static const luaL_Reg methods[] = {
    {"read", stream_read},
    {"lines", stream_lines},
    {"write", stream_write},
    {"close", stream_close},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__gc", stream_gc},
    {"__close", stream_close},
    {NULL, NULL},
};

void lsbl_open_stream(lua_State *L)
{
    if (luaL_newmetatable(L, LSBL_STREAM)) {
        luaL_setfuncs(L, metamethods, 0);
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
    }
    lua_pop(L, 1);
}
