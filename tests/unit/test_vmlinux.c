/*
 * Reading a kernel image: the header of a bzImage, the packed kernel in it, and the trimmed ELF;
 * from images that are whole, cut short, damaged and hostile.
 */
#include "base/error.h"
#include "bootfiles.h"
#include "bootimage/unpack.h"
#include "bootimage/vmlinux.h"

/* --- the setup header --- */

static void test_header(void)
{
    LsbBzImage image;
    gsize size;
    g_autoptr(GBytes) bytes = fake_bzimage(RELEASE, TRUE);
    const guint8 *data = g_bytes_get_data(bytes, &size);
    g_assert_true(lsb_bzimage_parse(data, size, size, &image, NULL));
    g_assert_cmphex(image.protocol, ==, 0x20f);
    g_assert_cmpstr(image.release, ==, RELEASE);
    g_assert_cmpuint(image.payload, ==, BZIMAGE_PAYLOAD);
    g_assert_cmpuint(image.payload + image.payload_size, ==, size);
}

/* Each image lies in memory of its own size, so that ASan sees a read behind its end. */
static void test_header_prefixes(void)
{
    gsize size;
    g_autoptr(GBytes) bytes = fake_bzimage(RELEASE, TRUE);
    const guint8 *data = g_bytes_get_data(bytes, &size);
    for (gsize have = 0; have < size; have++) {
        LsbBzImage image;
        g_autofree guint8 *copy = g_memdup2(data, have);
        g_autoptr(GError) error = NULL;
        g_assert_false(lsb_bzimage_parse(copy, have, have, &image, &error));
        g_assert_error(error, LSB_ERROR, LSB_ERROR_NO_KERNEL);
    }
}

static void random_bytes(guint8 *data, gsize size)
{
    for (gsize i = 0; i < size; i++)
        data[i] = g_test_rand_int();
}

static void unpack_and_trim(const guint8 *data, gsize size)
{
    g_autoptr(GBytes) image = g_bytes_new(data, size);
    g_autoptr(GBytes) elf = lsb_vmlinux_unpack(image, NULL);
    g_autoptr(GBytes) trimmed = elf ? lsb_vmlinux_trim(elf, NULL) : NULL;
    g_autoptr(GBytes) direct = lsb_vmlinux_trim(image, NULL);
}

static void test_header_random(void)
{
    gsize size;
    g_autoptr(GBytes) bytes = fake_bzimage(RELEASE, TRUE);
    const guint8 *data = g_bytes_get_data(bytes, &size);
    for (int i = 0; i < 300; i++) {
        g_autofree guint8 *copy = g_memdup2(data, size);
        random_bytes(copy + 0x1f1, 0x202 - 0x1f1);
        random_bytes(copy + 0x206, 0x260 - 0x206);
        copy[0x236] |= 1;
        if (i % 2)
            memset(copy + 0x24a, 0, 2), memset(copy + 0x24e, 0, 2);
        unpack_and_trim(copy, size);
    }
}

static void test_header_32_bit(void)
{
    LsbBzImage image;
    gsize size;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = fake_bzimage(RELEASE, TRUE);
    g_autofree guint8 *data = g_memdup2(g_bytes_get_data(bytes, &size), g_bytes_get_size(bytes));
    data[0x236] = 0;
    g_assert_false(lsb_bzimage_parse(data, size, size, &image, &error));
    assert_message(error, "32-bit");
}

/* --- the ELF kernel --- */

/* A loader gets the same memory from the trimmed file, which lacks the rest. */
static void test_trim(void)
{
    gsize size;
    Elf64_Ehdr header;
    Elf64_Phdr segments[3];
    g_autofree FakeElf *original = g_new(FakeElf, 1);
    g_autoptr(GBytes) elf = fake_elf(TRUE);
    g_autoptr(GBytes) trimmed = lsb_vmlinux_trim(elf, NULL);
    const guint8 *data = g_bytes_get_data(trimmed, &size);
    fill_elf(original, TRUE);
    memcpy(&header, data, sizeof header);
    memcpy(segments, data + header.e_phoff, sizeof segments);
    g_assert_cmpuint(header.e_shoff | header.e_shnum, ==, 0);
    g_assert_cmphex(header.e_entry, ==, original->header.e_entry);
    g_assert_cmpuint(segments[0].p_filesz, ==, TEXT_SIZE);
    g_assert_cmpuint(segments[0].p_memsz, ==, KERNEL_MEMORY);
    g_assert_cmphex(segments[0].p_paddr, ==, original->segments[0].p_paddr);
    g_assert_cmpuint(segments[0].p_offset % 4096, ==, segments[0].p_vaddr % 4096);
    g_assert_cmpmem(data + segments[0].p_offset, TEXT_SIZE, original->text, TEXT_SIZE);
    g_assert_cmpmem(data + segments[1].p_offset, segments[1].p_filesz, &original->note,
                    sizeof original->note);
    g_assert_cmpuint(segments[2].p_type, ==, PT_NULL);
    g_assert_cmpuint(size, <, sizeof *original);
}

static void test_trim_again(void)
{
    g_autoptr(GBytes) elf = fake_elf(TRUE);
    g_autoptr(GBytes) once = lsb_vmlinux_trim(elf, NULL);
    g_autoptr(GBytes) twice = lsb_vmlinux_trim(once, NULL);
    g_assert_true(g_bytes_equal(once, twice));
}

