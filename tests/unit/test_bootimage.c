/*
 * The boot image: finding a kernel, reading it, its modules, the initrd, the cache. Kernels and
 * modules are made here, a few hundred bytes each, so this needs neither QEMU nor an installed
 * kernel; what only depmod(8) can make skips without it, or fails where CI is set.
 */
#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <utime.h>

#include "../../lsandbox/bootimage.h"
#include "../../lsandbox/cache.h"
#include "../../lsandbox/error.h"
#include "../../lsandbox/initrd.h"
#include "../../lsandbox/kernel.h"
#include "../../lsandbox/modules.h"
#include "../../lsandbox/paths.h"
#include "../../lsandbox/unpack.h"
#include "../../lsandbox/vmlinux.h"

#define RELEASE "6.1.0-9-test"

static char *scratch; /* a directory of the running test's own */

/* ---- helpers ---- */

static char *in_scratch(const char *name)
{
    return g_build_filename(scratch, name, NULL);
}

static void put_file(const char *path, const void *data, gsize size)
{
    g_autofree char *dir = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, data, size, NULL));
}

static void put_bytes(const char *path, GBytes *bytes)
{
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    put_file(path, data, size);
}

static GBytes *get_bytes(const char *path)
{
    char *data;
    gsize size;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    return g_bytes_new_take(data, size);
}

static guint count_entries(const char *path)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    while (dir && g_dir_read_name(dir))
        n++;
    return n;
}

/* Entries of the cache that begin with PREFIX; "" counts all but the lock. */
static guint count_cached(const char *dir, const char *prefix)
{
    guint n = 0;
    const char *name;
    g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
    while (open && (name = g_dir_read_name(open)))
        n += g_str_has_prefix(name, prefix) && strcmp(name, "lock") != 0;
    return n;
}

static void assert_message(const GError *error, const char *part)
{
    if (!strstr(error->message, part))
        g_error("\"%s\" lacks \"%s\"", error->message, part);
}

/* Pack bytes; FILTER is one of libarchive's writers. NULL where this libarchive has it not. */
static GBytes *pack(GBytes *plain, int (*filter)(struct archive *))
{
    gsize size, room = g_bytes_get_size(plain) * 2 + 65536, used = 0;
    const void *data = g_bytes_get_data(plain, &size);
    g_autofree char *out = g_malloc(room);
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    gboolean known = filter(archive) == ARCHIVE_OK;
    archive_write_set_format_raw(archive);
    archive_write_set_bytes_in_last_block(archive, 1);
    archive_entry_set_filetype(entry, AE_IFREG);
    if (known) {
        g_assert_cmpint(archive_write_open_memory(archive, out, room, &used), ==, ARCHIVE_OK);
        g_assert_cmpint(archive_write_header(archive, entry), ==, ARCHIVE_OK);
        g_assert_cmpint(archive_write_data(archive, data, size), ==, size);
        g_assert_cmpint(archive_write_close(archive), ==, ARCHIVE_OK);
    }
    archive_entry_free(entry);
    archive_write_free(archive);
    return known ? g_bytes_new(out, used) : NULL;
}

/* ---- a kernel of our own ---- */

enum { TEXT_SIZE = 3000, TEXT_TAIL = 5000, KERNEL_MEMORY = 10000, NOTE_TYPE_PVH = 18 };

typedef struct {
    Elf64_Ehdr header;
    Elf64_Phdr segments[3];
    struct {
        Elf64_Nhdr head;
        char name[4];
        guint32 entry;
    } note;
    char banner[64];
    guint8 text[TEXT_SIZE + TEXT_TAIL];
} FakeElf;

static void fill_segments(FakeElf *elf)
{
    elf->segments[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                                    .p_offset = G_STRUCT_OFFSET(FakeElf, text),
                                    .p_vaddr = 0xffffffff81000123,
                                    .p_paddr = 0x1000123,
                                    .p_filesz = sizeof elf->text,
                                    .p_memsz = KERNEL_MEMORY,
                                    .p_align = 0x200000};
    elf->segments[1] = (Elf64_Phdr){.p_type = PT_NOTE,
                                    .p_offset = G_STRUCT_OFFSET(FakeElf, note),
                                    .p_filesz = sizeof elf->note,
                                    .p_memsz = sizeof elf->note,
                                    .p_align = 4};
    elf->segments[2] = (Elf64_Phdr){.p_type = PT_GNU_STACK, .p_offset = ~0ul};
}

