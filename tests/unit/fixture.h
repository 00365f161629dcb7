/*
 * For every unit test: a scratch directory, and the number of open descriptors, to find leaks.
 */
#ifndef LSANDBOX_TEST_FIXTURE_H
#define LSANDBOX_TEST_FIXTURE_H

#include <ftw.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

static char *scratch; /* a directory of the test's own */

static inline char *in_scratch(const char *name)
{
    return g_build_filename(scratch, name, NULL);
}

/* TEXT with every "@" replaced by the scratch directory. */
static inline char *with_scratch(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "@", -1);
    return g_strjoinv(scratch, parts);
}

static int scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline void scratch_make(void)
{
    scratch = g_dir_make_tmp("lsandbox-test-XXXXXX", NULL);
    g_assert_nonnull(scratch);
}

static inline void scratch_remove(void)
{
    g_assert_cmpint(nftw(scratch, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS), ==, 0);
    g_clear_pointer(&scratch, g_free);
}

static inline void scratch_dir(const char *name)
{
    g_autofree char *path = g_build_filename(scratch, name, NULL);
    g_assert_cmpint(g_mkdir_with_parents(path, 0755), ==, 0);
}

static inline void scratch_file(const char *name, const char *content)
{
    g_autofree char *path = g_build_filename(scratch, name, NULL), *dir = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, content, -1, NULL));
}

static inline guint open_descriptors(void)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    while (g_dir_read_name(dir))
        n++;
    return n;
}

static inline void assert_message(const GError *error, const char *part)
{
    if (!strstr(error->message, part))
        g_error("\"%s\" lacks \"%s\"", error->message, part);
}

#endif
