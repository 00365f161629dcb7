/*
 * The store of templates: a template that was made is found, a changed one is not, whatever the change;
 * one that takes too much room is not kept; the directories of killed makers are swept when the store
 * is looked at. The key changes with everything that goes into a template. tests/templates has what a
 * machine does with templates.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "domain/template/templatestore.h"
#include "recipe/description.h"
#include "recipe/value/value.h"
#include "bootfiles.h"
#include "domain/template/template.h"
#include "shared/units.h"

static const char key[] = "0123456789abcdef01234567";

/* A page of data at the end of a MiB, and a few bytes of state. */
static gboolean take(gpointer self, int memory, int state, GError **error)
{
    (void)error;
    int *calls = self;
    ++*calls;
    g_assert_cmpint(ftruncate(memory, MiB), ==, 0);
    g_assert_cmpint(pwrite(memory, "memory", 6, MiB - 100), ==, 6);
    g_assert_cmpint(write(state, "state", 5), ==, 5);
    return TRUE;
}

static gboolean take_fails(gpointer self, int memory, int state, GError **error)
{
    take(self, memory, state, error);
    return lsb_fail(error, FAILED, "as asked");
}

static char *open_store(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cache = in_scratch("cache");
    char *store = lsb_template_store(cache, &error);
    g_assert_no_error(error);
    return store;
}

static void make(const char *store, const char *name)
{
    int calls = 0;
    g_autoptr(GError) error = NULL;
    lsb_template_make(store, name, "a title", take, &calls, &error);
    g_assert_no_error(error);
}

static char *new_store(void)
{
    char *store = open_store();
    make(store, key);
    return store;
}

static char *file_of(const char *store, const char *name)
{
    return g_build_filename(store, key, name, NULL);
}

static void assert_whole(const char *store, LsbVerify how)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbTemplateFiles) files = lsb_template_find(store, key, how, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(files->title, ==, "a title");
    g_assert_cmpuint(files->size, >, 0);
    g_assert_cmpuint(files->size, <, MiB);
}

static void assert_gone(const char *store, LsbVerify how, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *entry = g_build_filename(store, key, NULL);
    g_assert_null(lsb_template_find(store, key, how, &error));
    g_assert_nonnull(strstr(error->message, why));
    g_assert_false(g_file_test(entry, G_FILE_TEST_EXISTS));
    g_assert_cmpuint(count_cached(store, ".tmp-"), ==, 0);
}

static void test_template_found(void)
{
    g_autofree char *store = open_store(), *verified = file_of(store, "verified");
    assert_gone(store, LSB_VERIFY_QUICK, "no template for this machine yet");
    make(store, key);
    assert_whole(store, LSB_VERIFY_QUICK);
    g_assert_cmpint(remove(verified), ==, 0);
    assert_whole(store, LSB_VERIFY_QUICK);
    g_assert_true(g_file_test(verified, G_FILE_TEST_EXISTS));
    assert_whole(store, LSB_VERIFY_WHOLE);
    g_assert_true(lsb_template_remove(store, key));
    g_assert_false(lsb_template_remove(store, key));
    assert_gone(store, LSB_VERIFY_WHOLE, "no template for this machine yet");
}

static void test_template_failed(void)
{
    int calls = 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *store = open_store();
    g_assert_false(lsb_template_make(store, key, "x", take_fails, &calls, &error));
    assert_message(error, "as asked");
    g_assert_cmpuint(count_cached(store, ""), ==, 0);
}

/* A maker that has waited for another one finds the template, and makes none. */
static void test_template_made_meanwhile(void)
{
    int calls = 0;
    g_autofree char *store = new_store();
    g_assert_true(lsb_template_make(store, key, "x", take, &calls, NULL));
    g_assert_cmpint(calls, ==, 0);
    assert_whole(store, LSB_VERIFY_WHOLE);
}

/* --- damage --- */

static void flip(const char *path, off_t place)
{
    char byte;
    struct stat st;
    int fd = open(path, O_RDWR);
    g_assert_cmpint(fstat(fd, &st), ==, 0);
    g_assert_cmpint(pread(fd, &byte, 1, place), ==, 1);
    byte ^= 1;
    g_assert_cmpint(pwrite(fd, &byte, 1, place), ==, 1);
    const struct timespec times[] = {st.st_atim, st.st_mtim};
    g_assert_cmpint(futimens(fd, times), ==, 0);
    close(fd);
}