static void fill_elf(FakeElf *elf, gboolean pvh)
{
    memset(elf, 0, sizeof *elf);
    memcpy(elf->header.e_ident, ELFMAG, SELFMAG);
    elf->header.e_ident[EI_CLASS] = ELFCLASS64;
    elf->header.e_ident[EI_DATA] = ELFDATA2LSB;
    elf->header.e_type = ET_EXEC;
    elf->header.e_machine = EM_X86_64;
    elf->header.e_entry = 0x1000000;
    elf->header.e_phoff = G_STRUCT_OFFSET(FakeElf, segments);
    elf->header.e_phentsize = sizeof(Elf64_Phdr);
    elf->header.e_phnum = 3;
    elf->header.e_shoff = 12345;
    elf->header.e_shnum = 7;
    fill_segments(elf);
    elf->note.head = (Elf64_Nhdr){.n_namesz = 4, .n_descsz = 4, .n_type = pvh ? NOTE_TYPE_PVH : 1};
    strcpy(elf->note.name, "Xen");
    g_strlcpy(elf->banner, "Linux version " RELEASE " (someone)", sizeof elf->banner);
    for (gsize i = 0; i < TEXT_SIZE; i++)
        elf->text[i] = 1 + i % 250;
}

static GBytes *fake_elf(gboolean pvh)
{
    g_autofree FakeElf *elf = g_new(FakeElf, 1);
    fill_elf(elf, pvh);
    return g_bytes_new(elf, sizeof *elf);
}

enum { SETUP = 2 * 512, BZIMAGE_PAYLOAD = SETUP + 16 };

static void put16(guint8 *at, guint v)
{
    at[0] = v;
    at[1] = v >> 8;
}

static void put32(guint8 *at, guint32 v)
{
    put16(at, v);
    put16(at + 2, v >> 16);
}

/* A bzImage around PACKED, which unpacks to SIZE bytes. All but gzip get that size appended. */
static GBytes *bzimage_of(GBytes *packed, guint32 size, const char *release)
{
    static const guint8 zero[BZIMAGE_PAYLOAD];
    gsize packed_size;
    const guint8 *data = g_bytes_get_data(packed, &packed_size);
    gboolean gzip = data[0] == 0x1f;
    guint8 tail[4];
    put32(tail, size);
    GByteArray *image = g_byte_array_new();
    g_byte_array_append(image, zero, sizeof zero);
    g_byte_array_append(image, data, packed_size);
    g_byte_array_append(image, tail, gzip ? 0 : 4);
    image->data[0x1f1] = 1;
    memcpy(image->data + 0x202, "HdrS", 4);
    put16(image->data + 0x206, 0x20f);
    put16(image->data + 0x20e, 0x300 - 0x200);
    put16(image->data + 0x236, 1);
    put32(image->data + 0x248, BZIMAGE_PAYLOAD - SETUP);
    put32(image->data + 0x24c, packed_size + (gzip ? 0 : 4));
    g_snprintf((char *)image->data + 0x300, 100, "%s (someone@there) #1 SMP", release);
    return g_byte_array_free_to_bytes(image);
}

static GBytes *fake_bzimage(const char *release, gboolean pvh)
{
    g_autoptr(GBytes) elf = fake_elf(pvh);
    g_autoptr(GBytes) packed = pack(elf, archive_write_add_filter_gzip);
    g_assert_nonnull(packed);
    return bzimage_of(packed, g_bytes_get_size(elf), release);
}

/* ---- modules of our own ---- */

typedef struct {
    const char *name;
    const char *depends; /* modules whose symbol it uses, a blank between */
    const char *info;    /* a line of .modinfo */
} FakeModule;

static const FakeModule full_set[] = {
    {"virtio_ring", "", ""},
    {"virtio", "virtio_ring", ""},
    {"virtio_pci", "virtio virtio_ring", ""},
    {"virtio_console", "virtio", ""},
    {"9pnet", "", ""},
    {"9pnet_virtio", "9pnet virtio", ""},
    {"netfs", "", ""},
    {"9p", "9pnet netfs", ""},
    {"overlay", "", ""},
    {"crc_any", "", "alias=crypto-crc"},
    {"disk_fs", "netfs", "softdep=pre: crypto-crc not-there"},
    {NULL, NULL, NULL},
};

enum { S_NULL, S_MODINFO, S_EXPORTS, S_SYMTAB, S_STRTAB, S_NAMES, SECTIONS };

