/*
 * Boot images: kernel and initrd, made once and found in the cache later.
 */

#include "base/error.h"
#include "bootimage/bootimage.h"
#include "bootfiles.h"
#include "initrdfile.h"
#include "bootimage/vmlinux.h"

static LsbBootImage *get_image(const LsbBootRequest *request)
{
    g_autoptr(GError) error = NULL;
    LsbBootImage *image = lsb_boot_image_get(request, &error);
    g_assert_no_error(error);
    return image;
}

static void test_image(void)
{
    g_autofree char *path = put_kernel(RELEASE, TRUE);
    LsbBootRequest request = request_here();
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_autoptr(LsbBootImage) image = get_image(&request);
    g_assert_cmpstr(image->release, ==, RELEASE);
    g_assert_cmpstr(image->source, ==, path);
    g_assert_true(image->pvh);
    g_assert_true(image->has_overlay);
    g_assert_cmpstr(image->overlay_modules[0], ==, "overlay.ko");
    g_assert_null(image->overlay_modules[1]);
    g_autoptr(GBytes) elf = fake_elf(TRUE);
    g_autoptr(GBytes) trimmed = lsb_vmlinux_trim(elf, NULL);
    g_autoptr(GBytes) kernel = get_bytes(image->kernel);
    g_assert_true(g_bytes_equal(kernel, trimmed));
    g_autoptr(GPtrArray) entries = read_initrd(image->initrd);
    g_assert_cmpuint(g_bytes_get_size(entry_named(entries, "init")->content), ==,
                     strlen("guest init"));
}

/*
 * An entry in the cache is found without reading the modules and the kernel, so that these may be
 * unreadable as long as their marks are the same.
 */
static void test_image_hit(void)
{
    g_autofree char *path = put_kernel(RELEASE, TRUE),
                    *ko = in_scratch("lib/modules/" RELEASE "/kernel/9p.ko");
    LsbBootRequest request = request_here();
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_autoptr(LsbBootImage) first = get_image(&request);
    g_assert_cmpint(unlink(ko), ==, 0);
    gint64 start = g_get_monotonic_time();
    g_autoptr(LsbBootImage) second = get_image(&request);
    g_test_message("a hit took %ld us", (long)(g_get_monotonic_time() - start));
    g_assert_cmpstr(first->kernel, ==, second->kernel);
    g_assert_cmpstr(first->initrd, ==, second->initrd);
    g_assert_true(second->pvh && second->has_overlay);
}

/* A change of any input makes another entry. */
static void test_image_key(void)
{
    static const char *const extra[] = {"disk_fs", NULL};
    g_autofree char *path = put_kernel(RELEASE, TRUE), *init = in_scratch("lsandbox-init"),
                    *boot = NULL;
    LsbBootRequest request = request_here();
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    boot = g_build_filename(request.cache_dir, "boot", NULL);
    g_autoptr(LsbBootImage) first = get_image(&request);
    put_file(init, "another one", 11);
    g_autoptr(LsbBootImage) second = get_image(&request);
    request.extra_modules = extra;
    g_autoptr(LsbBootImage) third = get_image(&request);
    g_free(put_kernel(RELEASE, TRUE));
    g_autoptr(LsbBootImage) fourth = get_image(&request);
    g_assert_true(run_depmod(scratch, RELEASE));
    g_autoptr(LsbBootImage) fifth = get_image(&request);
    g_assert_cmpuint(count_cached(boot, ""), ==, 5);
}

static void test_image_no_pvh(void)
{
    g_autofree char *path = put_kernel(RELEASE, FALSE);
    LsbBootRequest request = request_here();
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_autoptr(LsbBootImage) image = get_image(&request);
    g_autoptr(GBytes) kernel = get_bytes(image->kernel);
    g_autoptr(GBytes) original = get_bytes(path);
    g_assert_false(image->pvh);
    g_assert_true(g_bytes_equal(kernel, original));
}

/* A vmlinux that is given by its path tells its release, and cannot boot without a PVH note. */
static void test_image_elf(void)
{
    g_autofree char *path = in_scratch("vmlinux");
    g_autoptr(GBytes) elf = fake_elf(TRUE);
    g_autoptr(GBytes) no_entry = fake_elf(FALSE);
    LsbBootRequest request = request_here();
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    put_bytes(path, elf);
    request.path = path;
    g_autoptr(LsbBootImage) image = get_image(&request);
    g_assert_cmpstr(image->release, ==, RELEASE);
    g_assert_true(image->pvh);
    put_bytes(path, no_entry);
    expect_failure(&request, LSB_ERROR_NO_KERNEL, "no PVH entry note");
}

/*
 * The newest kernel has no 9p (a cloud kernel), and the second no modules at all (a rescue image),
 * so that the third is taken.
 */