static void flip_memory(const char *store)
{
    g_autofree char *path = file_of(store, "memory");
    flip(path, MiB - 100);
}

static void flip_zeroes(const char *store)
{
    g_autofree char *path = file_of(store, "memory");
    flip(path, 5000);
}

static void flip_state(const char *store)
{
    g_autofree char *path = file_of(store, "state");
    flip(path, 4);
}

static void cut_memory(const char *store)
{
    g_autofree char *path = file_of(store, "memory");
    g_assert_cmpint(truncate(path, MiB / 2), ==, 0);
}

static void remove_state(const char *store)
{
    g_autofree char *path = file_of(store, "state");
    g_assert_cmpint(remove(path), ==, 0);
}

static void make_state_directory(const char *store)
{
    g_autofree char *path = file_of(store, "state");
    remove_state(store);
    g_assert_cmpint(mkdir(path, 0700), ==, 0);
}

static void make_memory_link(const char *store)
{
    g_autofree char *path = file_of(store, "memory"), *other = file_of(store, "other");
    g_assert_cmpint(rename(path, other), ==, 0);
    g_assert_cmpint(symlink(other, path), ==, 0);
}

static void let_others_write(const char *store)
{
    g_autofree char *path = file_of(store, "memory");
    g_assert_cmpint(chmod(path, 0666), ==, 0);
}

static void spoil_info(const char *store)
{
    g_autofree char *path = file_of(store, "info");
    put_file(path, "\0[x", 3);
}

static void forget_checksum(const char *store)
{
    g_autofree char *path = file_of(store, "info"), *marks = file_of(store, "verified");
    static const char text[] = "[files]\nmemory=1048576\nstate=5\n";
    put_file(path, text, strlen(text));
    g_assert_cmpint(remove(marks), ==, 0);
}

static void put_file_in_place(const char *store)
{
    g_autofree char *entry = g_build_filename(store, key, NULL);
    g_assert_true(lsb_template_remove(store, key));
    put_file(entry, "x", 1);
}

static const struct {
    const char *name;
    void (*damage)(const char *store);
} damages[] = {
    {"a bit of the memory", flip_memory},
    {"a bit among zeroes", flip_zeroes},
    {"a bit of the state", flip_state},
    {"the memory is shorter", cut_memory},
    {"the state is missing", remove_state},
    {"the state is a directory", make_state_directory},
    {"others may write the memory", let_others_write},
    {"the memory is a symlink", make_memory_link},
    {"info is no key file", spoil_info},
    {"info has no checksums", forget_checksum},
    {"the entry is a file", put_file_in_place},
};

static void test_template_damaged(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(damages); i++)
        for (LsbVerify how = LSB_VERIFY_QUICK; how <= LSB_VERIFY_WHOLE; how++) {
            g_test_message("%s, %s", damages[i].name, how == LSB_VERIFY_QUICK ? "quick" : "whole");
            g_autofree char *store = new_store();
            damages[i].damage(store);
            assert_gone(store, how, "was damaged, and is removed");
            make(store, key);
            assert_whole(store, how);
        }
}

/* --- room --- */

static void test_template_budget(void)
{
    guint64 budget;
    g_autoptr(GError) error = NULL;
    g_autofree char *store = new_store();
    g_assert_true(lsb_template_has_room(store, MiB, NULL));
    g_setenv("LSANDBOX_TEMPLATES_SIZE", "1M", TRUE);
    g_assert_true(lsb_template_has_room(store, MiB, NULL));
    g_assert_false(lsb_template_has_room(store, MiB + 1, &error));
    assert_message(error, "LSANDBOX_TEMPLATES_SIZE allows less");
    g_clear_error(&error);
    g_setenv("LSANDBOX_TEMPLATES_SIZE", "-1", TRUE);
    g_assert_false(lsb_template_budget(&budget, &error));
    assert_message(error,
                   "LSANDBOX_TEMPLATES_SIZE: expected a size such as 2G or 500M, got \"-1\"");
    g_unsetenv("LSANDBOX_TEMPLATES_SIZE");
    g_clear_error(&error);
    g_assert_false(lsb_template_has_room(store, G_MAXUINT64 / 2, &error));
    assert_message(error, "allows less");
}