static void add_symbols(GByteArray *symtab, GString *strtab, const char *depends)
{
    g_auto(GStrv) names = g_strsplit(depends, " ", -1);
    for (char **name = names; *name; name++) {
        Elf64_Sym symbol = {.st_name = strtab->len,
                            .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE)};
        if (**name)
            g_byte_array_append(symtab, (guint8 *)&symbol, sizeof symbol);
        g_string_append_printf(strtab, "use_%s%c", *name, 0);
    }
}

static void pad_to_8(GByteArray *out)
{
    static const guint8 zero[8];
    g_byte_array_append(out, zero, -out->len % 8);
}

static void add_section(GByteArray *out, Elf64_Shdr *section, guint name, guint type,
                        const void *data, gsize size)
{
    pad_to_8(out);
    *section = (Elf64_Shdr){.sh_name = name,
                            .sh_type = type,
                            .sh_offset = out->len,
                            .sh_size = size,
                            .sh_addralign = 1};
    g_byte_array_append(out, data, size);
}

/* A relocatable ELF file with the sections that depmod(8) reads; it exports the symbol use_NAME. */
static GBytes *fake_ko(const FakeModule *module)
{
    static const char names[] = "\0.modinfo\0__ksymtab_strings\0.symtab\0.strtab\0.shstrtab";
    Elf64_Shdr sections[SECTIONS] = {{0}};
    Elf64_Ehdr header = {.e_type = ET_REL,
                         .e_machine = EM_X86_64,
                         .e_version = EV_CURRENT,
                         .e_ehsize = sizeof header,
                         .e_shentsize = sizeof *sections,
                         .e_shnum = SECTIONS,
                         .e_shstrndx = S_NAMES,
                         .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT}};
    Elf64_Sym null_symbol = {0};
    g_autoptr(GByteArray) symtab = g_byte_array_new();
    g_autoptr(GString) strtab = g_string_new_len("", 1);
    g_autofree char *exported = g_strconcat("use_", module->name, NULL);
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(symtab, (guint8 *)&null_symbol, sizeof null_symbol);
    add_symbols(symtab, strtab, module->depends);
    g_byte_array_append(out, (guint8 *)&header, sizeof header);
    add_section(out, &sections[S_MODINFO], 1, SHT_PROGBITS, module->info, strlen(module->info) + 1);
    add_section(out, &sections[S_EXPORTS], 10, SHT_PROGBITS, exported, strlen(exported) + 1);
    add_section(out, &sections[S_SYMTAB], 28, SHT_SYMTAB, symtab->data, symtab->len);
    add_section(out, &sections[S_STRTAB], 36, SHT_STRTAB, strtab->str, strtab->len);
    add_section(out, &sections[S_NAMES], 44, SHT_STRTAB, names, sizeof names);
    sections[S_SYMTAB].sh_link = S_STRTAB;
    sections[S_SYMTAB].sh_entsize = sizeof(Elf64_Sym);
    pad_to_8(out);
    header.e_shoff = out->len;
    g_byte_array_append(out, (guint8 *)sections, sizeof sections);
    memcpy(out->data, &header, sizeof header);
    return g_byte_array_free_to_bytes(out);
}

static gboolean run_depmod(const char *root, const char *release)
{
    int status;
    const char *argv[] = {"depmod", "-b", root, release, NULL};
    g_autofree char *path = g_strconcat(g_getenv("PATH"), ":/sbin:/usr/sbin", NULL);
    g_auto(GStrv) env = g_environ_setenv(g_get_environ(), "PATH", path, TRUE);
    return g_spawn_sync(NULL, (char **)argv, env,
                        G_SPAWN_SEARCH_PATH_FROM_ENVP | G_SPAWN_STDOUT_TO_DEV_NULL |
                            G_SPAWN_STDERR_TO_DEV_NULL,
                        NULL, NULL, NULL, NULL, &status, NULL) &&
           status == 0;
}

static void skip(const char *why)
{
    if (g_getenv("CI"))
        g_error("%s", why);
    g_test_skip(why);
}

typedef struct {
    const char *without;             /* modules left out, a blank between */
    const char *builtin;             /* those of them that are built in */
    int (*filter)(struct archive *); /* how modules are packed, and their suffix */
    const char *suffix;
} ModuleOptions;

static gboolean has_word(const char *words, const char *word)
{
    g_auto(GStrv) list = g_strsplit(words ? words : "", " ", -1);
    return g_strv_contains((const char *const *)list, word);
}

