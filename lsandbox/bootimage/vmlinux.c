/* The inside of a kernel image: bzImage headers, the packed kernel, and its trimmed ELF. */
#include "bootimage/vmlinux.h"

#include <elf.h>
#include <string.h>

#include "base/error.h"
#include "bootimage/unpack.h"

/* Offsets in a bzImage and values there: Documentation/arch/x86/boot.rst. */
enum {
    SETUP_SECTS = 0x1f1,    /* u8: sectors of the setup code after the first; 0 means 4 */
    MAGIC = 0x202,          /* "HdrS" */
    PROTOCOL = 0x206,       /* u16 */
    KERNEL_VERSION = 0x20e, /* u16: offset of the version text, less SECTOR; 0 when there is none */
    XLOADFLAGS = 0x236,     /* u16, since PROTOCOL_XLOADFLAGS */
    PAYLOAD_OFFSET = 0x248, /* u32: from the protected-mode code on; since PROTOCOL_PAYLOAD */
    PAYLOAD_LENGTH = 0x24c, /* u32 */
    HEADER_END = 0x250,
    SECTOR = 512,
    DEFAULT_SETUP_SECTS = 4,
    PROTOCOL_PAYLOAD = 0x208,
    PROTOCOL_XLOADFLAGS = 0x20c,
    XLF_KERNEL_64 = 1,
    SIZE_TAIL = 4, /* the packed kernel ends with its unpacked size, u32 */
};

/* Xen's note of the 32-bit entry point (xen/include/public/elfnote.h), which QEMU reads. */
enum { XEN_PHYS32_ENTRY = 18 };

/* More segments are refused; a kernel has 5. */
enum { MOST_SEGMENTS = 64 };

/* A segment keeps its offset modulo the page size, as a loader that maps the file needs it. */
enum { PAGE = 4096 };

static guint get16(const guint8 *at)
{
    return at[0] | (guint)at[1] << 8;
}

static guint32 get32(const guint8 *at)
{
    return get16(at) | (guint32)get16(at + 2) << 16;
}

