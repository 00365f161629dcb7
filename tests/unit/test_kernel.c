/*
 * Kernels of the host: the order of their releases, and finding a usable one.
 */
#include <sys/utsname.h>

#include "base/error.h"
#include "bootimage/bootimage.h"
#include "bootfiles.h"
#include "bootimage/kernelimage.h"
#include "bootimage/vmlinux.h"

/* --- releases --- */

static void test_release_order(void)
{
    static const char *const newer_first[] = {
        "6.12.3-1-amd64",    "6.2.0",       "6.1.0-56-amd64", "6.1.0-9-amd64", "5.15.0-101-generic",
        "5.15.0-97-generic", "0-rescue-abc"};
    for (gsize i = 0; i + 1 < G_N_ELEMENTS(newer_first); i++)
        g_assert_cmpint(lsb_kernel_compare_releases(newer_first[i], newer_first[i + 1]), >, 0);
    g_assert_cmpint(lsb_kernel_compare_releases("6.1.0", "6.1.0"), ==, 0);
}

static void test_release_valid(void)
{
    g_assert_true(lsb_release_valid("6.8.5-301.fc40.x86_64+debug"));
    static const char *const bad[] = {"", ".", "..", "a/b", "../6.1", "6.1 0", "6.1\n"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(lsb_release_valid(bad[i]));
}

static void test_packages(void)
{
    g_assert_cmpstr(lsb_kernel_packages_of("debian", NULL)->kernel, ==, "linux-image-amd64");
    g_assert_cmpstr(lsb_kernel_packages_of("linuxmint", "ubuntu debian")->id, ==, "ubuntu");
    g_assert_cmpstr(lsb_kernel_packages_of("rocky", "rhel centos fedora")->id, ==, "rhel");
    g_assert_null(lsb_kernel_packages_of(NULL, NULL)->id);
}

/* --- finding one --- */

static char *candidates_text(const LsbBootRequest *request)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) kernels = lsb_kernel_candidates(request, &error);
    g_autoptr(GString) text = g_string_new(NULL);
    g_assert_no_error(error);
    for (guint i = 0; i < kernels->len; i++)
        g_string_append_printf(text, "%s ",
                               ((LsbKernel *)kernels->pdata[i])->image + strlen(scratch));
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void put_names(const char *const *names)
{
    for (; *names; names++) {
        g_autofree char *path = in_scratch(*names);
        put_file(path, "", 0);
    }
}

static void test_find_newest(void)
{
    static const char *const names[] = {"boot/vmlinuz-6.1.0-9-x",
                                        "boot/vmlinuz-6.1.0-10-x",
                                        "boot/config-9",
                                        "boot/vmlinuz-0-rescue-1",
                                        "lib/modules/7.0-arch/vmlinuz",
                                        "usr/lib/modules/5.0-usr/vmlinuz",
                                        "boot/vmlinuz-",
                                        NULL};
    LsbBootRequest request = request_here();
    put_names(names);
    g_autofree char *found = candidates_text(&request);
    g_assert_cmpstr(
        found, ==,
        "/lib/modules/7.0-arch/vmlinuz /boot/vmlinuz-6.1.0-10-x /boot/vmlinuz-6.1.0-9-x "
        "/usr/lib/modules/5.0-usr/vmlinuz /boot/vmlinuz-0-rescue-1 ");
}

/* On most systems /lib is a symlink to /usr/lib: each kernel is listed once. */
static void test_find_merged_usr(void)
{
    static const char *const names[] = {"usr/lib/modules/5.0-usr/vmlinuz", NULL};
    g_autofree char *link = in_scratch("lib");
    LsbBootRequest request = request_here();
    put_names(names);
    g_assert_cmpint(symlink("usr/lib", link), ==, 0);
    g_autofree char *found = candidates_text(&request);
    g_assert_cmpstr(found, ==, "/lib/modules/5.0-usr/vmlinuz ");
}

static void test_find_running(void)
{
    struct utsname host;
    uname(&host);
    g_autofree char *running = g_strconcat("boot/vmlinuz-", host.release, NULL);
    g_autofree char *expected =
        g_strdup_printf("/%s /boot/vmlinuz-99.0 /boot/vmlinuz-0.1 ", running);
    const char *const names[] = {"boot/vmlinuz-99.0", running, "boot/vmlinuz-0.1", NULL};
    LsbBootRequest request = request_here();
    put_names(names);
    g_autofree char *found = candidates_text(&request);
    g_assert_cmpstr(found, ==, expected);
}

