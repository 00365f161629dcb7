/*
 * The cache: one maker at a time, damaged entries, makers that die, entries that are evicted, and
 * directories in which others can write.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <utime.h>

#include "base/error.h"
#include "bootimage/cachedirectory.h"
#include "bootfiles.h"
#include "bootimage/cache.h"
#include "base/paths.h"

static int fills; /* calls of fill_text in this process */

static gboolean fill_text(const char *work, GKeyFile *info, gpointer text, GError **error)
{
    int fd = lsb_cache_file_new(work, "file", error);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, strlen(text));
    close(fd);
    g_key_file_set_string(info, "note", "text", text);
    fills++;
    return TRUE;
}

static char *open_cache(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *base = in_scratch("deep/er/cache");
    char *dir = lsb_cache_open(base, "kind", &error);
    g_assert_no_error(error);
    fills = 0;
    return dir;
}

static void get_text(const char *dir, const char *key, const char *text, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbCacheEntry) entry = lsb_cache_get(dir, key, fill_text, (gpointer)text, &error);
    g_assert_no_error(error);
    g_autofree char *path = g_build_filename(entry->path, "file", NULL), *found = NULL;
    g_assert_true(g_file_get_contents(path, &found, NULL, NULL));
    g_assert_cmpstr(found, ==, expected);
    g_assert_cmpuint(count_cached(dir, ".tmp-"), ==, 0);
}

static void test_cache_hit(void)
{
    g_autofree char *dir = open_cache();
    g_assert_null(lsb_cache_lookup(dir, "k"));
    get_text(dir, "k", "one", "one");
    get_text(dir, "k", "two", "one");
    g_assert_cmpint(fills, ==, 1);
    g_autoptr(LsbCacheEntry) entry = lsb_cache_lookup(dir, "k");
    g_autofree char *noted = g_key_file_get_string(entry->info, "note", "text", NULL);
    g_assert_cmpstr(noted, ==, "one");
}

static guint mode_of(const char *dir, const char *name)
{
    struct stat st;
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_assert_cmpint(lstat(path, &st), ==, 0);
    return st.st_mode & 07777;
}

/* The umask does not count, because QEMU, another user, has to read root's files. */
static void test_cache_modes(void)
{
    static const mode_t masks[] = {0077, 0};
    guint file = geteuid() == 0 ? 0644 : 0600, directory = geteuid() == 0 ? 0755 : 0700;
    mode_t before = umask(0);
    for (gsize i = 0; i < G_N_ELEMENTS(masks); i++) {
        umask(masks[i]);
        g_autofree char *dir = open_cache();
        get_text(dir, i ? "b" : "a", "text", "text");
        g_assert_cmphex(mode_of(dir, ".."), ==, directory);
        g_assert_cmphex(mode_of(dir, "."), ==, directory);
        g_assert_cmphex(mode_of(dir, i ? "b" : "a"), ==, directory);
        g_assert_cmphex(mode_of(dir, i ? "b/file" : "a/file"), ==, file);
        g_assert_cmphex(mode_of(dir, i ? "b/info" : "a/info"), ==, file);
    }
    umask(before);
}

static void damage_remove(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, "file", NULL);
    g_assert_cmpint(unlink(path), ==, 0);
}

static void damage_truncate(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, "file", NULL);
    g_assert_cmpint(truncate(path, 1), ==, 0);
}

static void damage_info(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, "info", NULL);
    g_assert_cmpint(truncate(path, 0), ==, 0);
}

static void damage_no_info(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, "info", NULL);
    g_assert_cmpint(unlink(path), ==, 0);
}

static void damage_symlink(const char *entry)
{
    g_autofree char *path = g_build_filename(entry, "file", NULL);
    damage_remove(entry);
    g_assert_cmpint(symlink("/etc/passwd", path), ==, 0);
}

static void damage_not_a_directory(const char *entry)
{
    lsb_path_remove_tree(entry);
    put_file(entry, "x", 1);
}

