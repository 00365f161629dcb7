/*
 * Taking a machine's saved state apart: pages go to their places, the block is renamed, the rest is
 * passed on; also from streams that are cut short, or that a hostile QEMU has written.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "fixture.h"
#include "domain/template/ramstate.h"

enum { PAGE = 4096, SIZE = 4 * PAGE, ROM = PAGE };

#define NAME "lsandbox.ram"

/* --- writing a stream --- */

static void put(GByteArray *out, guint64 value, guint bytes)
{
    for (guint i = bytes; i-- > 0;) {
        guint8 byte = (guint8)(value >> 8 * i);
        g_byte_array_append(out, &byte, 1);
    }
}

static void put_name(GByteArray *out, const char *name)
{
    put(out, strlen(name), 1);
    g_byte_array_append(out, (const guint8 *)name, (guint)strlen(name));
}

static void put_page(GByteArray *out, guint64 place, const char *name, char fill)
{
    put(out, place, 8);
    if (name)
        put_name(out, name);
    for (guint i = 0; i < (place & 8 ? PAGE : 1); i++)
        put(out, (guint8)fill, 1);
}

/* The stream up to the first page. BLOCK is QEMU's name of the memory. */
static void put_start(GByteArray *out, const char *block)
{
    put(out, 0x5145564d, 4);
    put(out, 3, 4);
    put(out, 7, 1);
    put(out, 2, 4);
    g_byte_array_append(out, (const guint8 *)"pc", 2);
    put(out, 1, 1);
    put(out, 3, 4);
    put_name(out, "ram");
    put(out, 0, 4);
    put(out, 4, 4);
    put(out, (SIZE + ROM) | 4, 8);
    put_name(out, block);
    put(out, SIZE, 8);
    put_name(out, "pc.rom");
    put(out, ROM, 8);
    put(out, 0x10, 8);
    put(out, 0x7e, 1);
    put(out, 3, 4);
}

/* A command between the memory's sections, as QEMU 10 writes one. */
static void put_command(GByteArray *out, guint command, guint length)
{
    put(out, 8, 1);
    put(out, command, 2);
    put(out, length, 2);
}

/* The last of the memory's sections, up to its pages. */
static void put_last(GByteArray *out)
{
    put(out, 3, 1);
    put(out, 3, 4);
}

static void put_end(GByteArray *out)
{
    put(out, 0x10, 8);
    put(out, 0x7e, 1);
    put(out, 3, 4);
    g_byte_array_append(out, (const guint8 *)"\4devices", 8);
}

/* --- running --- */

typedef struct {
    int from, memory, to;
    GError *error;
    gboolean ok;
} Result;

static int new_file(void)
{
    g_autofree char *path = in_scratch("file");
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(unlink(path), ==, 0);
    return fd;
}

static Result split(const GByteArray *stream, gsize length)
{
    Result r = {new_file(), new_file(), new_file(), NULL, FALSE};
    g_assert_cmpint(write(r.from, stream->data, length), ==, length);
    g_assert_cmpint(lseek(r.from, 0, SEEK_SET), ==, 0);
    r.ok = lsb_ramstate_split(r.from, SIZE, NAME, r.memory, r.to, &r.error);
    return r;
}

static void done(Result *r)
{
    close(r->from);
    close(r->memory);
    close(r->to);
    g_clear_error(&r->error);
}

static void check_refused(const GByteArray *stream)
{
    Result r = split(stream, stream->len);
    g_assert_false(r.ok);
    g_assert_error(r.error, LSB_ERROR, LSB_ERROR_UNSUPPORTED);
    done(&r);
}

/* --- the tests --- */

static GByteArray *good_stream(const char *block, gboolean command)
{
    GByteArray *out = g_byte_array_new();
    put_start(out, block);
    if (command)
        put_command(out, 11, 0);
    put_last(out);
    put_page(out, 0 * PAGE | 8, block, 'a');
    put_page(out, 1 * PAGE | 2 | 0x20, NULL, 0);
    put_page(out, 3 * PAGE | 8 | 0x20, NULL, 'd');
    put_page(out, 0 * PAGE | 8, "pc.rom", 'r');
    put_end(out);
    return out;
}

