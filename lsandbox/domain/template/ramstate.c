/* Splitting the stream of QEMU's state: the memory into a file, everything else passed on. */
#include "domain/template/ramstate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "shared/units.h"
#include "shared/writeall.h"

enum {
    MAGIC = 0x5145564d, /* "QEVM" */
    VERSION = 3,
    RAM_VERSION = 4,
    PAGE = 4096,
    LONGEST_NAME = 255,
    BUFFER = 256 * KiB,
};

/* The first byte of a section. */
enum {
    END_OF_FILE = 0,
    SECTION_START = 1,
    SECTION_PART = 2,
    SECTION_END = 3,
    CONFIGURATION = 7,
    COMMAND = 8,
    FOOTER = 0x7e,
};

/* The only command among the sections of the memory: before the last one, since QEMU 10.0. */
enum { SWITCHOVER_START = 11 };

/* Flags in the low bits of a page's address. */
enum {
    FLAG_ZERO = 0x02,
    FLAG_SIZES = 0x04,
    FLAG_PAGE = 0x08,
    FLAG_END = 0x10,
    FLAG_SAME_BLOCK = 0x20,
    FLAGS = PAGE - 1,
};

typedef struct {
    int from, memory, to;
    guint64 size;
    const char *name;             /* the name that the memory's block gets */
    char main[LONGEST_NAME + 1];  /* the name that it has in FROM */
    char block[LONGEST_NAME + 1]; /* the name of the previous page's block */
    gboolean in_main;             /* that block is the memory's */
    guint64 run_at, run;          /* offset and length of pages that are not written yet */
    gsize in_at, in_end, out_end;
    int errnum; /* of the first call that failed; 0: the stream has ended, or is of another form */
    guint8 *in, *out, *pages;
} Split;

/* --- bytes in and out --- */

static gboolean note_errno(Split *s)
{
    s->errnum = s->errnum ? s->errnum : errno;
    return FALSE;
}

static gboolean fill_buffer(Split *s)
{
    ssize_t n;
    do
        n = read(s->from, s->in, BUFFER);
    while (n < 0 && errno == EINTR);
    s->in_at = 0;
    s->in_end = (gsize)MAX(n, 0);
    return n > 0 || (n < 0 && note_errno(s));
}

static gboolean take_bytes(Split *s, void *bytes, gsize length)
{
    for (guint8 *at = bytes; length > 0;) {
        if (s->in_at == s->in_end && !fill_buffer(s))
            return FALSE;
        gsize n = MIN(length, s->in_end - s->in_at);
        memcpy(at, s->in + s->in_at, n);
        s->in_at += n;
        at += n;
        length -= n;
    }
    return TRUE;
}

static gboolean flush_output(Split *s)
{
    gsize length = s->out_end;
    s->out_end = 0;
    return write_all(s->to, s->out, length) == 0 || note_errno(s);
}

static gboolean put_bytes(Split *s, const void *bytes, gsize length)
{
    if (s->out_end + length > BUFFER && !flush_output(s))
        return FALSE;
    memcpy(s->out + s->out_end, bytes, length);
    s->out_end += length;
    return TRUE;
}

/* Read a big-endian number; where PASS, write it to TO as well. */
static gboolean take_number(Split *s, gsize bytes, guint64 *value, gboolean pass)
{
    guint8 raw[8];
    *value = 0;
    if (!take_bytes(s, raw, bytes))
        return FALSE;
    for (gsize i = 0; i < bytes; i++)
        *value = *value << 8 | raw[i];
    return !pass || put_bytes(s, raw, bytes);
}

static gboolean put_big_endian(Split *s, gsize bytes, guint64 value)
{
    guint8 raw[8];
    for (gsize i = 0; i < bytes; i++)
        raw[i] = (guint8)(value >> 8 * (bytes - 1 - i));
    return put_bytes(s, raw, bytes);
}

static gboolean pass_value(Split *s, gsize bytes, guint64 expected)
{
    guint64 value;
    return take_number(s, bytes, &value, TRUE) && value == expected;
}

/* Read a name that begins with its length in a byte. */
static gboolean take_block_name(Split *s, char name[LONGEST_NAME + 1])
{
    guint64 length;
    if (!take_number(s, 1, &length, FALSE) || !take_bytes(s, name, length))
        return FALSE;
    name[length] = 0;
    return strlen(name) == length;
}

static gboolean put_block_name(Split *s, const char *name)
{
    return put_big_endian(s, 1, strlen(name)) && put_bytes(s, name, strlen(name));
}

/* --- the memory --- */

static gboolean write_run(Split *s)
{
    guint64 length = s->run;
    s->run = 0;
    return write_all_at(s->memory, s->pages, length, (off_t)s->run_at) == 0 || note_errno(s);
}

/* Most pages follow each other, so many are written at once. */
static gboolean keep_page(Split *s, guint64 at)
{
    if ((s->run && (at != s->run_at + s->run || s->run + PAGE > BUFFER)) && !write_run(s))
        return FALSE;
    if (!s->run)
        s->run_at = at;
    s->run += PAGE;
    return take_bytes(s, s->pages + s->run - PAGE, PAGE);
}

/* "pc.ram" is the block that QEMU allocates; the other name is of one that lsandbox gave it. */
static gboolean is_main(const Split *s, const char *name, guint64 length)
{
    return length == s->size && (strcmp(name, "pc.ram") == 0 || strcmp(name, s->name) == 0);
}

