/*
 * Reading programs: terminals, resource limits, files as standard streams, max_output. Good values
 * and what becomes of them, bad values and the exact message.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "recipe/description.h"
#include "recipe/rlimits.h"
#include "recipe/value/value.h"
#include "base/error.h"
#include "recipe.h"
#include "session/profile.h"
#include "session/spec.h"

static int reader, writer, both; /* descriptors of files */

static LsbProgramSpec *read_with(const LsbStdio defaults[3], const char *recipe_text,
                                 const char *program, GError **error)
{
    g_autoptr(LsbValue) value = recipe(recipe_text);
    g_autoptr(LsbValue) table = program ? recipe(program) : NULL;
    g_autoptr(LsbDescription) d = lsb_description_new(value, error);
    g_autoptr(LsbProfile) profile = d ? lsb_profile_new(d) : NULL;
    return d ? lsb_program_spec_new(profile, table, defaults, error) : NULL;
}

static const LsbStdio spawns[3] = {LSB_STDIO_NULL, LSB_STDIO_INHERIT, LSB_STDIO_INHERIT};
static const LsbStdio execs[3] = {LSB_STDIO_INHERIT, LSB_STDIO_INHERIT, LSB_STDIO_INHERIT};

/* --- showing --- */

static void show_value(GString *out, guint64 value)
{
    if (value == LSB_UNLIMITED)
        g_string_append(out, "unlimited");
    else
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, value);
}

static void show_limits(GString *out, const LsbRlimits *limits)
{
    for (guint i = 0; i < RLIM_NLIMITS; i++) {
        if (!limits->of[i].set)
            continue;
        g_string_append_printf(out, " %u:", i);
        show_value(out, limits->of[i].soft);
        if (limits->of[i].hard != limits->of[i].soft) {
            g_string_append_c(out, '/');
            show_value(out, limits->of[i].hard);
        }
    }
}

/* "stdin,stdout,stderr", the terminal, max_output where it is not the usual, and the limits. */
static char *show(const LsbProgramSpec *spec)
{
    static const char *const modes[] = {"pipe", "null", "inherit", "file"};
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "%s,%s,%s", modes[spec->stdio[0]], modes[spec->stdio[1]],
                           modes[spec->stdio[2]]);
    if (spec->tty)
        g_string_append_printf(out, " tty %ux%u", spec->rows, spec->cols);
    if (spec->max_output != 64 * 1024 * 1024)
        g_string_append_printf(out, " max %" G_GUINT64_FORMAT, spec->max_output);
    show_limits(out, &spec->rlimits);
    return g_string_free(out, FALSE);
}

/* --- good --- */

#define USUAL "null,inherit,inherit"