static void check_good(const char *block, gboolean command)
{
    g_autoptr(GByteArray) stream = good_stream(block, command), rest = g_byte_array_new();
    char memory[SIZE], state[2 * PAGE];
    Result r = split(stream, stream->len);
    g_assert_no_error(r.error);
    g_assert_cmpint(pread(r.memory, memory, SIZE, 0), ==, SIZE);
    for (guint i = 0; i < SIZE; i++)
        g_assert_cmpint(memory[i], ==, i < PAGE ? 'a' : i < 3 * PAGE ? 0 : 'd');
    put_start(rest, NAME);
    if (command)
        put_command(rest, 11, 0);
    put_last(rest);
    put_page(rest, 8, "pc.rom", 'r');
    put_end(rest);
    ssize_t n = pread(r.to, state, sizeof state, 0);
    g_assert_cmpmem(state, n, rest->data, rest->len);
    done(&r);
}

static void test_good(void)
{
    check_good("pc.ram", FALSE);
    check_good(NAME, FALSE);
    check_good(NAME, TRUE);
}

/* A stream that is cut anywhere before the devices is refused. */
static void test_cut(void)
{
    g_autoptr(GByteArray) stream = good_stream("pc.ram", TRUE);
    for (gsize length = 0; length < stream->len - 8; length += length < 200 ? 1 : 509) {
        Result r = split(stream, length);
        g_assert_false(r.ok);
        done(&r);
    }
}

/* A page outside the memory, a page of an unknown kind, and the memory of another machine. */
static void test_hostile(void)
{
    const struct {
        guint64 place;
        const char *block, *page;
    } wrong[] = {
        {SIZE | 8, "pc.ram", "pc.ram"}, {-(guint64)PAGE | 8, "pc.ram", "pc.ram"},
        {0x40, "pc.ram", "pc.ram"},     {8 | 2, "pc.ram", "pc.ram"},
        {0x80, "pc.ram", "pc.ram"},     {8, "other.ram", "other.ram"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GByteArray) out = g_byte_array_new();
        put_start(out, wrong[i].block);
        put_last(out);
        put_page(out, wrong[i].place, wrong[i].page, 'x');
        put_end(out);
        check_refused(out);
    }
}

/* An unknown command, a command with data, and a command in place of the last section. */
static void test_commands(void)
{
    static const struct {
        guint command, length;
    } wrong[] = {{1, 0}, {11, 1}, {11, 0}};
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GByteArray) out = g_byte_array_new();
        put_start(out, NAME);
        put_command(out, wrong[i].command, wrong[i].length);
        put_end(out);
        check_refused(out);
    }
}

/* A failed write gives another error than a stream that cannot be read. */
static void test_full(void)
{
    g_autoptr(GByteArray) stream = good_stream("pc.ram", FALSE);
    g_autoptr(GError) error = NULL;
    int full = open("/dev/full", O_WRONLY), from = new_file(), memory = new_file();
    g_assert_cmpint(write(from, stream->data, stream->len), ==, stream->len);
    g_assert_cmpint(lseek(from, 0, SEEK_SET), ==, 0);
    g_assert_false(lsb_ramstate_split(from, SIZE, NAME, memory, full, &error));
    g_assert_error(error, LSB_ERRNO, ENOSPC);
    close(full);
    close(from);
    close(memory);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    scratch_make();
    g_test_add_func("/ramstate/good", test_good);
    g_test_add_func("/ramstate/cut", test_cut);
    g_test_add_func("/ramstate/hostile", test_hostile);
    g_test_add_func("/ramstate/commands", test_commands);
    g_test_add_func("/ramstate/full", test_full);
    int result = g_test_run();
    scratch_remove();
    return result;
}