static void test_trim_no_pvh(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) elf = fake_elf(FALSE);
    g_assert_null(lsb_vmlinux_trim(elf, &error));
    assert_message(error, "PVH");
}

static void test_trim_prefixes(void)
{
    gsize size;
    g_autoptr(GBytes) elf = fake_elf(TRUE);
    const guint8 *data = g_bytes_get_data(elf, &size);
    for (gsize have = 0; have < size; have += have < 600 ? 1 : 97) {
        g_autoptr(GBytes) prefix = g_bytes_new(data, have);
        g_assert_null(lsb_vmlinux_trim(prefix, NULL));
    }
}

/* False sizes and offsets: each 64-bit field of a program header is set to each hostile value. */
static void test_trim_hostile(void)
{
    static const guint64 values[] = {
        0, 1, 0x7fffffff, 0xffffffff, (guint64)1 << 40, G_MAXINT64, G_MAXUINT64};
    g_autofree FakeElf *elf = g_new(FakeElf, 1);
    for (gsize at = 0; at + 8 <= 2 * sizeof(Elf64_Phdr); at += 4)
        for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
            fill_elf(elf, TRUE);
            memcpy((guint8 *)elf->segments + at, &values[i], 8);
            unpack_and_trim((guint8 *)elf, sizeof *elf);
        }
    for (int i = 0; i < 3000; i++) {
        fill_elf(elf, TRUE);
        for (int n = 0; n < 3; n++)
            ((guint8 *)elf)[g_test_rand_int_range(0, G_STRUCT_OFFSET(FakeElf, banner))] =
                g_test_rand_int();
        unpack_and_trim((guint8 *)elf, sizeof *elf);
    }
}

static void test_elf_release(void)
{
    g_autoptr(GBytes) elf = fake_elf(TRUE);
    g_autofree char *release = lsb_vmlinux_release(elf);
    g_assert_cmpstr(release, ==, RELEASE);
}

static int (*const packings[])(struct archive *) = {
    archive_write_add_filter_gzip, archive_write_add_filter_bzip2, archive_write_add_filter_xz,
    archive_write_add_filter_lzma, archive_write_add_filter_lz4,   archive_write_add_filter_zstd,
};

static void test_unpack(void)
{
    g_autoptr(GBytes) elf = fake_elf(TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(packings); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) packed = pack(elf, packings[i]);
        if (!packed)
            continue;
        g_autoptr(GBytes) image = bzimage_of(packed, g_bytes_get_size(elf), RELEASE);
        g_autoptr(GBytes) unpacked = lsb_vmlinux_unpack(image, &error);
        g_assert_no_error(error);
        g_assert_true(g_bytes_equal(unpacked, elf));
    }
}

static void test_unpack_damaged(void)
{
    g_autoptr(GBytes) elf = fake_elf(TRUE);
    for (gsize i = 0; i < G_N_ELEMENTS(packings); i++) {
        g_autoptr(GBytes) packed = pack(elf, packings[i]);
        for (int n = 0; packed && n < 50; n++) {
            g_autoptr(GBytes) image = bzimage_of(packed, g_bytes_get_size(elf), RELEASE);
            g_autofree guint8 *data =
                g_memdup2(g_bytes_get_data(image, NULL), g_bytes_get_size(image));
            data[g_test_rand_int_range(BZIMAGE_PAYLOAD, g_bytes_get_size(image))] ^= 1 << n % 8;
            unpack_and_trim(data, g_bytes_get_size(image));
        }
    }
}

/* A header that says a smaller size than the kernel unpacks to, and bytes that are not packed. */
static void test_unpack_limits(void)
{
    g_autoptr(GError) error = NULL, second = NULL;
    g_autoptr(GBytes) elf = fake_elf(TRUE);
    g_autoptr(GBytes) packed = pack(elf, archive_write_add_filter_xz);
    if (!packed)
        return;
    g_autoptr(GBytes) image = bzimage_of(packed, 100, RELEASE);
    g_assert_null(lsb_vmlinux_unpack(image, &error));
    assert_message(error, "more than 100 bytes");
    g_assert_null(lsb_unpack("plain text here", 15, 1000, &second));
    g_assert_error(second, LSB_ERROR, LSB_ERROR_FAILED);
}

/* --- running --- */

static const BootTest tests[] = {
    {"/header/fields", test_header},
    {"/header/every-prefix", test_header_prefixes},
    {"/header/random", test_header_random},
    {"/header/32-bit", test_header_32_bit},
    {"/vmlinux/trim", test_trim},
    {"/vmlinux/trim-again", test_trim_again},
    {"/vmlinux/no-pvh", test_trim_no_pvh},
    {"/vmlinux/prefixes", test_trim_prefixes},
    {"/vmlinux/hostile", test_trim_hostile},
    {"/vmlinux/release", test_elf_release},
    {"/unpack/all", test_unpack},
    {"/unpack/damaged", test_unpack_damaged},
    {"/unpack/limits", test_unpack_limits},
};

int main(int argc, char **argv)
{
    return boot_tests_run(argc, argv, tests, G_N_ELEMENTS(tests));
}