gboolean lsb_is_elf(const void *data, gsize size)
{
    return size >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

gboolean lsb_release_valid(const char *text)
{
    return *text && *text != '.' &&
           strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._+~-") == strlen(text);
}

/* Copy the word at AT to OUT, which has ROOM bytes; "" if it is not a valid release. */
static void copy_release(char *out, gsize room, const guint8 *at, const guint8 *end)
{
    gsize length = 0;
    while (at + length < end && at[length] > ' ' && length < room)
        length++;
    out[0] = '\0';
    if (at + length == end || length == room)
        return;
    memcpy(out, at, length);
    out[length] = '\0';
    if (!lsb_release_valid(out))
        out[0] = '\0';
}

static void parse_release(const guint8 *data, gsize have, gsize setup, LsbBzImage *image)
{
    guint offset = get16(data + KERNEL_VERSION);
    gsize at = (gsize)offset + SECTOR;
    image->release[0] = '\0';
    if (offset && at < MIN(have, setup))
        copy_release(image->release, sizeof image->release, data + at, data + MIN(have, setup));
}

static gboolean parse_payload(const guint8 *data, guint64 file_size, gsize setup, LsbBzImage *image,
                              GError **error)
{
    image->payload = image->payload_size = 0;
    if (image->protocol < PROTOCOL_PAYLOAD || get32(data + PAYLOAD_LENGTH) == 0)
        return TRUE;
    image->payload = (guint64)setup + get32(data + PAYLOAD_OFFSET);
    image->payload_size = get32(data + PAYLOAD_LENGTH);
    if (image->payload + image->payload_size > file_size)
        return lsb_fail(error, NO_KERNEL,
                        "cut short: %" G_GUINT64_FORMAT " bytes of at least %" G_GUINT64_FORMAT
                        "; install the kernel package again",
                        file_size, image->payload + image->payload_size);
    return TRUE;
}

gboolean lsb_bzimage_parse(const guint8 *data, gsize have, guint64 file_size, LsbBzImage *image,
                           GError **error)
{
    if (have < HEADER_END || memcmp(data + MAGIC, "HdrS", 4) != 0)
        return lsb_fail(error, NO_KERNEL,
                        "not a Linux kernel image (neither a bzImage nor an ELF file)");
    gsize sectors = data[SETUP_SECTS] ? data[SETUP_SECTS] : DEFAULT_SETUP_SECTS;
    gsize setup = (sectors + 1) * SECTOR;
    image->protocol = get16(data + PROTOCOL);
    if (image->protocol >= PROTOCOL_XLOADFLAGS && !(get16(data + XLOADFLAGS) & XLF_KERNEL_64))
        return lsb_fail(error, NO_KERNEL, "a 32-bit kernel; a 64-bit one is needed");
    parse_release(data, have, setup, image);
    return parse_payload(data, file_size, setup, image, error);
}

/*
 * The size of the packed kernel without the size that the kernel's build appends to it
 * (scripts/Makefile.lib, size_append), which libarchive would take for garbage. Only gzip needs
 * nothing appended, because its own trailer ends with the unpacked size.
 */
static gsize packed_size(const guint8 *packed, gsize size)
{
    return packed[0] == 0x1f && packed[1] == 0x8b ? size : size - SIZE_TAIL;
}

GBytes *lsb_vmlinux_unpack(GBytes *bzimage, GError **error)
{
    LsbBzImage image;
    gsize size;
    const guint8 *data = g_bytes_get_data(bzimage, &size);
    if (!lsb_bzimage_parse(data, size, size, &image, error))
        return NULL;
    if (image.payload_size <= SIZE_TAIL) {
        lsb_fail(error, FAILED, "boot protocol %x does not tell where the kernel is",
                 image.protocol);
        return NULL;
    }
    const guint8 *packed = data + image.payload;
    guint32 unpacked = get32(packed + image.payload_size - SIZE_TAIL);
    g_autoptr(GBytes) elf = lsb_unpack(packed, packed_size(packed, image.payload_size),
                                       MIN(unpacked, LSB_VMLINUX_MOST), error);
    if (elf && g_bytes_get_size(elf) != unpacked) {
        lsb_fail(error, FAILED, "unpacks to %" G_GSIZE_FORMAT " bytes, not to %u",
                 g_bytes_get_size(elf), unpacked);
        return NULL;
    }
    return g_steal_pointer(&elf);
}

/* The program headers, copied because those in the file need not be aligned. */
static Elf64_Phdr *read_segments(const guint8 *data, gsize size, Elf64_Ehdr *header, GError **error)
{
    if (size < sizeof *header || !lsb_is_elf(data, size)) {
        lsb_fail(error, FAILED, "not an ELF file");
        return NULL;
    }
    memcpy(header, data, sizeof *header);
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_X86_64) {
        lsb_fail(error, FAILED, "not an ELF file for x86-64");
        return NULL;
    }
    gsize table = header->e_phnum * sizeof(Elf64_Phdr);
    if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 ||
        header->e_phnum > MOST_SEGMENTS || header->e_phoff > size ||
        table > size - header->e_phoff) {
        lsb_fail(error, FAILED, "bad ELF program headers");
        return NULL;
    }
    return g_memdup2(data + header->e_phoff, table);
}

static gboolean is_copied(const Elf64_Phdr *segment)
{
    return segment->p_type == PT_LOAD || segment->p_type == PT_NOTE;
}

/* Whether the segments lie inside the file, fit their memory, and are of a sane size. */
static gboolean check_segments(const Elf64_Phdr *segments, guint count, gsize size, GError **error)
{
    guint64 sum = 0;
    for (const Elf64_Phdr *s = segments; s < segments + count; s++) {
        if (!is_copied(s))
            continue;
        if (s->p_offset > size || s->p_filesz > size - s->p_offset)
            return lsb_fail(error, FAILED, "an ELF segment lies outside the file");
        if (s->p_type == PT_LOAD && (s->p_filesz > s->p_memsz || s->p_memsz > LSB_VMLINUX_MOST))
            return lsb_fail(error, FAILED, "an ELF segment has a bad size");
        sum += s->p_filesz;
        if (sum > LSB_VMLINUX_MOST)
            return lsb_fail(error, FAILED, "the ELF segments are too large");
    }
    return TRUE;
}

static guint64 align4(guint64 n)
{
    return (n + 3) & ~(guint64)3;
}

/*
 * Whether the notes at AT have Xen's 32-bit entry. Name and value are padded to 4 bytes (elf(5)).
 */