static void test_cache_damaged(void)
{
    static void (*const damages[])(const char *) = {damage_remove,  damage_truncate,
                                                    damage_info,    damage_no_info,
                                                    damage_symlink, damage_not_a_directory};
    g_autofree char *dir = open_cache();
    g_autofree char *entry = g_build_filename(dir, "k", NULL);
    get_text(dir, "k", "first", "first");
    for (gsize i = 0; i < G_N_ELEMENTS(damages); i++) {
        damages[i](entry);
        g_assert_null(lsb_cache_lookup(dir, "k"));
        get_text(dir, "k", "again", "again");
        g_assert_cmpint(fills, ==, 2 + i);
    }
}

static gboolean fill_fails(const char *work, GKeyFile *info, gpointer data, GError **error)
{
    fill_text(work, info, data, error);
    return lsb_fail(error, FAILED, "as asked");
}

static void test_cache_fill_fails(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = open_cache();
    g_assert_null(lsb_cache_get(dir, "k", fill_fails, "x", &error));
    assert_message(error, "as asked");
    g_assert_cmpuint(count_cached(dir, ""), ==, 0);
}

/* Another maker publishes the same key in the meantime, as it may where locks do not work. */
static gboolean fill_overtaken(const char *work, GKeyFile *info, gpointer prepared, GError **error)
{
    g_autofree char *dir = g_path_get_dirname(work), *entry = g_build_filename(dir, "k", NULL);
    g_assert_cmpint(rename(prepared, entry), ==, 0);
    return fill_text(work, info, "loser", error);
}

static void test_cache_overtaken(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = open_cache();
    g_autofree char *prepared = g_build_filename(dir, "other", NULL);
    get_text(dir, "other", "winner", "winner");
    g_autoptr(LsbCacheEntry) entry = lsb_cache_get(dir, "k", fill_overtaken, prepared, &error);
    g_assert_no_error(error);
    get_text(dir, "k", "third", "winner");
}

static gboolean fill_and_hang(const char *work, GKeyFile *info, gpointer ready, GError **error)
{
    fill_text(work, info, "half", error);
    g_assert_cmpint(write(*(int *)ready, "x", 1), ==, 1);
    while (TRUE)
        pause();
    return FALSE;
}

static void start_and_kill_maker(const char *dir)
{
    int ready[2];
    char byte;
    g_assert_cmpint(pipe(ready), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        lsb_cache_get(dir, "k", fill_and_hang, &ready[1], NULL);
        _exit(1);
    }
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    wait_for(pid, TRUE);
    close(ready[0]);
    close(ready[1]);
}

/* The next maker removes what a killed maker has left, but not the directory of a living one. */
static void test_cache_killed(void)
{
    g_autofree char *dir = open_cache();
    g_autofree char *alive = g_build_filename(dir, ".tmp-alive", NULL);
    start_and_kill_maker(dir);
    g_assert_cmpuint(count_cached(dir, ".tmp-"), ==, 1);
    g_assert_cmpint(mkdir(alive, 0700), ==, 0);
    int fd = open(alive, O_RDONLY | O_DIRECTORY);
    g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
    g_autoptr(LsbCacheEntry) entry = lsb_cache_get(dir, "k", fill_text, "whole", NULL);
    g_assert_nonnull(entry);
    g_assert_cmpuint(count_cached(dir, ".tmp-"), ==, 1);
    g_assert_true(g_file_test(alive, G_FILE_TEST_IS_DIR));
    close(fd);
    get_text(dir, "next", "next", "next");
}

static void set_used_days_ago(const char *dir, const char *key, int days)
{
    time_t when = time(NULL) - days * 24 * 3600;
    struct utimbuf times = {when, when};
    g_autofree char *path = g_build_filename(dir, key, "info", NULL);
    g_assert_cmpint(utime(path, &times), ==, 0);
}

