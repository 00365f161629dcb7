/* Reading a program's output in the pieces that file:read asks for. */
#include "session/reader.h"

#include <string.h>

#include "session/program.h"
#include "session/programoutput.h"
#include "shared/units.h"
#include "shared/wire.h"

enum {
    LONGEST_NUMERAL = 200,  /* as Lua's L_MAXLENNUM */
    KEPT_TAKEN = 64 * KiB, /* so many taken bytes are worth moving the others to the front */
};

void lsb_reader_init(LsbReader *r, LsbProgram *program, enum wire_stream stream)
{
    *r = (LsbReader){.program = program,
                     .stream = stream,
                     .bytes = g_byte_array_new(),
                     .most = (gsize)lsb_program_read_limit(program)};
}

void lsb_reader_clear(LsbReader *r)
{
    g_clear_pointer(&r->bytes, g_byte_array_unref);
    r->start = r->scanned = 0;
}

static gsize reader_held(const LsbReader *r)
{
    return r->bytes->len - r->start;
}

static const guint8 *first(const LsbReader *r)
{
    return r->bytes->data + r->start;
}

/* Take over the bytes that the program has now, at most a window. FALSE: there are none, or R is
 * full. */
static gboolean pull_bytes(LsbReader *r)
{
    gsize len;
    const guint8 *data = lsb_program_peek(r->program, r->stream, &len);
    len = MIN(len, r->most - MIN(r->most, reader_held(r)));
    if (len == 0)
        return FALSE;
    g_byte_array_append(r->bytes, data, (guint)len);
    lsb_program_consume(r->program, r->stream, len);
    return TRUE;
}

/* Whether the stream has ended and R has all of its bytes, which may come together with the end. */
static gboolean at_end(const LsbReader *r)
{
    gsize len;
    lsb_program_peek(r->program, r->stream, &len);
    return len == 0 && lsb_program_stream_ended(r->program, r->stream);
}

/* --- numerals: the grammar of Lua's l_getnum (liolib.c) --- */

typedef struct {
    const LsbReader *reader;
    gsize at;
    gboolean starved; /* the numeral may go on with a byte that has not come */
    gboolean too_long;
    int len;
    char text[LONGEST_NUMERAL + 1];
} Scan;

static int peek(Scan *s)
{
    if (s->at < reader_held(s->reader))
        return first(s->reader)[s->at];
    if (!at_end(s->reader))
        s->starved = TRUE;
    return -1;
}

static gboolean keep(Scan *s, int c)
{
    s->at++;
    if (s->len >= LONGEST_NUMERAL) {
        s->too_long = TRUE;
        return FALSE;
    }
    s->text[s->len++] = (char)c;
    return TRUE;
}

static gboolean one_of(Scan *s, const char *two)
{
    int c = s->too_long ? -1 : peek(s);
    return (c == two[0] || c == two[1]) && keep(s, c);
}

static int digits(Scan *s, gboolean hex)
{
    int n = 0;
    for (int c; !s->too_long && (c = peek(s)) >= 0 &&
                (hex ? g_ascii_isxdigit(c) : g_ascii_isdigit(c)) && keep(s, c);)
        n++;
    return n;
}

static void scan_numeral(Scan *s)
{
    gboolean hex = FALSE;
    int count = 0;
    for (int c; (c = peek(s)) >= 0 && (g_ascii_isspace(c) || c == '\v');)
        s->at++;
    one_of(s, "-+");
    if (one_of(s, "00")) {
        hex = one_of(s, "xX");
        count = !hex;
    }
    count += digits(s, hex);
    if (one_of(s, ".."))
        count += digits(s, hex);
    if (count > 0 && one_of(s, hex ? "pP" : "eE")) {
        one_of(s, "-+");
        digits(s, FALSE);
    }
    s->text[s->too_long ? 0 : s->len] = 0;
}

/* --- ready, and taking --- */

static void drop_taken(LsbReader *r)
{
    if (r->start == r->bytes->len)
        g_byte_array_set_size(r->bytes, 0);
    else if (r->start >= KEPT_TAKEN)
        g_byte_array_remove_range(r->bytes, 0, (guint)r->start);
    else
        return;
    r->start = 0;
}

/*
 * Drops white space at once, because a guest may send it for ever, to be scanned again each time.
 */
static void skip_numeral_space(LsbReader *r)
{
    while (reader_held(r) > 0 && (g_ascii_isspace(*first(r)) || *first(r) == '\v'))
        r->start++;
    r->scanned = 0;
    drop_taken(r);
}

static gboolean numeral_ready(LsbReader *r)
{
    skip_numeral_space(r);
    Scan s = {.reader = r};
    scan_numeral(&s);
    return !s.starved;
}

static gboolean line_ready(LsbReader *r)
{
    gsize held = reader_held(r);
    if (held > r->scanned && memchr(first(r) + r->scanned, '\n', held - r->scanned))
        return TRUE;
    r->scanned = held;
    return FALSE;
}

static gboolean enough(LsbReader *r, const LsbReadFormat *f)
{
    switch (f->kind) {
    case LSB_READ_LINE:
        return line_ready(r);
    case LSB_READ_COUNT:
        return reader_held(r) >= MAX(f->count, 1);
    case LSB_READ_NUMERAL:
        return numeral_ready(r);
    default:
        return FALSE; /* LSB_READ_ALL is ready at the end only */
    }
}

gboolean lsb_reader_ready(LsbReader *r, const LsbReadFormat *f)
{
    do
        if (enough(r, f))
            return TRUE;
    while (pull_bytes(r));
    return at_end(r) || lsb_reader_too_much(r, f);
}

gboolean lsb_reader_too_much(LsbReader *r, const LsbReadFormat *f)
{
    gsize more;
    if (reader_held(r) < r->most || enough(r, f))
        return FALSE;
    lsb_program_peek(r->program, r->stream, &more);
    return more > 0;
}

static gsize line_length(const LsbReader *r)
{
    const guint8 *newline = memchr(first(r), '\n', reader_held(r));
    return newline ? (gsize)(newline - first(r)) + 1 : reader_held(r);
}

/* Mark the bytes as taken; they stay valid until the next call. */
static void reader_take(LsbReader *r, gsize n, const char **data, gsize *len)
{
    *data = (const char *)first(r);
    *len = n;
    r->start += n;
    r->scanned = 0;
}

static gboolean take_numeral(LsbReader *r, const char **data, gsize *len)
{
    static Scan s; /* static, because the text outlives the call; main context only */
    s = (Scan){.reader = r};
    scan_numeral(&s);
    reader_take(r, s.at, data, len);
    *data = s.text;
    *len = strlen(s.text);
    return TRUE;
}

gboolean lsb_reader_take(LsbReader *r, const LsbReadFormat *f, const char **data, gsize *len)
{
    drop_taken(r);
    if (f->kind == LSB_READ_NUMERAL)
        return take_numeral(r, data, len);
    gboolean any = reader_held(r) > 0;
    reader_take(r,
         f->kind == LSB_READ_LINE    ? line_length(r)
         : f->kind == LSB_READ_COUNT ? MIN(f->count, reader_held(r))
                                     : reader_held(r),
         data, len);
    return any || f->kind == LSB_READ_ALL;
}