static void put_module(const char *dir, const FakeModule *module, const ModuleOptions *options)
{
    g_autoptr(GBytes) ko = fake_ko(module);
    g_autoptr(GBytes) packed = options->filter ? pack(ko, options->filter) : g_bytes_ref(ko);
    g_autofree char *path = g_strdup_printf("%s/kernel/%s.ko%s", dir, module->name,
                                            options->suffix ? options->suffix : "");
    put_bytes(path, packed);
}

static void put_builtins(const char *dir, const char *names)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *path = g_build_filename(dir, "modules.builtin", NULL);
    g_auto(GStrv) list = g_strsplit(names, " ", -1);
    for (char **name = list; *name; name++)
        g_string_append_printf(text, "kernel/%s.ko\n", *name);
    put_file(path, text->str, text->len);
}

/* SCRATCH/lib/modules/RELEASE with modules and depmod's files. FALSE (and skipped) if it cannot. */
static gboolean put_modules(const char *release, ModuleOptions options)
{
    g_autofree char *dir = g_build_filename(scratch, "lib", "modules", release, NULL);
    for (const FakeModule *module = full_set; module->name; module++)
        if (!has_word(options.without, module->name))
            put_module(dir, module, &options);
    put_builtins(dir, options.builtin ? options.builtin : "nothing");
    if (run_depmod(scratch, release))
        return TRUE;
    skip("depmod is not installed, or cannot read this packing");
    return FALSE;
}

static char *put_kernel(const char *release, gboolean pvh)
{
    g_autofree char *name = g_strconcat("vmlinuz-", release, NULL);
    char *path = g_build_filename(scratch, "boot", name, NULL);
    g_autoptr(GBytes) image = fake_bzimage(release, pvh);
    put_bytes(path, image);
    return path;
}

static char *modules_dir(const char *release)
{
    return g_build_filename(scratch, "lib", "modules", release, NULL);
}

/* A request for what is in the scratch directory. The strings live as long as the test. */
static LsbBootRequest request_here(void)
{
    static char *init, *cache;
    g_free(init);
    g_free(cache);
    init = in_scratch("lsandbox-init");
    cache = in_scratch("cache");
    if (!g_file_test(init, G_FILE_TEST_EXISTS))
        put_file(init, "guest init", 10);
    return (LsbBootRequest){.guest_init = init, .cache_dir = cache, .sysroot = scratch};
}