/* Entries k0 ... k5; the first was last used FIRST days ago, each next one STEP days later. */
static void put_old_entries(const char *dir, int first, int step)
{
    enum { ENTRIES = 6 };
    for (int i = 0; i < ENTRIES; i++) {
        g_autofree char *key = g_strdup_printf("k%d", i);
        get_text(dir, key, "x", "x");
    }
    for (int i = 0; i < ENTRIES; i++) {
        g_autofree char *key = g_strdup_printf("k%d", i);
        set_used_days_ago(dir, key, first - step * i);
    }
}

/* Of six old entries, one of them used again, and a new one, the four last used are kept. */
static void test_cache_retired(void)
{
    static const char *const kept[] = {"k0", "k4", "k5", "new"};
    g_autofree char *dir = open_cache();
    put_old_entries(dir, 60, 1);
    lsb_cache_entry_free(lsb_cache_lookup(dir, "k0"));
    get_text(dir, "new", "x", "x");
    for (gsize i = 0; i < G_N_ELEMENTS(kept); i++) {
        g_autoptr(LsbCacheEntry) entry = lsb_cache_lookup(dir, kept[i]);
        g_assert_nonnull(entry);
    }
    g_assert_cmpuint(count_cached(dir, ""), ==, G_N_ELEMENTS(kept));
}

static void test_cache_not_retired_when_used(void)
{
    g_autofree char *dir = open_cache();
    put_old_entries(dir, 20, 0);
    get_text(dir, "new", "x", "x");
    g_assert_cmpuint(count_cached(dir, ""), ==, 7);
}

static void expect_refused(const char *base, const char *part)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(lsb_cache_open(base, "kind", &error));
    g_assert_error(error, LSB_ERROR, LSB_ERROR_NO_PERMISSION);
    assert_message(error, part);
}

static void test_cache_unsafe(void)
{
    g_autofree char *base = in_scratch("cache"), *kind = in_scratch("cache/kind"),
                    *link = in_scratch("link");
    g_assert_cmpint(mkdir(base, 0700) | mkdir(kind, 0700), ==, 0);
    g_assert_cmpint(chmod(base, 0770), ==, 0);
    expect_refused(base, "can write");
    g_assert_cmpint(chmod(base, 0700) | chmod(kind, 0702), ==, 0);
    expect_refused(base, "can write");
    g_assert_cmpint(chmod(kind, 0700) | symlink(base, link), ==, 0);
    g_autoptr(GError) error = NULL;
    g_autofree char *own = lsb_cache_open(link, "kind", &error);
    g_assert_no_error(error);
    if (geteuid() != 0)
        return;
    g_assert_cmpint(lchown(link, 12345, 12345), ==, 0);
    expect_refused(link, "belongs to another user (uid 12345)");
    g_assert_cmpint(chown(base, 12345, 12345), ==, 0);
    expect_refused(base, "belongs to another user");
}

static void test_cache_not_a_directory(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *file = in_scratch("file"), *below = in_scratch("file/below");
    put_file(file, "x", 1);
    g_assert_null(lsb_cache_open(below, "kind", &error));
    g_assert_error(error, LSB_ERRNO, ENOTDIR);
}

/* --- running --- */

static const BootTest tests[] = {
    {"/cache/hit", test_cache_hit},
    {"/cache/modes", test_cache_modes},
    {"/cache/damaged", test_cache_damaged},
    {"/cache/fill-fails", test_cache_fill_fails},
    {"/cache/overtaken", test_cache_overtaken},
    {"/cache/killed-maker", test_cache_killed},
    {"/cache/retired", test_cache_retired},
    {"/cache/not-retired", test_cache_not_retired_when_used},
    {"/cache/unsafe", test_cache_unsafe},
    {"/cache/not-a-directory", test_cache_not_a_directory},
};

int main(int argc, char **argv)
{
    return boot_tests_run(argc, argv, tests, G_N_ELEMENTS(tests));
}