static void test_image_prefers_9p(void)
{
    g_autofree char *cloud = put_kernel("6.3-cloud", TRUE),
                    *rescue = put_kernel("6.2-rescue", TRUE);
    g_autofree char *good = put_kernel("6.1-good", TRUE);
    LsbBootRequest request = request_here();
    if (!put_modules("6.3-cloud", (ModuleOptions){.without = "9p"}) ||
        !put_modules("6.1-good", (ModuleOptions){0}))
        return;
    g_autoptr(LsbBootImage) image = get_image(&request);
    g_assert_cmpstr(image->release, ==, "6.1-good");
    g_assert_cmpint(unlink(good), ==, 0);
    expect_failure(&request, LSB_ERROR_NO_MODULE, "6.3-cloud has no 9p");
    expect_failure(&request, LSB_ERROR_NO_MODULE,
                   "Also looked at: the kernel 6.2-rescue has no modules");
}

static void test_image_modules_elsewhere(void)
{
    g_autofree char *path = put_kernel(RELEASE, TRUE), *dir = modules_dir(RELEASE),
                    *moved = in_scratch("mods");
    LsbBootRequest request = request_here();
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_assert_cmpint(rename(dir, moved), ==, 0);
    expect_failure(&request, LSB_ERROR_NO_MODULE, "has no modules");
    request.modules = moved;
    request.path = path;
    g_autoptr(LsbBootImage) image = get_image(&request);
    g_assert_cmpstr(image->release, ==, RELEASE);
}

/* A module directory without a version asks for the kernel of its release, not for the newest. */
static void test_image_modules_choose(void)
{
    g_autofree char *newer = put_kernel("99.0", TRUE), *path = put_kernel(RELEASE, TRUE);
    g_autofree char *dir = modules_dir(RELEASE);
    LsbBootRequest request = request_here();
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    request.modules = dir;
    g_autoptr(LsbBootImage) image = get_image(&request);
    g_assert_cmpstr(image->source, ==, path);
}

static void test_image_no_guest_init(void)
{
    LsbBootRequest request = request_here();
    request.guest_init = "/no/such/init";
    expect_failure(&request, LSB_ERROR_NOT_FOUND, "/no/such/init");
    request.guest_init = "/dev/zero";
    expect_failure(&request, LSB_ERROR_NOT_FOUND, "/dev/zero");
}

static void test_image_race(void)
{
    enum { PROCESSES = 8 };
    pid_t pids[PROCESSES];
    int go[2];
    char byte;
    g_autofree char *path = put_kernel(RELEASE, TRUE);
    LsbBootRequest request = request_here();
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_assert_cmpint(pipe(go), ==, 0);
    for (int i = 0; i < PROCESSES; i++)
        if ((pids[i] = fork()) == 0) {
            close(go[1]);
            (void)!read(go[0], &byte, 1); /* all start when the parent closes its end */
            g_autoptr(LsbBootImage) image = lsb_boot_image_get(&request, NULL);
            _exit(!(image && image->pvh && access(image->kernel, R_OK) == 0 &&
                    access(image->initrd, R_OK) == 0));
        }
    close(go[1]);
    close(go[0]);
    for (int i = 0; i < PROCESSES; i++)
        wait_for(pids[i], FALSE);
    g_autofree char *boot = g_build_filename(request.cache_dir, "boot", NULL);
    g_assert_cmpuint(count_cached(boot, ""), ==, 1);
}

static gpointer get_in_thread(gpointer request)
{
    return lsb_boot_image_get(request, NULL);
}

static void test_image_threads(void)
{
    enum { THREADS = 8 };
    GThread *threads[THREADS];
    g_autofree char *path = put_kernel(RELEASE, TRUE);
    LsbBootRequest request = request_here();
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    for (int i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("get", get_in_thread, &request);
    for (int i = 0; i < THREADS; i++) {
        g_autoptr(LsbBootImage) image = g_thread_join(threads[i]);
        g_assert_nonnull(image);
    }
}

/* The host's own kernel, if it has one that is usable. */
static void test_image_of_host(void)
{
    g_autoptr(GError) error = NULL;
    LsbBootRequest request = request_here();
    request.sysroot = NULL;
    g_autoptr(LsbBootImage) image = lsb_boot_image_get(&request, &error);
    if (!image) {
        skip(error->message);
        return;
    }
    g_test_message("%s: %s", image->source, image->pvh ? "PVH" : "no PVH");
    g_autoptr(GPtrArray) entries = read_initrd(image->initrd);
    entry_named(entries, "modules/boot.list");
}

/* --- running --- */

static const BootTest tests[] = {
    {"/image/made", test_image},
    {"/image/hit", test_image_hit},
    {"/image/key", test_image_key},
    {"/image/no-pvh", test_image_no_pvh},
    {"/image/elf", test_image_elf},
    {"/image/prefers-9p", test_image_prefers_9p},
    {"/image/modules-elsewhere", test_image_modules_elsewhere},
    {"/image/modules-choose", test_image_modules_choose},
    {"/image/no-guest-init", test_image_no_guest_init},
    {"/image/race", test_image_race},
    {"/image/threads", test_image_threads},
    {"/image/of-host", test_image_of_host},
};

int main(int argc, char **argv)
{
    return boot_tests_run(argc, argv, tests, G_N_ELEMENTS(tests));
}