static const struct {
    const char *recipe, *program, *expected;
} good[] = {
    {"{}", "{\"a\"}", USUAL},
    {"{}", "{\"a\", tty = false}", USUAL},
    {"{}", "{\"a\", tty = true}", "pipe,inherit,null tty 0x0"},
    {"{}", "{\"a\", tty = true, stdin = \"null\"}", "null,inherit,null tty 0x0"},
    {"{}", "{\"a\", tty = true, stdin = \"inherit\", stdout = \"pipe\"}",
     "inherit,pipe,null tty 0x0"},
    {"{}", "{\"a\", tty = true, input = \"x\", rows = 1, cols = 65535}",
     "pipe,inherit,null tty 1x65535"},
    /* the recipe's terminal is its own program's */
    {"{\"a\", tty = true, rows = 30, cols = 90}", NULL, "pipe,inherit,null tty 30x90"},
    {"{\"a\", tty = true, rows = 30}", "{\"b\"}", USUAL},
    {"{\"a\", tty = false}", NULL, USUAL},

    {"{}", "{\"a\", max_output = 7}", USUAL " max 7"},
    {"{max_output = \"1M\"}", "{\"a\"}", USUAL " max 1048576"},
    {"{max_output = \"1M\"}", "{\"a\", max_output = \"1024M\"}", USUAL " max 1073741824"},

    {"{}", "{\"a\", rlimits = {}}", USUAL},
    {"{}", "{\"a\", rlimits = {cpu = 0, fsize = \"10M\", data = \"unlimited\", stack = 8192.0}}",
     USUAL " 0:0 1:10485760 2:unlimited 3:8192"},
    {"{}", "{\"a\", rlimits = {core = \"0\", rss = 5, nproc = 6, nofile = 7, memlock = 8}}",
     USUAL " 4:0 5:5 6:6 7:7 8:8"},
    {"{}",
     "{\"a\", rlimits = {as = 9, locks = 10, sigpending = 11, msgqueue = 12, nice = 13, "
     "rtprio = 14, rttime = 15}}",
     USUAL " 9:9 10:10 11:11 12:12 13:13 14:14 15:15"},
    {"{}", "{\"a\", rlimits = {nofile = {soft = 10, hard = \"1K\"}}}", USUAL " 7:10/1024"},
    {"{}", "{\"a\", rlimits = {nofile = {soft = 10, hard = \"unlimited\"}}}",
     USUAL " 7:10/unlimited"},
    {"{}", "{\"a\", rlimits = {nofile = {soft = 10, hard = 10}}}", USUAL " 7:10"},
    /* the program's replace the recipe's by name */
    {"{rlimits = {cpu = 1, nofile = {soft = 1, hard = 2}}}", "{\"a\", rlimits = {nofile = 9}}",
     USUAL " 0:1 7:9"},
    {"{\"a\", rlimits = {cpu = 1}}", NULL, USUAL " 0:1"},
};

static void test_good(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_test_message("%s %s", good[i].recipe, good[i].program);
        g_autoptr(GError) error = NULL;
        g_autoptr(LsbProgramSpec) spec = read_with(spawns, good[i].recipe, good[i].program, &error);
        g_assert_no_error(error);
        g_autofree char *got = show(spec);
        g_assert_cmpstr(got, ==, good[i].expected);
    }
}

/* --- bad --- */

#define LIMIT      "a number from 0, a size like \"10M\""
#define ANY_LIMIT  LIMIT ", \"unlimited\" or a table { soft =, hard = }"
#define CELLS      "an integer from 1 to 65535"
#define BESIDE_TTY "nothing beside tty = true, where stdout has what a terminal shows"

/* For a program, and for a recipe. */
static const struct {
    const char *fields, *message;
} bad[] = {
    {"tty = 1", "tty: expected true or false, got 1"},
    {"tty = \"yes\"", "tty: expected true or false, got \"yes\""},
    {"tty = true, rows = 0", "rows: expected " CELLS ", got 0"},
    {"tty = true, cols = 65536", "cols: expected " CELLS ", got 65536"},
    {"tty = true, cols = 1.5", "cols: expected " CELLS ", got 1.5"},
    {"tty = true, rows = \"24\"", "rows: expected " CELLS ", got \"24\""},
    {"rows = 24", "rows: expected nothing without tty = true, got 24"},
    {"tty = false, cols = 80", "cols: expected nothing without tty = true, got 80"},
    {"row = 24", "row: unknown key; did you mean \"rows\"?"},
    {"max_output = 0",
     "max_output: expected a size like 1048576, \"64K\", \"256M\" or \"2GiB\", got 0"},
    {"max_output = \"1025M\"", "max_output: expected at most 1024M, got 1074790400 bytes"},
    {"rlimits = 5", "rlimits: expected a table of limits by name, got 5"},
    {"rlimits = {\"nofile\"}", "rlimits: expected a table of limits by name, got a table"},
    {"rlimits = {nofiles = 5}", "rlimits.nofiles: unknown key; did you mean \"nofile\"?"},
    {"rlimits = {threads = 5}", "rlimits.threads: unknown key"},
    {"rlimits = {NOFILE = 5}", "rlimits.NOFILE: unknown key"},
    {"rlimits = {nofile = -1}", "rlimits.nofile: expected " ANY_LIMIT ", got -1"},
    {"rlimits = {nofile = 1.5}", "rlimits.nofile: expected " ANY_LIMIT ", got 1.5"},
    {"rlimits = {nofile = 1e999}", "rlimits.nofile: expected " ANY_LIMIT ", got inf"},
    {"rlimits = {nofile = true}", "rlimits.nofile: expected " ANY_LIMIT ", got true"},
    {"rlimits = {nofile = \"\"}", "rlimits.nofile: expected " ANY_LIMIT ", got \"\""},
    {"rlimits = {nofile = \"many\"}", "rlimits.nofile: expected " ANY_LIMIT ", got \"many\""},
    {"rlimits = {nofile = \"5\\0\"}", "rlimits.nofile: expected " ANY_LIMIT ", got \"5\\0\""},
    {"rlimits = {nofile = {1, 2}}", "rlimits.nofile: expected " ANY_LIMIT ", got a table"},
    {"rlimits = {nofile = {}}",
     "rlimits.nofile.soft: expected " LIMIT " or \"unlimited\", got nothing"},
    {"rlimits = {nofile = {soft = 1}}",
     "rlimits.nofile.hard: expected " LIMIT " or \"unlimited\", got nothing"},
    {"rlimits = {nofile = {soft = {}, hard = 1}}",
     "rlimits.nofile.soft: expected " LIMIT " or \"unlimited\", got a table"},
    {"rlimits = {nofile = {sofd = 1, hard = 1}}",
     "rlimits.nofile.sofd: unknown key; did you mean \"soft\"?"},
    {"rlimits = {nofile = {soft = 20, hard = 10}}",
     "rlimits.nofile.soft: expected at most the hard limit, 10, got 20"},
    {"rlimits = {fsize = {soft = \"unlimited\", hard = \"1G\"}}",
     "rlimits.fsize.soft: expected at most the hard limit, \"1G\", got \"unlimited\""},
};