/* The new template stays, whatever room it takes; those that were used before it go. */
static void test_template_trimmed(void)
{
    g_autofree char *store = new_store();
    g_setenv("LSANDBOX_TEMPLATES_SIZE", "30K", TRUE);
    make(store, "another");
    make(store, "third");
    g_unsetenv("LSANDBOX_TEMPLATES_SIZE");
    g_autoptr(GPtrArray) list = lsb_template_list(store);
    g_assert_cmpuint(list->len, <, 3);
    g_assert_cmpuint(list->len, >, 0);
}

static void test_template_swept(void)
{
    g_autofree char *store = new_store(), *left = g_build_filename(store, ".tmp-left", NULL);
    g_assert_cmpint(mkdir(left, 0700), ==, 0);
    assert_whole(store, LSB_VERIFY_QUICK);
    g_assert_false(g_file_test(left, G_FILE_TEST_EXISTS));
    g_assert_cmpint(mkdir(left, 0700), ==, 0);
    g_autoptr(GPtrArray) list = lsb_template_list(store);
    g_assert_cmpuint(list->len, ==, 1);
    g_assert_false(g_file_test(left, G_FILE_TEST_EXISTS));
}

/* Verifying a template does not count as using it. */
static void test_template_looked_at(void)
{
    struct stat before, after;
    g_autofree char *store = new_store(), *info = file_of(store, "info");
    const struct timespec old[] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    g_assert_cmpint(utimensat(AT_FDCWD, info, old, 0), ==, 0);
    g_assert_cmpint(stat(info, &before), ==, 0);
    assert_whole(store, LSB_VERIFY_WHOLE);
    g_assert_cmpint(stat(info, &after), ==, 0);
    g_assert_cmpint(after.st_mtime, ==, before.st_mtime);
    assert_whole(store, LSB_VERIFY_QUICK);
    g_assert_cmpint(stat(info, &after), ==, 0);
    g_assert_cmpint(after.st_mtime, >, before.st_mtime);
}

/* --- the key --- */

static char *key_for(const char *shape, const char *libvirt, const char *file)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cache = in_scratch("cache");
    const char *files[] = {file, NULL};
    g_autoptr(LsbValue) recipe = lsb_value_table();
    lsb_value_set(recipe, "connect", lsb_value_string("qemu:///embed", -1));
    g_autoptr(LsbDescription) d = lsb_description_new(recipe, &error);
    LsbTemplate t = {0};
    LsbTemplateRequest request = {cache, shape, libvirt, files, "title"};
    lsb_template_choose(d, &request, &t, &error);
    g_assert_no_error(error);
    g_assert_cmpint(t.role, ==, LSB_TEMPLATE_MAKE);
    char *found = g_strdup(t.key);
    lsb_template_clear(&t);
    return found;
}

static void test_template_key(void)
{
    g_autofree char *file = in_scratch("firmware");
    put_file(file, "1", 1);
    g_autofree char *first = key_for("<domain/>", "9.0.0", file);
    g_autofree char *same = key_for("<domain/>", "9.0.0", file);
    g_assert_cmpstr(first, ==, same);
    g_autofree char *shape = key_for("<domain a=''/>", "9.0.0", file);
    g_autofree char *libvirt = key_for("<domain/>", "9.0.1", file);
    g_autofree char *none = key_for("<domain/>", "9.0.0", "/no/such/file");
    put_file(file, "12", 2);
    g_autofree char *changed = key_for("<domain/>", "9.0.0", file);
    const char *others[] = {shape, libvirt, none, changed};
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_cmpstr(first, !=, others[i]);
}

static const BootTest tests[] = {
    {"/template/found", test_template_found},
    {"/template/failed", test_template_failed},
    {"/template/made-meanwhile", test_template_made_meanwhile},
    {"/template/damaged", test_template_damaged},
    {"/template/budget", test_template_budget},
    {"/template/trimmed", test_template_trimmed},
    {"/template/swept", test_template_swept},
    {"/template/looked-at", test_template_looked_at},
    {"/template/key", test_template_key},
};

int main(int argc, char **argv)
{
    return boot_tests_run(argc, argv, tests, G_N_ELEMENTS(tests));
}
