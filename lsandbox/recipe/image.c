#include "recipe/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "recipe/qcow2.h"
#include "recipe/value/value.h"

enum { SECTOR = 512 };

const char *const lsb_image_formats[] = {"raw", "qcow2", NULL};

/*
 * "nouuid": a copy of an image has the UUID of the original, and XFS mounts only one of them.
 * "noload", "norecovery", "rescue=nologreplay": an image that was not unmounted has a journal to
 * replay, which nobody may write. FAT needs its code pages as modules, whatever the kernel's
 * defaults are.
 */
const LsbFilesystem lsb_filesystems[] = {
    {"ext4", {"fs-ext4"}, NULL, "noload", FALSE, FALSE},
    {"xfs", {"fs-xfs"}, "nouuid", "norecovery", FALSE, FALSE},
    {"btrfs", {"fs-btrfs"}, NULL, "rescue=nologreplay", FALSE, FALSE},
    {"squashfs", {"fs-squashfs"}, NULL, NULL, TRUE, FALSE},
    {"erofs", {"fs-erofs"}, NULL, NULL, TRUE, FALSE},
    {"iso9660", {"fs-iso9660"}, NULL, NULL, TRUE, FALSE},
    {"vfat",
     {"fs-vfat", "nls_cp437", "nls_ascii"},
     "codepage=437,iocharset=ascii",
     NULL,
     FALSE,
     TRUE},
    {NULL, {NULL}, NULL, NULL, FALSE, FALSE},
};

#define WORDS "ext4", "xfs", "btrfs", "squashfs", "erofs", "iso9660", "vfat"
const char *const lsb_filesystem_words[] = {WORDS, NULL};

/*
 * Where a filesystem has its mark; ext2 and ext3 are read as ext4. The places and values are those
 * of linux/magic.h and of fs/ in the kernel. The order counts: what FAT has is common.
 */
static const struct {
    const char *filesystem;
    guint32 offset;
    const char *mark;
} marks[] = {
    {"ext4", 1024 + 56, "\x53\xef"},
    {"xfs", 0, "XFSB"},
    {"btrfs", 65536 + 64, "_BHRfS_M"},
    {"squashfs", 0, "hsqs"},
    {"erofs", 1024, "\xe2\xe1\xf5\xe0"},
    {"iso9660", 32768 + 1, "CD001"},
    {"vfat", 82, "FAT32   "},
    {"vfat", 54, "FAT16   "},
    {"vfat", 54, "FAT12   "},
};

/* An image that is open for a look. */
typedef struct {
    LsbImage *image;
    const char *table, *field; /* of the recipe */
    const char *wanted;        /* "a disk image", and with a filesystem */
    int fd;
    guint64 size; /* of the file */
    LsbQcow2 qcow2;
} Look;

static gboolean refuse(const Look *l, GError **error, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* "FIELD: expected a disk image, got "PATH", which ...". Always FALSE. */
static gboolean refuse(const Look *l, GError **error, const char *format, ...)
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

/* Looked at before it is opened: opening a fifo or a device may have effects. */
static gboolean look_kind(Look *l, GError **error)
{
    struct stat st;
    if (stat(l->image->source, &st) < 0)
        return refuse_errno(l, errno, error);
    if (S_ISDIR(st.st_mode))
        return refuse(l, error, "is a directory");
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return refuse(l, error, "is neither a regular file nor a block device");
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
        return refuse(l, error, "is empty");
    if (l->size < SECTOR)
        return refuse(l, error,
                      "has %" G_GUINT64_FORMAT " bytes, too few for a disk's sector of %d", l->size,
                      SECTOR);
    return TRUE;
}

/* --- the format --- */

static gboolean check_qcow2(Look *l, GError **error)
{
    LsbQcow2 *q = &l->qcow2;
    const char *wrong = lsb_qcow2_open(q, l->fd);
    if (wrong)
        return refuse(l, error, "is a broken qcow2 image: %s", wrong);
    if (q->has_backing_file) {
        g_autofree char *shown = lsb_text_show(q->backing_file);
        return refuse(l, error,
                      "has a backing file, %s; make one image of both with \"qemu-img convert -O "
                      "qcow2\"",
                      shown);
    }
    if (q->has_data_file)
        return refuse(l, error,
                      "keeps its data in another file; make one image of both with \"qemu-img "
                      "convert -O qcow2\"");
    if (q->is_encrypted)
        return refuse(l, error, "is encrypted");
    return q->size > 0 || refuse(l, error, "is a disk of no size");
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
                        "%s.format: expected \"raw\" or \"qcow2\", got nothing: \"%s\" begins like "
                        "a qcow2 image, which a guest may have written into a raw one, and is to "
                        "be written to",
                        l->table, image->source);
    if (image->format == LSB_IMAGE_GUESS)
        image->format = like_qcow2 ? LSB_IMAGE_QCOW2 : LSB_IMAGE_RAW;
    return image->format == LSB_IMAGE_RAW || check_qcow2(l, error);
}

/* --- the filesystem --- */

/* FALSE where the bytes cannot be told. */
static gboolean contents(const Look *l, guint64 offset, guint8 *out, gsize n)
{
    if (l->image->format == LSB_IMAGE_QCOW2)
        return lsb_qcow2_read(&l->qcow2, l->fd, offset, out, n);
    return pread(l->fd, out, n, (off_t)offset) == (ssize_t)n;
}

static gboolean has_mark(const Look *l, guint64 offset, const char *mark)
{
    guint8 bytes[8];
    gsize n = strlen(mark);
    return contents(l, offset, bytes, n) && memcmp(bytes, mark, n) == 0;
}

static int word_index(const char *name)
{
    for (int i = 0; lsb_filesystem_words[i]; i++)
        if (strcmp(lsb_filesystem_words[i], name) == 0)
            return i;
    return LSB_IMAGE_GUESS;
}

static int detect(const Look *l)
{
    for (gsize i = 0; i < G_N_ELEMENTS(marks); i++)
        if (has_mark(l, marks[i].offset, marks[i].mark))
            return word_index(marks[i].filesystem);
    return LSB_IMAGE_GUESS;
}

/* The Linux kernel's and UEFI's marks of a table: of the master boot record, and of GPT. */
static gboolean has_partitions(const Look *l)
{
    return has_mark(l, 512, "EFI PART") || has_mark(l, 510, "\x55\xaa");
}

static gboolean is_unreadable(const Look *l)
{
    guint8 bytes[8];
    return l->image->format == LSB_IMAGE_QCOW2 && l->qcow2.size > 65536 &&
           !contents(l, 1024, bytes, sizeof bytes);
}

static gboolean fail_unknown(const Look *l, GError **error)
{
    if (is_unreadable(l))
        return lsb_fail(error, INVALID,
                        "%s.filesystem: expected the filesystem's name, got nothing; it cannot be "
                        "detected in \"%s\", which is compressed or broken",
                        l->table, l->image->source);
    if (has_partitions(l))
        return refuse(l, error,
                      "has a partition table; the image has to hold the filesystem itself");
    g_autofree char *list = g_strjoinv(", ", (char **)lsb_filesystem_words);
    return refuse(l, error, "is none: it has none of %s", list);
}

static gboolean look_filesystem(const Look *l, GError **error)
{
    LsbImage *image = l->image;
    int found = detect(l), said = image->filesystem;
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
    return ok;
}

int lsb_image_open(const LsbImage *image, GError **error)
{
    cleanup_fd int fd = open(image->source, open_flags(image));
    LsbImage again = *image; /* nothing of it is changed: all has been said */
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