static void test_find_version(void)
{
    static const char *const names[] = {"boot/vmlinuz-6.1", "boot/vmlinuz-6.2",
                                        "lib/modules/6.1/vmlinuz", NULL};
    g_autoptr(GError) error = NULL;
    LsbBootRequest request = request_here();
    put_names(names);
    request.version = "6.1";
    g_autofree char *found = candidates_text(&request);
    g_assert_cmpstr(found, ==, "/boot/vmlinuz-6.1 /lib/modules/6.1/vmlinuz ");
    request.version = "6.3";
    g_assert_null(lsb_boot_image_get(&request, &error));
    g_assert_error(error, LSB_ERROR, LSB_ERROR_NO_KERNEL);
    assert_message(error, "boot/vmlinuz-6.3");
    assert_message(error, "found: 6.2, 6.1");
}

static void test_find_none(void)
{
    LsbBootRequest request = request_here();
    expect_failure(&request, LSB_ERROR_NO_KERNEL, "install the package");
    request.version = "../../etc";
    expect_failure(&request, LSB_ERROR_NO_KERNEL, "not a kernel's release");
}

static void test_find_bad_path(void)
{
    g_autofree char *text = in_scratch("text"), *fifo = in_scratch("fifo"),
                    *none = in_scratch("none");
    LsbBootRequest request = request_here();
    put_file(text, "#!/bin/sh\n", 10);
    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    request.path = text;
    expect_failure(&request, LSB_ERROR_NO_KERNEL, "not a Linux kernel image");
    request.path = fifo;
    expect_failure(&request, LSB_ERROR_NO_KERNEL, "not a regular file");
    request.path = scratch;
    expect_failure(&request, LSB_ERROR_NO_KERNEL, "not a regular file");
    request.path = none;
    expect_failure(&request, LSB_ERROR_NO_KERNEL, "No such file");
}

static void test_find_cut_short(void)
{
    g_autofree char *path = put_kernel(RELEASE, TRUE);
    LsbBootRequest request = request_here();
    g_assert_cmpint(truncate(path, BZIMAGE_PAYLOAD + 100), ==, 0);
    request.path = path;
    expect_failure(&request, LSB_ERROR_NO_KERNEL, "cut short");
}

/* Only root can read Ubuntu's images, so that root becomes another user for the call. */
static void test_find_unreadable(void)
{
    enum { NOBODY = 65534 };
    g_autofree char *path = put_kernel(RELEASE, TRUE);
    LsbBootRequest request = request_here();
    gboolean root = geteuid() == 0;
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_assert_cmpint(chmod(path, root ? 0600 : 0), ==, 0);
    g_assert_cmpint(chmod(scratch, 0777), ==, 0);
    if (root)
        g_assert_cmpint(seteuid(NOBODY), ==, 0);
    g_autofree char *advice = g_strdup_printf("sudo chmod 0644 %s", path);
    expect_failure(&request, LSB_ERROR_NO_PERMISSION, advice);
    request.path = path;
    expect_failure(&request, LSB_ERROR_NO_PERMISSION, advice);
    if (root)
        g_assert_cmpint(seteuid(0), ==, 0);
}

static void test_find_no_modules(void)
{
    g_autofree char *path = put_kernel(RELEASE, TRUE), *dir = modules_dir(RELEASE);
    LsbBootRequest request = request_here();
    expect_failure(&request, LSB_ERROR_NO_MODULE, "has no modules");
    g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
    expect_failure(&request, LSB_ERROR_NO_MODULE, "depmod -a " RELEASE);
}

/* --- running --- */

static const BootTest tests[] = {
    {"/release/order", test_release_order},
    {"/release/valid", test_release_valid},
    {"/packages", test_packages},
    {"/kernel/newest", test_find_newest},
    {"/kernel/merged-usr", test_find_merged_usr},
    {"/kernel/running", test_find_running},
    {"/kernel/version", test_find_version},
    {"/kernel/none", test_find_none},
    {"/kernel/bad-path", test_find_bad_path},
    {"/kernel/cut-short", test_find_cut_short},
    {"/kernel/unreadable", test_find_unreadable},
    {"/kernel/no-modules", test_find_no_modules},
};

int main(int argc, char **argv)
{
    return boot_tests_run(argc, argv, tests, G_N_ELEMENTS(tests));
}
