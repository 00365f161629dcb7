/*
 * The modules that a boot needs, in load order, and the initrd that is made of them.
 */
#include <fcntl.h>

#include "base/error.h"
#include "bootimage/bootimage.h"
#include "bootfiles.h"
#include "bootimage/initrd.h"
#include "initrdfile.h"
#include "bootimage/kernelimage.h"
#include "bootimage/modules.h"

/* --- modules --- */

static char *names_of(GPtrArray *paths)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < paths->len; i++) {
        g_autofree char *name = lsb_module_file_name(paths->pdata[i]);
        g_string_append_printf(text, "%s%s", i ? " " : "", name);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static LsbModules *find_modules(const char *const *extra)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = modules_dir(RELEASE);
    LsbModules *modules = lsb_modules_find(dir, NULL, extra, &error);
    g_assert_no_error(error);
    return modules;
}

static void test_modules_order(void)
{
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_autoptr(LsbModules) modules = find_modules(NULL);
    g_autofree char *boot = names_of(modules->boot), *overlay = names_of(modules->overlay);
    g_assert_cmpstr(
        boot, ==,
        "virtio_ring.ko virtio.ko virtio_pci.ko virtio_console.ko 9pnet.ko 9pnet_virtio.ko "
        "netfs.ko 9p.ko");
    g_assert_cmpstr(overlay, ==, "overlay.ko");
    g_assert_true(modules->has_overlay);
}

/* An alias and a dash work as with modprobe(8), and no module is listed twice. */
static void test_modules_extra(void)
{
    static const char *const extra[] = {"disk-fs", "crypto-crc", "9p", NULL};
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_autoptr(LsbModules) modules = find_modules(extra);
    g_autofree char *boot = names_of(modules->boot);
    g_assert_true(g_str_has_suffix(boot, " 9p.ko crc_any.ko disk_fs.ko"));
}

static void test_modules_extra_missing(void)
{
    static const char *const extra[] = {"no_such", NULL};
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = modules_dir(RELEASE);
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_assert_null(lsb_modules_find(dir, NULL, extra, &error));
    g_assert_error(error, LSB_ERROR, LSB_ERROR_NO_MODULE);
    assert_message(error, "\"no_such\"");
}

static void test_modules_builtin(void)
{
    static const char names[] = "virtio_ring virtio virtio_pci virtio_console overlay";
    if (!put_modules(RELEASE, (ModuleOptions){.without = names, .builtin = names}))
        return;
    g_autoptr(LsbModules) modules = find_modules(NULL);
    g_autofree char *boot = names_of(modules->boot);
    g_assert_cmpstr(boot, ==, "9pnet.ko 9pnet_virtio.ko netfs.ko 9p.ko");
    g_assert_cmpuint(modules->overlay->len, ==, 0);
    g_assert_true(modules->has_overlay);
}

static void test_modules_no_overlay(void)
{
    if (!put_modules(RELEASE, (ModuleOptions){.without = "overlay"}))
        return;
    g_autoptr(LsbModules) modules = find_modules(NULL);
    g_assert_false(modules->has_overlay);
    g_assert_cmpuint(modules->overlay->len, ==, 0);
}

static void test_modules_no_9p(void)
{
    g_autofree char *path = put_kernel(RELEASE, TRUE);
    LsbBootRequest request = request_here();
    if (!put_modules(RELEASE, (ModuleOptions){.without = "9p 9pnet 9pnet_virtio"}))
        return;
    expect_failure(&request, LSB_ERROR_NO_MODULE, "has no 9pnet_virtio");
    expect_failure(&request, LSB_ERROR_NO_MODULE, lsb_kernel_packages()->modules);
}

static void check_packed(GBytes *(*packer)(GBytes *), const char *suffix)
{
    g_autoptr(GError) error = NULL;
    if (!put_modules(RELEASE, (ModuleOptions){.pack = packer, .suffix = suffix}))
        return;
    g_autofree char *dir = modules_dir(RELEASE);
    g_autoptr(LsbModules) modules = lsb_modules_find(dir, NULL, NULL, NULL);
    if (!modules) {
        skip("this depmod does not read packed modules");
        return;
    }
    g_autofree char *names = names_of(modules->boot);
    if (!strstr(names, "netfs.ko")) { /* it lists them, but could not look into them */
        skip("this depmod does not read packed modules");
        return;
    }
    g_assert_true(g_str_has_suffix(names, "netfs.ko 9p.ko"));
    g_autoptr(GBytes) plain = fake_ko(&full_set[0]);
    g_autoptr(GBytes) unpacked = lsb_module_read(modules->boot->pdata[0], &error);
    g_assert_no_error(error);
    g_assert_true(g_bytes_equal(plain, unpacked));
}

static GBytes *pack_xz(GBytes *plain)
{
    return pack(plain, archive_write_add_filter_xz);
}

/*
 * A frame with the size of its content and one stored block (RFC 8878). libarchive writes no size,
 * and kmod 33 refuses a frame without one; those of a kernel's build have one.
 */
