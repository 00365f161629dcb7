/*
 * Reading recipes, and the files that the recipes of the tests name.
 */
#ifndef LSANDBOX_TEST_READING_H
#define LSANDBOX_TEST_READING_H

#include <sys/stat.h>
#include <unistd.h>

#include "recipe/value/value.h"
#include "recipe/description.h"
#include "base/error.h"
#include "recipe.h"
#include "session/profile.h"
#include "session/spec.h"

#define URI_WORDS                                                                                  \
    "a URI like \"qemu:///embed\", \"qemu:///session\", \"qemu:///system\" or \"lxc:///\""

static inline LsbDescription *read_recipe(const char *text, GError **error)
{
    g_autoptr(LsbValue) value = recipe(text);
    return lsb_description_new(value, error);
}

static inline LsbDescription *read_good(const char *text)
{
    g_autoptr(GError) error = NULL;
    LsbDescription *d = read_recipe(text, &error);
    g_assert_no_error(error);
    g_assert_nonnull(d);
    return d;
}

static const LsbStdio usual_stdio[3] = {LSB_STDIO_NULL, LSB_STDIO_PIPE, LSB_STDIO_INHERIT};

static inline LsbProgramSpec *read_program(const char *text, const char *program, GError **error)
{
    g_autoptr(LsbDescription) d = read_good(text);
    g_autoptr(LsbValue) value = program ? recipe(program) : NULL;
    g_autoptr(LsbProfile) profile = lsb_profile_new(d);
    return lsb_program_spec_new(profile, value, usual_stdio, error);
}

static inline void check_message(const GError *error, const char *expected)
{
    g_autofree char *message = with_scratch(expected);
    g_assert_nonnull(error);
    g_assert_cmpstr(error->message, ==, message);
    g_assert_error(error, LSB_ERROR, LSB_ERROR_INVALID);
    g_assert_cmpstr(lsb_error_name(error), ==, "invalid");
}

/* --- set-up --- */

static inline void make_files(void)
{
    scratch_make();
    scratch_dir("dir");
    scratch_dir("empty");
    scratch_file("file", "x");
    g_autofree char *link = g_build_filename(scratch, "link", NULL),
                    *fifo = g_build_filename(scratch, "fifo", NULL);
    g_assert_cmpint(symlink("dir", link), ==, 0);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    g_autofree char *passwd = with_scratch("root:x:0:0:root:/root:/bin/sh\n"
                                           "daemon:x:2:2::/nonexistent:/bin/false\n"
                                           "slash:x:3:3::/:/bin/false\n"
                                           "anna:x:1000:100:Anna:/people/anna:/bin/sh\n"
                                           "lena:x:1001:100:Lena:@/dir:/bin/sh\n"
                                           "not a line\n");
    scratch_file("root/etc/passwd", passwd);
    scratch_file("root/etc/group", "users:x:100:anna\nsudo:x:27:lena,anna\nvideo:x:44:anna\n");
    scratch_file("homes/etc/passwd", "root:x:0:0::/root:/bin/sh\n"
                                     "a:x:1000:1000::/home/a:/bin/sh\n"
                                     "b:x:1001:1000::/home-2:/bin/sh\n"
                                     "c:x:1002:1000:://:/bin/sh\n"
                                     "d:x:1003:1000::/x/..:/bin/sh\n"
                                     "e:x:1004:1000::/usr/../var/lib:/bin/sh\n"
                                     "f:x:1005:1000:://data/people/./f/..:/bin/sh\n"
                                     "g:x:1006:1000::/data/people/g:/bin/sh\n"
                                     "h:x:1007:1000::/usr/lib/h:/bin/sh\n"
                                     "i:x:1008:1000::home/i:/bin/sh\n"
                                     "j:x:1009:1000:::/bin/sh\n"
                                     "k:x:1010:1000::/var/lib/someone:/bin/sh\n"
                                     "system:x:500:500::/srv/system:/bin/false\n"
                                     "nobody:x:65534:65534::/srv/nobody:/bin/false\n");
}

typedef struct {
    const char *name;
    void (*run)(void);
} DescriptionTest;

static inline int run_tests(const DescriptionTest *tests, gsize n)
{
    g_unsetenv("LIBVIRT_DEFAULT_URI");
    g_unsetenv("LANG");
    g_unsetenv("TERM");
    g_setenv("HOME", "//", TRUE); /* before GLib reads HOME, which it does once */
    make_files();
    for (gsize i = 0; i < n; i++)
        g_test_add_func(tests[i].name, tests[i].run);
    int result = g_test_run();
    scratch_remove();
    return result;
}

#endif