static char *names_of(GPtrArray *paths)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < paths->len; i++) {
        g_autofree char *name = lsb_module_file_name(paths->pdata[i]);
        g_string_append_printf(text, "%s%s", i ? " " : "", name);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* ---- releases ---- */

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

/* ---- the setup header ---- */

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

/* Each in memory of its own size, so that a byte read behind it is seen. */
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

/* ---- the ELF kernel ---- */

/* What a loader would have in memory is unchanged, and what is not needed is gone. */
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

/* Sizes and offsets that lie: set one 64-bit field of a program header to each hostile value. */
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

/* A header that promises less than comes out, and plain bytes that are not packed at all. */
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

/* ---- finding a kernel ---- */

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

static void expect_failure(const LsbBootRequest *request, LsbErrorCode code, const char *part)
{
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();
    g_assert_null(lsb_boot_image_get(request, &error));
    g_assert_error(error, LSB_ERROR, (int)code);
    assert_message(error, part);
    g_assert_cmpint(g_get_monotonic_time() - start, <, G_USEC_PER_SEC);
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

/* Ubuntu's images are for root alone. Root reads all, so it becomes another user for the call. */
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

/* ---- modules ---- */

static LsbModules *find_modules(const char *const *extra)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = modules_dir(RELEASE);
    LsbModules *modules = lsb_modules_find(dir, extra, &error);
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

/* An alias and a dash work as with modprobe; what is there already is not listed twice. */
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
    g_assert_null(lsb_modules_find(dir, extra, &error));
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

static void check_packed(int (*filter)(struct archive *), const char *suffix)
{
    g_autoptr(GError) error = NULL;
    if (!put_modules(RELEASE, (ModuleOptions){.filter = filter, .suffix = suffix}))
        return;
    g_autofree char *dir = modules_dir(RELEASE);
    g_autoptr(LsbModules) modules = lsb_modules_find(dir, NULL, NULL);
    if (!modules) {
        skip("this depmod does not read packed modules");
        return;
    }
    g_autofree char *names = names_of(modules->boot);
    g_assert_true(g_str_has_suffix(names, "netfs.ko 9p.ko"));
    g_autoptr(GBytes) plain = fake_ko(&full_set[0]);
    g_autoptr(GBytes) unpacked = lsb_module_read(modules->boot->pdata[0], &error);
    g_assert_no_error(error);
    g_assert_true(g_bytes_equal(plain, unpacked));
}

static void test_modules_xz(void)
{
    check_packed(archive_write_add_filter_xz, ".xz");
}

static void test_modules_zstd(void)
{
    check_packed(archive_write_add_filter_zstd, ".zst");
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

/* ---- the initrd ---- */

typedef struct {
    char *name;
    guint mode, uid, gid, rdev_major, rdev_minor;
    gint64 mtime;
    GBytes *content;
} Entry;

static void entry_free(Entry *entry)
{
    g_bytes_unref(entry->content);
    g_free(entry->name);
    g_free(entry);
}

static Entry *read_entry(struct archive *archive, struct archive_entry *from)
{
    Entry *entry = g_new0(Entry, 1);
    gsize size = archive_entry_size(from);
    guint8 *data = g_malloc(size + 1);
    g_assert_cmpint(archive_read_data(archive, data, size), ==, size);
    entry->name = g_strdup(archive_entry_pathname(from));
    entry->mode = archive_entry_mode(from);
    entry->uid = archive_entry_uid(from);
    entry->gid = archive_entry_gid(from);
    entry->rdev_major = archive_entry_rdevmajor(from);
    entry->rdev_minor = archive_entry_rdevminor(from);
    entry->mtime = archive_entry_mtime(from);
    entry->content = g_bytes_new_take(data, size);
    return entry;
}

static GPtrArray *read_initrd(const char *path)
{
    struct archive_entry *from;
    struct archive *archive = archive_read_new();
    GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify)entry_free);
    archive_read_support_format_cpio(archive);
    g_assert_cmpint(archive_read_open_filename(archive, path, 65536), ==, ARCHIVE_OK);
    while (archive_read_next_header(archive, &from) == ARCHIVE_OK)
        g_ptr_array_add(entries, read_entry(archive, from));
    g_assert_cmpint(archive_format(archive), ==, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC);
    archive_read_free(archive);
    return entries;
}

static const Entry *entry_named(GPtrArray *entries, const char *name)
{
    for (guint i = 0; i < entries->len; i++)
        if (strcmp(((Entry *)entries->pdata[i])->name, name) == 0)
            return entries->pdata[i];
    g_error("no %s in the initrd", name);
}

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

/* A disk that is full comes back as an error. */
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

/* ---- the cache ---- */

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

/* Whatever the umask: as root another user, QEMU's, has to read the files. */
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

/* Another maker publishes the same key while we are at it, as it may when the lock did not keep it
 * out. */
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

static void wait_for(pid_t pid, gboolean killed)
{
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(killed ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0);
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

/* What a killed maker leaves goes with the next one; what a live one is working on stays. */
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

/* Six old entries, one of them used again, and a new one: the four used last are kept. */
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

/* ---- all together ---- */

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

/* A hit does not read modules nor kernel: it works when they cannot be read, as long as they look
 * the same. */
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

/* Each thing that goes in makes another entry when it changes. */
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

/* A vmlinux given by path: its release is in it; without the PVH note nothing can boot it. */
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

/* The newest has no 9p (a cloud kernel), the second no modules at all (a rescue image): the third
 * it is. */
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

/* Modules asked for without a version: the kernel of their release, not the newest. */
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

/* The host's own kernel, where there is one that fits. */
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

/* ---- running ---- */

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"/release/order", test_release_order},
    {"/release/valid", test_release_valid},
    {"/packages", test_packages},
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
    {"/kernel/newest", test_find_newest},
    {"/kernel/merged-usr", test_find_merged_usr},
    {"/kernel/running", test_find_running},
    {"/kernel/version", test_find_version},
    {"/kernel/none", test_find_none},
    {"/kernel/bad-path", test_find_bad_path},
    {"/kernel/cut-short", test_find_cut_short},
    {"/kernel/unreadable", test_find_unreadable},
    {"/kernel/no-modules", test_find_no_modules},
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

/* Each test has a directory of its own, and leaves no descriptor open. */
static void run_test(gconstpointer index)
{
    guint before = count_entries("/proc/self/fd");
    scratch = g_dir_make_tmp("lsb-bootimage-XXXXXX", NULL);
    g_assert_nonnull(scratch);
    tests[GPOINTER_TO_UINT(index)].run();
    lsb_path_remove_tree(scratch);
    g_free(scratch);
    g_assert_cmpuint(count_entries("/proc/self/fd"), ==, before);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add_data_func(tests[i].name, GUINT_TO_POINTER(i), run_test);
    return g_test_run();
}
