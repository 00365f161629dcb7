/* Disk images of the host: their format and filesystem. */
#include "recipe/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "recipe/hostsource.h"
#include "recipe/qcow2.h"
#include "recipe/value/value.h"

enum { SECTOR = 512 };

const char *const lsb_image_formats[] = {
    [LSB_IMAGE_RAW] = "raw",
    [LSB_IMAGE_QCOW2] = "qcow2",
    NULL,
};

/*
 * "nouuid": XFS mounts only one of two filesystems with one UUID, and a copy has that of its
 * original. "noload", "norecovery", "rescue=nologreplay": an image that was not unmounted has a
 * journal that cannot be replayed into a read-only image. FAT needs its code pages as modules,
 * because the kernel's defaults differ.
 */
const LsbFilesystem lsb_filesystems[] = {
    [LSB_FS_EXT4] = {.name = "ext4", .modules = {"fs-ext4"}, .when_readonly = "noload"},
    [LSB_FS_XFS] = {.name = "xfs",
                    .modules = {"fs-xfs"},
                    .options = "nouuid",
                    .when_readonly = "norecovery"},
    [LSB_FS_BTRFS] = {.name = "btrfs",
                      .modules = {"fs-btrfs"},
                      .when_readonly = "rescue=nologreplay"},
    [LSB_FS_SQUASHFS] = {.name = "squashfs", .modules = {"fs-squashfs"}, .always_readonly = TRUE},
    [LSB_FS_EROFS] = {.name = "erofs", .modules = {"fs-erofs"}, .always_readonly = TRUE},
    [LSB_FS_ISO9660] = {.name = "iso9660", .modules = {"fs-iso9660"}, .always_readonly = TRUE},
    [LSB_FS_VFAT] = {.name = "vfat",
                     .modules = {"fs-vfat", "nls_cp437", "nls_ascii"},
                     .options = "codepage=437,iocharset=ascii",
                     .takes_owner = TRUE},
    [LSB_FILESYSTEMS] = {.name = NULL},
};

const char *const lsb_filesystem_words[] = {
    [LSB_FS_EXT4] = "ext4",         [LSB_FS_XFS] = "xfs",         [LSB_FS_BTRFS] = "btrfs",
    [LSB_FS_SQUASHFS] = "squashfs", [LSB_FS_EROFS] = "erofs",     [LSB_FS_ISO9660] = "iso9660",
    [LSB_FS_VFAT] = "vfat",         [LSB_FILESYSTEMS] = NULL,
};

/*
 * The magic numbers of filesystems, from linux/magic.h and fs/ of the kernel. The order counts:
 * FAT's come last, because they are the least certain.
 */
static const struct {
    LsbFilesystemType type;
    guint32 offset; /* in the image, bytes */
    const char *magic;
} magics[] = {
    {.type = LSB_FS_EXT4, .offset = 1024 + 56, .magic = "\x53\xef"},
    {.type = LSB_FS_XFS, .offset = 0, .magic = "XFSB"},
    {.type = LSB_FS_BTRFS, .offset = 65536 + 64, .magic = "_BHRfS_M"},
    {.type = LSB_FS_SQUASHFS, .offset = 0, .magic = "hsqs"},
    {.type = LSB_FS_EROFS, .offset = 1024, .magic = "\xe2\xe1\xf5\xe0"},
    {.type = LSB_FS_ISO9660, .offset = 32768 + 1, .magic = "CD001"},
    {.type = LSB_FS_VFAT, .offset = 82, .magic = "FAT32   "},
    {.type = LSB_FS_VFAT, .offset = 54, .magic = "FAT16   "},
    {.type = LSB_FS_VFAT, .offset = 54, .magic = "FAT12   "},
};

/* An image that is being looked at. */
typedef struct {
    LsbImage *image;
    const char *table, *field; /* of the recipe */
    const char *wanted;        /* what the message expects: "a disk image" */
    int fd;
    guint64 size; /* of the file */
    LsbQcow2 qcow2;
} Look;