/* For a program only: a recipe has no such fields. */
static const struct {
    const char *fields, *message;
} bad_streams[] = {
    {"tty = true, stderr = \"pipe\"", "stderr: expected " BESIDE_TTY ", got \"pipe\""},
    {"tty = true, stderr = \"null\"", "stderr: expected " BESIDE_TTY ", got \"null\""},
    {"input = \"x\", stdin = \"null\"",
     "input: expected nothing beside stdin = \"null\", got \"x\""},
    {"input = \"x\", stdin = \"pipe\"",
     "input: expected nothing beside stdin = \"pipe\", got \"x\""},
    {"stdin = \"<file -1>\"", "stdin: expected an open file, got a closed one"},
    {"stderr = \"<file -1>\"", "stderr: expected an open file, got a closed one"},
    {"stdin = \"<file 1000000>\"", "stdin: expected an open file, got a closed one"},
    {"cwd = \"<file -1>\"", "cwd: expected absolute path, got a closed file"},
    {"input = \"<file 0>\"", "input: expected a string, got a file"},
};

static void refuse(const char *recipe_text, const char *program, const char *message)
{
    g_autoptr(GError) error = NULL;
    g_test_message("%s", message);
    g_assert_null(read_with(spawns, recipe_text, program, &error));
    g_assert_error(error, LSB_ERROR, LSB_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, message);
}

static void test_bad(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *program = g_strdup_printf("{\"a\", %s}", bad[i].fields);
        refuse("{}", program, bad[i].message);
        refuse(program, NULL, bad[i].message);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(bad_streams); i++) {
        g_autofree char *program = g_strdup_printf("{\"a\", %s}", bad_streams[i].fields);
        refuse("{}", program, bad_streams[i].message);
    }
}

/* --- files --- */

static void refuse_file(const char *field, int fd, const char *message)
{
    g_autofree char *program = g_strdup_printf("{\"a\", %s = \"<file %d>\"}", field, fd);
    refuse("{}", program, message);
}