static gboolean has_entry_note(const guint8 *at, gsize left)
{
    while (left >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr note;
        memcpy(&note, at, sizeof note);
        guint64 whole = sizeof note + align4(note.n_namesz) + align4(note.n_descsz);
        if (whole > left)
            return FALSE;
        if (note.n_type == XEN_PHYS32_ENTRY && note.n_namesz == sizeof "Xen" &&
            note.n_descsz >= 4 && memcmp(at + sizeof note, "Xen", sizeof "Xen") == 0)
            return TRUE;
        at += whole;
        left -= whole;
    }
    return FALSE;
}

static gboolean has_pvh_entry(const guint8 *data, const Elf64_Phdr *segments, guint count)
{
    for (const Elf64_Phdr *s = segments; s < segments + count; s++)
        if (s->p_type == PT_NOTE && has_entry_note(data + s->p_offset, s->p_filesz))
            return TRUE;
    return FALSE;
}

/*
 * SIZE less the zeros at the end of DATA: by words first, because there can be megabytes of them.
 */
static gsize size_without_tail(const guint8 *data, gsize size)
{
    guint64 word;
    while (size >= sizeof word &&
           (memcpy(&word, data + size - sizeof word, sizeof word), word == 0))
        size -= sizeof word;
    while (size > 0 && data[size - 1] == 0)
        size--;
    return size;
}

/* Append BYTES at an offset that equals ADDRESS modulo the page size; returns the offset. */
static guint64 append_segment(GByteArray *out, const guint8 *bytes, gsize size, guint64 address)
{
    gsize at = out->len;
    gsize pad = (address - at) & (PAGE - 1);
    g_byte_array_set_size(out, at + pad);
    memset(out->data + at, 0, pad);
    g_byte_array_append(out, bytes, size);
    return at + pad;
}

static void copy_segment(GByteArray *out, const guint8 *data, Elf64_Phdr *segment)
{
    const guint8 *bytes = data + segment->p_offset;
    if (segment->p_type == PT_LOAD) {
        segment->p_filesz = size_without_tail(bytes, segment->p_filesz);
        segment->p_align = PAGE;
    }
    segment->p_offset = append_segment(out, bytes, segment->p_filesz, segment->p_vaddr);
}

/* HEADER and SEGMENTS become those of the copy; a segment that is not copied becomes PT_NULL. */
static GBytes *copy_elf(const guint8 *data, Elf64_Ehdr *header, Elf64_Phdr *segments)
{
    gsize table = header->e_phnum * sizeof *segments;
    GByteArray *out = g_byte_array_new();
    g_byte_array_set_size(out, sizeof *header + table);
    for (Elf64_Phdr *s = segments; s < segments + header->e_phnum; s++) {
        if (is_copied(s))
            copy_segment(out, data, s);
        else
            memset(s, 0, sizeof *s);
    }
    header->e_phoff = sizeof *header;
    header->e_shoff = header->e_shnum = header->e_shentsize = header->e_shstrndx = 0;
    memcpy(out->data, header, sizeof *header);
    memcpy(out->data + sizeof *header, segments, table);
    return g_byte_array_free_to_bytes(out);
}

GBytes *lsb_vmlinux_trim(GBytes *elf, GError **error)
{
    gsize size;
    const guint8 *data = g_bytes_get_data(elf, &size);
    Elf64_Ehdr header;
    g_autofree Elf64_Phdr *segments = read_segments(data, size, &header, error);
    if (!segments || !check_segments(segments, header.e_phnum, size, error))
        return NULL;
    if (!has_pvh_entry(data, segments, header.e_phnum)) {
        lsb_fail(error, FAILED, "no PVH entry note (the kernel is built without CONFIG_PVH)");
        return NULL;
    }
    return copy_elf(data, &header, segments);
}

char *lsb_vmlinux_release(GBytes *elf)
{
    static const char banner[] = "Linux version ";
    gsize size;
    const guint8 *data = g_bytes_get_data(elf, &size);
    const guint8 *found = memmem(data, size, banner, strlen(banner));
    char release[65];
    if (!found)
        return NULL;
    copy_release(release, sizeof release, found + strlen(banner), data + size);
    return *release ? g_strdup(release) : NULL;
}