static gboolean refuse_image(const Look *l, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* "FIELD: expected a disk image, got "PATH", which ...". Always FALSE. */
static gboolean refuse_image(const Look *l, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    return lsb_fail(error, INVALID, "%s: expected %s, got \"%s\", which %s", l->field, l->wanted,
                    l->image->source, what);
}

static gboolean refuse_errno(const Look *l, int number, GError **error)
{
    return lsb_fail(error, INVALID, "%s: expected %s, got \"%s\": %s", l->field, l->wanted,
                    l->image->source, g_strerror(number));
}

/*
 * Look at the type before the image is opened, because opening a FIFO or a device may have effects.
 */
static gboolean look_kind(Look *l, GError **error)
{
    struct stat st;
    if (stat(l->image->source, &st) < 0)
        return refuse_errno(l, errno, error);
    if (S_ISDIR(st.st_mode))
        return refuse_image(l, error, "is a directory");
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return refuse_image(l, error, "is neither a regular file nor a block device");
    l->image->is_block = S_ISBLK(st.st_mode);
    return TRUE;
}

static int open_flags(const LsbImage *image)
{
    return (image->readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
}

static gboolean look_size(Look *l, GError **error)
{
    off_t end = lseek(l->fd, 0, SEEK_END);
    if (end < 0)
        return refuse_errno(l, errno, error);
    l->size = (guint64)end;
    if (l->size == 0)
        return refuse_image(l, error, "is empty");
    if (l->size < SECTOR)
        return refuse_image(l, error,
                            "has %" G_GUINT64_FORMAT " bytes, too few for a disk's sector of %d",
                            l->size, SECTOR);
    return TRUE;
}

/* --- the format --- */

static gboolean check_qcow2(Look *l, GError **error)
{
    LsbQcow2 *q = &l->qcow2;
    const char *wrong = lsb_qcow2_open(q, l->fd);
    if (wrong)
        return refuse_image(l, error, "is a broken qcow2 image: %s", wrong);
    if (q->has_backing_file) {
        g_autofree char *shown = lsb_text_show(q->backing_file);
        return refuse_image(l, error,
                            "has a backing file, %s; make one image of both with \"qemu-img "
                            "convert -O qcow2\"",
                            shown);
    }
    if (q->has_data_file)
        return refuse_image(l, error,
                            "keeps its data in another file; make one image of both with "
                            "\"qemu-img convert -O qcow2\"");
    if (q->is_encrypted)
        return refuse_image(l, error, "is encrypted");
    return q->size > 0 || refuse_image(l, error, "is a disk of no size");
}

static gboolean look_format(Look *l, GError **error)
{
    guint8 start[8] = {0};
    LsbImage *image = l->image;
    ssize_t n = pread(l->fd, start, sizeof start, 0);
    if (n < 0)
        return refuse_errno(l, errno, error);
    gboolean like_qcow2 = lsb_qcow2_has_magic(start, (gsize)n);
    if (image->format == LSB_IMAGE_QCOW2 && !like_qcow2)
        return lsb_fail(error, INVALID,
                        "%s.format: expected \"raw\" for \"%s\", which does not begin like a qcow2 "
                        "image, got \"qcow2\"",
                        l->table, image->source);
    if (image->format == LSB_IMAGE_GUESS && like_qcow2 && !image->readonly)
        return lsb_fail(error, INVALID,
                        "%s.format: expected \"raw\" or \"qcow2\", got nothing: \"%s\" is writable "
                        "and begins like a qcow2 image, which a guest may have written into a raw "
                        "one",
                        l->table, image->source);
    if (image->format == LSB_IMAGE_GUESS)
        image->format = like_qcow2 ? LSB_IMAGE_QCOW2 : LSB_IMAGE_RAW;
    return image->format == LSB_IMAGE_RAW || check_qcow2(l, error);
}

/* --- the filesystem --- */

/* Read N bytes at OFFSET of the disk in the image. FALSE: they cannot be read. */
static gboolean read_disk_bytes(const Look *l, guint64 offset, guint8 *out, gsize n)
{
    if (l->image->format == LSB_IMAGE_QCOW2)
        return lsb_qcow2_read(&l->qcow2, l->fd, offset, out, n);
    return pread(l->fd, out, n, (off_t)offset) == (ssize_t)n;
}

static gboolean has_magic(const Look *l, guint64 offset, const char *magic)
{
    guint8 bytes[8];
    gsize n = strlen(magic);
    return read_disk_bytes(l, offset, bytes, n) && memcmp(bytes, magic, n) == 0;
}

/* The LsbFilesystemType that the image holds, or LSB_IMAGE_GUESS. */
static int detect_filesystem(const Look *l)
{
    for (gsize i = 0; i < G_N_ELEMENTS(magics); i++)
        if (has_magic(l, magics[i].offset, magics[i].magic))
            return (int)magics[i].type;
    return LSB_IMAGE_GUESS;
}

/* Whether the image has a partition table: GPT (UEFI) or a master boot record. */
static gboolean has_partitions(const Look *l)
{
    return has_magic(l, 512, "EFI PART") || has_magic(l, 510, "\x55\xaa");
}

/* Whether the image is qcow2 whose first clusters are compressed or broken. */
static gboolean is_unreadable(const Look *l)
{
    guint8 bytes[8];
    return l->image->format == LSB_IMAGE_QCOW2 && l->qcow2.size > 65536 &&
           !read_disk_bytes(l, 1024, bytes, sizeof bytes);
}

static gboolean fail_unknown(const Look *l, GError **error)
{
    if (is_unreadable(l))
        return lsb_fail(error, INVALID,
                        "%s.filesystem: expected the filesystem's name, got nothing; it cannot be "
                        "detected in \"%s\", which is compressed or broken",
                        l->table, l->image->source);
    if (has_partitions(l))
        return refuse_image(l, error,
                            "has a partition table; the image has to hold the filesystem itself");
    g_autofree char *list = g_strjoinv(", ", (char **)lsb_filesystem_words);
    return refuse_image(l, error, "has no known filesystem (%s)", list);
}

static gboolean look_filesystem(const Look *l, GError **error)
{
    LsbImage *image = l->image;
    int found = detect_filesystem(l), said = image->filesystem;
    if (found == LSB_IMAGE_GUESS && (said == LSB_IMAGE_GUESS || !is_unreadable(l)))
        return fail_unknown(l, error);
    if (found != LSB_IMAGE_GUESS && said != LSB_IMAGE_GUESS && found != said)
        return lsb_fail(error, INVALID,
                        "%s.filesystem: expected \"%s\", which \"%s\" has, got \"%s\"", l->table,
                        lsb_filesystem_words[found], image->source, lsb_filesystem_words[said]);
    if (said == LSB_IMAGE_GUESS)
        image->filesystem = found;
    if (lsb_filesystems[image->filesystem].always_readonly && !image->readonly)
        return lsb_fail(error, INVALID,
                        "%s.readonly: expected true for %s, which can only be read, got false",
                        l->table, lsb_filesystem_words[image->filesystem]);
    return TRUE;
}

gboolean lsb_image_check(LsbImage *image, const char *table, const char *source, gboolean mounted,
                         GError **error)
{
    const char *wanted = strcmp(table, "root") == 0
                             ? "a directory or a disk image with a filesystem"
                         : mounted ? "a disk image with a filesystem"
                                   : "a disk image";
    Look l = {.image = image, .table = table, .field = source, .wanted = wanted, .fd = -1};
    if (!look_kind(&l, error))
        return FALSE;
    l.fd = open(image->source, open_flags(image));
    gboolean ok = l.fd >= 0 ? look_size(&l, error) && look_format(&l, error) &&
                                  (!mounted || look_filesystem(&l, error))
                            : refuse_errno(&l, errno, error);
    if (l.fd >= 0)
        close(l.fd);
    g_free(l.qcow2.backing_file);
    return ok && lsb_host_resolve(source, &image->source, error);
}

int lsb_image_open(const LsbImage *image, GError **error)
{
    cleanup_fd int fd = open(image->source, open_flags(image));
    LsbImage again = *image; /* look_format() changes nothing, because the format is known */
    Look l = {
        .image = &again, .table = "image", .field = "image", .wanted = "a disk image", .fd = fd};
    if (fd < 0) {
        lsb_set_errno(error, errno, "cannot open the image %s", image->source);
        return -1;
    }
    gboolean ok = look_size(&l, error) && look_format(&l, error);
    g_free(l.qcow2.backing_file);
    return ok ? steal_fd(&fd) : -1;
}

char *lsb_image_mount_options(const LsbImage *image, guint owner_uid, guint owner_gid)
{
    const LsbFilesystem *fs = &lsb_filesystems[image->filesystem];
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    if (fs->options)
        g_ptr_array_add(all, g_strdup(fs->options));
    if (image->readonly && fs->when_readonly)
        g_ptr_array_add(all, g_strdup(fs->when_readonly));
    if (fs->takes_owner)
        g_ptr_array_add(all, g_strdup_printf("uid=%u,gid=%u", owner_uid, owner_gid));
    g_ptr_array_add(all, NULL);
    return g_strjoinv(",", (char **)all->pdata);
}

void lsb_image_clear(LsbImage *image)
{
    g_clear_pointer(&image->source, g_free);
}
