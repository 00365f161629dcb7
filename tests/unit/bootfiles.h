/*
 * Kernels and modules for the tests of the boot image, a few hundred bytes each, made in the
 * scratch directory, so that the tests need neither QEMU nor an installed kernel. Tests that need
 * depmod(8) skip without it, and fail in CI.
 */
#ifndef LSANDBOX_TEST_BOOTFILES_H
#define LSANDBOX_TEST_BOOTFILES_H

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "bootimage/bootimage.h"
#include "base/error.h"
#include "fixture.h"

#define RELEASE "6.1.0-9-test"

static inline void put_file(const char *path, const void *data, gsize size)
{
    g_autofree char *dir = g_path_get_dirname(path);
    g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, data, size, NULL));
}

static inline void put_bytes(const char *path, GBytes *bytes)
{
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    put_file(path, data, size);
}

static inline GBytes *get_bytes(const char *path)
{
    char *data;
    gsize size;
    g_assert_true(g_file_get_contents(path, &data, &size, NULL));
    return g_bytes_new_take(data, size);
}

/* Pack bytes; FILTER is one of libarchive's writers. NULL: this libarchive lacks it. */
static inline GBytes *pack(GBytes *plain, int (*filter)(struct archive *))
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

/* --- a kernel of our own --- */

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

static inline void fill_segments(FakeElf *elf)
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

static inline void fill_elf(FakeElf *elf, gboolean pvh)
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

static inline GBytes *fake_elf(gboolean pvh)
{
    g_autofree FakeElf *elf = g_new(FakeElf, 1);
    fill_elf(elf, pvh);
    return g_bytes_new(elf, sizeof *elf);
}

enum { SETUP = 2 * 512, BZIMAGE_PAYLOAD = SETUP + 16 };

static inline void put16(guint8 *at, guint v)
{
    at[0] = v;
    at[1] = v >> 8;
}

static inline void put32(guint8 *at, guint32 v)
{
    put16(at, v);
    put16(at + 2, v >> 16);
}

/* A bzImage around PACKED, which unpacks to SIZE bytes. All but gzip get that size appended. */
static inline GBytes *bzimage_of(GBytes *packed, guint32 size, const char *release)
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

static inline GBytes *fake_bzimage(const char *release, gboolean pvh)
{
    g_autoptr(GBytes) elf = fake_elf(pvh);
    g_autoptr(GBytes) packed = pack(elf, archive_write_add_filter_gzip);
    g_assert_nonnull(packed);
    return bzimage_of(packed, g_bytes_get_size(elf), release);
}

/* --- modules of our own --- */

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

static inline void add_symbols(GByteArray *symtab, GString *strtab, const char *depends)
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

static inline void pad_to_8(GByteArray *out)
{
    static const guint8 zero[8];
    g_byte_array_append(out, zero, -out->len % 8);
}

static inline void add_section(GByteArray *out, Elf64_Shdr *section, guint name, guint type,
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
static inline GBytes *fake_ko(const FakeModule *module)
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

static inline gboolean run_depmod(const char *root, const char *release)
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

static inline void skip(const char *why)
{
    if (g_getenv("CI"))
        g_error("%s", why);
    g_test_skip(why);
}

typedef struct {
    const char *without;            /* modules left out, a blank between */
    const char *builtin;            /* those of them that are built in */
    GBytes *(*pack)(GBytes *plain); /* how modules are packed, and their suffix */
    const char *suffix;
} ModuleOptions;

static inline gboolean has_word(const char *words, const char *word)
{
    g_auto(GStrv) list = g_strsplit(words ? words : "", " ", -1);
    return g_strv_contains((const char *const *)list, word);
}

static inline void put_module(const char *dir, const FakeModule *module,
                              const ModuleOptions *options)
{
    g_autoptr(GBytes) ko = fake_ko(module);
    g_autoptr(GBytes) packed = options->pack ? options->pack(ko) : g_bytes_ref(ko);
    g_autofree char *path = g_strdup_printf("%s/kernel/%s.ko%s", dir, module->name,
                                            options->suffix ? options->suffix : "");
    put_bytes(path, packed);
}

static inline void put_builtins(const char *dir, const char *names)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *path = g_build_filename(dir, "modules.builtin", NULL);
    g_auto(GStrv) list = g_strsplit(names, " ", -1);
    for (char **name = list; *name; name++)
        g_string_append_printf(text, "kernel/%s.ko\n", *name);
    put_file(path, text->str, text->len);
}

/* SCRATCH/lib/modules/RELEASE with modules and depmod's files. FALSE (and skipped) if it cannot. */
static inline gboolean put_modules(const char *release, ModuleOptions options)
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

static inline char *put_kernel(const char *release, gboolean pvh)
{
    g_autofree char *name = g_strconcat("vmlinuz-", release, NULL);
    char *path = g_build_filename(scratch, "boot", name, NULL);
    g_autoptr(GBytes) image = fake_bzimage(release, pvh);
    put_bytes(path, image);
    return path;
}

static inline char *modules_dir(const char *release)
{
    return g_build_filename(scratch, "lib", "modules", release, NULL);
}

/* A request for the kernels in the scratch directory. The strings live as long as the test. */
static inline LsbBootRequest request_here(void)
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

/* --- checks --- */

static inline void expect_failure(const LsbBootRequest *request, LsbErrorCode code,
                                  const char *part)
{
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();
    g_assert_null(lsb_boot_image_get(request, &error));
    g_assert_error(error, LSB_ERROR, (int)code);
    assert_message(error, part);
    g_assert_cmpint(g_get_monotonic_time() - start, <, G_USEC_PER_SEC);
}

static inline void wait_for(pid_t pid, gboolean killed)
{
    int status;
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(killed ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Entries of the cache that begin with PREFIX; "" counts all but the lock. */
static inline guint count_cached(const char *dir, const char *prefix)
{
    guint n = 0;
    const char *name;
    g_autoptr(GDir) open = g_dir_open(dir, 0, NULL);
    while (open && (name = g_dir_read_name(open)))
        n += g_str_has_prefix(name, prefix) && strcmp(name, "lock") != 0;
    return n;
}

/* --- running --- */

typedef struct {
    const char *name;
    void (*run)(void);
} BootTest;

/* Each test has a directory of its own, and leaves no descriptor open. */
static inline void boot_test_run(gconstpointer data)
{
    const BootTest *test = data;
    guint before = open_descriptors();
    scratch_make();
    test->run();
    scratch_remove();
    g_assert_cmpuint(open_descriptors(), ==, before);
}

static inline int boot_tests_run(int argc, char **argv, const BootTest *tests, gsize n)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < n; i++)
        g_test_add_data_func(tests[i].name, &tests[i], boot_test_run);
    return g_test_run();
}

#endif