/* The list of blocks with their sizes, which are TOTAL together. */
static gboolean pass_blocks(Split *s, guint64 total)
{
    char name[LONGEST_NAME + 1];
    guint64 length;
    while (total > 0) {
        if (!take_block_name(s, name) || !take_number(s, 8, &length, FALSE) || length > total)
            return FALSE;
        gboolean found = is_main(s, name, length);
        if (found)
            strcpy(s->main, name);
        if (!put_block_name(s, found ? s->name : name) || !put_big_endian(s, 8, length))
            return FALSE;
        total -= length;
    }
    return *s->main != 0;
}

/* QEMU omits the name of the previous page's block; write it where that page was left out. */
static gboolean put_place(Split *s, guint64 at, guint64 flags, gboolean was_main)
{
    gboolean name = !(flags & FLAG_SAME_BLOCK) || was_main;
    return put_big_endian(s, 8, at | (name ? flags & ~(guint64)FLAG_SAME_BLOCK : flags)) &&
           (!name || put_block_name(s, s->block));
}

static gboolean pass_page(Split *s, guint64 at, guint64 flags)
{
    guint8 bytes[PAGE];
    gsize length = flags & FLAG_PAGE ? PAGE : 1;
    gboolean skipped = s->in_main;
    if (!(flags & FLAG_SAME_BLOCK)) {
        if (!take_block_name(s, s->block))
            return FALSE;
        s->in_main = strcmp(s->block, s->main) == 0;
    }
    if (s->in_main && (at > s->size - PAGE || !*s->main))
        return FALSE;
    if (s->in_main && flags & FLAG_PAGE)
        return keep_page(s, at);
    return take_bytes(s, bytes, length) &&
           (s->in_main || (put_place(s, at, flags, skipped) && put_bytes(s, bytes, length)));
}

/* The pages of one section. */
static gboolean pass_pages(Split *s)
{
    enum { KNOWN = FLAG_ZERO | FLAG_PAGE };
    for (guint64 place; take_number(s, 8, &place, FALSE);) {
        guint64 flags = place & FLAGS, at = place - flags, kind = flags & ~(guint64)FLAG_SAME_BLOCK;
        if (kind == FLAG_END)
            return put_big_endian(s, 8, place);
        if (kind == FLAG_SIZES) {
            if (!put_big_endian(s, 8, place) || !pass_blocks(s, at))
                return FALSE;
        } else if (!(kind & KNOWN) || (kind & ~(guint64)KNOWN) || kind == KNOWN ||
                   !pass_page(s, at, flags)) {
            return FALSE;
        }
    }
    return FALSE;
}

/* --- sections --- */

/* QEMU's machine type. Nothing follows it for a machine of the type that lsandbox starts. */
static gboolean pass_configuration(Split *s)
{
    char name[LONGEST_NAME];
    guint64 length;
    return pass_value(s, 1, CONFIGURATION) && take_number(s, 4, &length, TRUE) &&
           length <= sizeof name && take_bytes(s, name, length) && put_bytes(s, name, length);
}

static gboolean pass_start(Split *s, guint64 *id)
{
    char name[LONGEST_NAME + 1];
    guint64 instance;
    return pass_value(s, 1, SECTION_START) && take_number(s, 4, id, TRUE) &&
           take_block_name(s, name) && strcmp(name, "ram") == 0 && put_block_name(s, name) &&
           take_number(s, 4, &instance, TRUE) && pass_value(s, 4, RAM_VERSION);
}

static gboolean pass_footer(Split *s, guint64 id)
{
    return pass_value(s, 1, FOOTER) && pass_value(s, 4, id);
}

/* The rest of what begins with TYPE: a section, or the command, which has no data. */
static gboolean pass_part(Split *s, guint64 id, guint64 type)
{
    if (type == COMMAND)
        return pass_value(s, 2, SWITCHOVER_START) && pass_value(s, 2, 0);
    return (type == SECTION_PART || type == SECTION_END) && pass_value(s, 4, id) && pass_pages(s) &&
           pass_footer(s, id);
}

static gboolean pass_memory(Split *s)
{
    guint64 id, type;
    if (!pass_start(s, &id) || !pass_pages(s) || !pass_footer(s, id))
        return FALSE;
    do {
        if (!take_number(s, 1, &type, TRUE) || !pass_part(s, id, type))
            return FALSE;
    } while (type != SECTION_END);
    return write_run(s);
}

static gboolean pass_rest(Split *s)
{
    do {
        if (!put_bytes(s, s->in + s->in_at, s->in_end - s->in_at))
            return FALSE;
        s->in_at = s->in_end;
    } while (fill_buffer(s));
    return !s->errnum && flush_output(s);
}

gboolean lsb_ramstate_split(int from, guint64 size, const char *name, int memory, int to,
                            GError **error)
{
    g_autofree guint8 *in = g_malloc(BUFFER), *out = g_malloc(BUFFER), *pages = g_malloc(BUFFER);
    Split s = {.from = from,
               .memory = memory,
               .to = to,
               .size = size,
               .name = name,
               .in = in,
               .out = out,
               .pages = pages};
    gboolean ok = ftruncate(memory, (off_t)size) == 0 || note_errno(&s);
    if (ok && pass_value(&s, 4, MAGIC) && pass_value(&s, 4, VERSION) && pass_configuration(&s) &&
        pass_memory(&s) && pass_rest(&s))
        return TRUE;
    if (!s.errnum)
        return lsb_fail(error, UNSUPPORTED,
                        "this QEMU writes a machine's state in a form that is "
                        "not known here");
    lsb_set_errno(error, s.errnum, "cannot write the machine's memory");
    return FALSE;
}