static GBytes *pack_zstd(GBytes *plain)
{
    enum { SINGLE_SEGMENT_SIZE_OF_4 = 0xa0, LAST_STORED = 1, SIZE_SHIFT = 3 };
    guint8 head[12] = {0x28, 0xb5, 0x2f, 0xfd, SINGLE_SEGMENT_SIZE_OF_4};
    gsize size;
    const guint8 *data = g_bytes_get_data(plain, &size);
    GByteArray *out = g_byte_array_new();
    put32(head + 5, size);
    put16(head + 9, LAST_STORED | size << SIZE_SHIFT);
    head[11] = size << SIZE_SHIFT >> 16;
    g_byte_array_append(out, head, sizeof head);
    g_byte_array_append(out, data, size);
    return g_byte_array_free_to_bytes(out);
}

static void test_modules_xz(void)
{
    check_packed(pack_xz, ".xz");
}

static void test_modules_zstd(void)
{
    check_packed(pack_zstd, ".zst");
}

static void test_module_damaged(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_scratch("x.ko.xz");
    put_file(path,
             "\xfd"
             "7zXZ\0 and then not",
             20);
    g_assert_null(lsb_module_read(path, &error));
    g_assert_error(error, LSB_ERROR, LSB_ERROR_NO_MODULE);
    assert_message(error, "x.ko.xz");
}

/* --- the initrd --- */

static void write_initrd(const char *path, const LsbModules *modules)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) init = g_bytes_new_static("the init", 8);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    g_assert_true(lsb_initrd_write(fd, init, modules, &error));
    g_assert_no_error(error);
    close(fd);
}

static void check_initrd_nodes(GPtrArray *entries)
{
    static const struct {
        const char *name;
        guint mode;
    } nodes[] = {{"dev", S_IFDIR | 0755},     {"dev/console", S_IFCHR | 0600},
                 {"init", S_IFREG | 0755},    {"modules", S_IFDIR | 0755},
                 {"newroot", S_IFDIR | 0755}, {"proc", S_IFDIR | 0755},
                 {"sys", S_IFDIR | 0755},     {"modules/9p.ko", S_IFREG | 0644}};
    for (gsize i = 0; i < G_N_ELEMENTS(nodes); i++)
        g_assert_cmphex(entry_named(entries, nodes[i].name)->mode, ==, nodes[i].mode);
    for (guint i = 0; i < entries->len; i++) {
        const Entry *entry = entries->pdata[i];
        g_assert_cmpuint(entry->uid | entry->gid | entry->mtime, ==, 0);
    }
}

static void test_initrd(void)
{
    struct stat st;
    g_autofree char *path = in_scratch("initrd");
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_autoptr(LsbModules) modules = find_modules(NULL);
    write_initrd(path, modules);
    g_autoptr(GPtrArray) entries = read_initrd(path);
    check_initrd_nodes(entries);
    g_assert_cmpuint(entries->len, ==, 6 + 2 + modules->boot->len + modules->overlay->len);
    const Entry *console = entry_named(entries, "dev/console");
    g_assert_cmpuint(console->rdev_major, ==, 5);
    g_assert_cmpuint(console->rdev_minor, ==, 1);
    const Entry *list = entry_named(entries, "modules/boot.list");
    static const char order[] =
        "virtio_ring.ko\nvirtio.ko\nvirtio_pci.ko\nvirtio_console.ko\n9pnet.ko\n"
        "9pnet_virtio.ko\nnetfs.ko\n9p.ko\n";
    g_assert_cmpmem(g_bytes_get_data(list->content, NULL), g_bytes_get_size(list->content), order,
                    strlen(order));
    g_autoptr(GBytes) ko = fake_ko(&full_set[0]);
    g_assert_true(g_bytes_equal(entry_named(entries, "modules/virtio_ring.ko")->content, ko));
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpuint(st.st_size % 4, ==, 0);
}

static void test_initrd_same(void)
{
    g_autofree char *a = in_scratch("a"), *b = in_scratch("b");
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_autoptr(LsbModules) modules = find_modules(NULL);
    write_initrd(a, modules);
    write_initrd(b, modules);
    g_autoptr(GBytes) first = get_bytes(a);
    g_autoptr(GBytes) second = get_bytes(b);
    g_assert_true(g_bytes_equal(first, second));
}

/* A full disk gives an error. */
static void test_initrd_full(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) init = g_bytes_new_static("the init", 8);
    int fd = open("/dev/full", O_WRONLY);
    if (!put_modules(RELEASE, (ModuleOptions){0}))
        return;
    g_autoptr(LsbModules) modules = find_modules(NULL);
    g_assert_false(lsb_initrd_write(fd, init, modules, &error));
    g_assert_error(error, LSB_ERROR, LSB_ERROR_FAILED);
    close(fd);
}

/* --- running --- */

static const BootTest tests[] = {
    {"/modules/order", test_modules_order},
    {"/modules/extra", test_modules_extra},
    {"/modules/extra-missing", test_modules_extra_missing},
    {"/modules/builtin", test_modules_builtin},
    {"/modules/no-overlay", test_modules_no_overlay},
    {"/modules/no-9p", test_modules_no_9p},
    {"/modules/xz", test_modules_xz},
    {"/modules/zstd", test_modules_zstd},
    {"/modules/damaged", test_module_damaged},
    {"/initrd/entries", test_initrd},
    {"/initrd/same-bytes", test_initrd_same},
    {"/initrd/disk-full", test_initrd_full},
};

int main(int argc, char **argv)
{
    return boot_tests_run(argc, argv, tests, G_N_ELEMENTS(tests));
}