static void test_bad_files(void)
{
    refuse_file("stdin", writer,
                "stdin: expected a file open for reading, got one open for writing only");
    refuse_file("stdout", reader,
                "stdout: expected a file open for writing, got one open for reading only");
    refuse_file("stderr", reader,
                "stderr: expected a file open for writing, got one open for reading only");
    g_autofree char *beside =
        g_strdup_printf("{\"a\", input = \"x\", stdin = \"<file %d>\"}", reader);
    refuse("{}", beside, "input: expected nothing beside stdin = a file, got \"x\"");
    g_autofree char *tty = g_strdup_printf("{\"a\", tty = true, stderr = \"<file %d>\"}", writer);
    refuse("{}", tty, "stderr: expected " BESIDE_TTY ", got a file");
    /* what an earlier field has taken is given back when a later one is wrong */
    g_autofree char *later = g_strdup_printf("{\"a\", stdin = \"<file %d>\", timeout = 0}", reader);
    g_autoptr(GError) error = NULL;
    g_assert_null(read_with(spawns, "{}", later, &error));
    g_assert_error(error, LSB_ERROR, LSB_ERROR_INVALID);
}

/* The spec's own descriptor of the same file, so that the script may close its own. */
static void check_file(const LsbProgramSpec *spec, int stream, int fd)
{
    int own = lsb_program_spec_fd(spec, stream);
    g_assert_cmpint(own, !=, fd);
    g_assert_cmpint(fcntl(own, F_GETFD), ==, FD_CLOEXEC);
    g_assert_cmpint(lseek(fd, 3, SEEK_SET), ==, 3);
    g_assert_cmpint(lseek(own, 0, SEEK_CUR), ==, 3);
}

static void test_files(void)
{
    g_autofree char *program = g_strdup_printf(
        "{\"a\", stdin = \"<file %d>\", stdout = \"<file %d>\", stderr = \"<file %d>\"}",
        reader, writer, both);
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbProgramSpec) spec = read_with(execs, "{}", program, &error);
    g_assert_no_error(error);
    g_autofree char *got = show(spec);
    g_assert_cmpstr(got, ==, "file,file,file");
    check_file(spec, 0, reader);
    check_file(spec, 1, writer);
    check_file(spec, 2, both);
    g_assert_null(lsb_program_spec_pipe(spec));
}

static void test_descriptors(void)
{
    static const LsbStdio mixed[3] = {LSB_STDIO_INHERIT, LSB_STDIO_PIPE, LSB_STDIO_NULL};
    g_autoptr(LsbProgramSpec) spec = read_with(mixed, "{}", "{\"a\"}", NULL);
    g_assert_cmpint(lsb_program_spec_fd(spec, 0), ==, 0);
    g_assert_cmpint(lsb_program_spec_fd(spec, 1), ==, -1);
    g_assert_cmpint(lsb_program_spec_fd(spec, 2), ==, -1);
    g_assert_cmpstr(lsb_program_spec_pipe(spec), ==, "stdout");
    g_autoptr(LsbProgramSpec) given = read_with(execs, "{}", "{\"a\", input = \"\"}", NULL);
    g_assert_cmpint(lsb_program_spec_fd(given, 0), ==, -1);
    g_assert_null(lsb_program_spec_pipe(given));
    g_autoptr(LsbProgramSpec) tty = read_with(execs, "{}", "{\"a\", tty = true}", NULL);
    g_assert_cmpint(lsb_program_spec_fd(tty, 0), ==, 0);
    g_assert_null(lsb_program_spec_pipe(tty));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("LIBVIRT_DEFAULT_URI");
    scratch_make();
    scratch_file("file", "hello");
    g_autofree char *path = g_build_filename(scratch, "file", NULL);
    reader = open(path, O_RDONLY | O_CLOEXEC);
    writer = open(path, O_WRONLY | O_CLOEXEC);
    both = open(path, O_RDWR | O_CLOEXEC);
    guint descriptors = open_descriptors();
    g_test_add_func("/spec/good", test_good);
    g_test_add_func("/spec/bad", test_bad);
    g_test_add_func("/spec/bad-files", test_bad_files);
    g_test_add_func("/spec/files", test_files);
    g_test_add_func("/spec/descriptors", test_descriptors);
    int result = g_test_run();
    g_assert_cmpuint(open_descriptors(), ==, descriptors);
    scratch_remove();
    return result;
}
