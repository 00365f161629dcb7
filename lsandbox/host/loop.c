/* Loop devices of disk images, and detached mounts of the filesystems on them. */
#include "host/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "host/usernamespace.h"
#include "recipe/identity/idmap.h"
#include "recipe/image.h"
#include "shared/closekeep.h"

enum {
    TRIES = 64,             /* other processes take loop devices at the same time */
    RELEASE_MS = 10 * 1000, /* for the kernel to write to a slow disk what is left in memory */
    RELEASE_STEP_US = 2000,
};

typedef struct {
    int fd, number;
    char *path, *source;
} Loop;

struct _LsbLoops {
    GPtrArray *all; /* Loop */
};

LsbLoops *lsb_loops_new(void)
{
    LsbLoops *loops = g_new0(LsbLoops, 1);
    loops->all = g_ptr_array_new();
    return loops;
}

/* --- loop devices --- */

/* Give a free loop device its file. Returns a descriptor of the device, or -1 with errno. */
static int configure(int control, const struct loop_config *config, int *number, gboolean readonly)
{
    for (int i = 0; i < TRIES; i++) {
        *number = ioctl(control, LOOP_CTL_GET_FREE);
        if (*number < 0)
            return -1;
        g_autofree char *path = g_strdup_printf("/dev/loop%d", *number);
        int fd = open(path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
        if (fd < 0)
            return -1;
        if (ioctl(fd, LOOP_CONFIGURE, config) == 0)
            return fd;
        close_keep(fd);
        if (errno != EBUSY)
            return -1;
    }
    return -1;
}

static int attach_file(const LsbImage *image, int file, int *number, GError **error)
{
    struct loop_config config = {.fd = (guint32)file};
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR | (image->readonly ? LO_FLAGS_READ_ONLY : 0);
    cleanup_fd int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    int fd = control < 0 ? -1 : configure(control, &config, number, image->readonly);
    if (fd < 0 && control < 0)
        lsb_fail(error, UNSUPPORTED,
                 "images in a container need loop devices, and /dev/loop-control cannot be opened: "
                 "%s",
                 g_strerror(errno));
    else if (fd < 0)
        lsb_set_errno(error, errno, "cannot make a loop device of %s", image->source);
    return fd;
}

const char *lsb_loops_add(LsbLoops *loops, const LsbImage *image, GError **error)
{
    int number = -1;
    cleanup_fd int file = lsb_image_open(image, error);
    int fd = file < 0 ? -1 : attach_file(image, file, &number, error);
    if (fd < 0)
        return NULL;
    Loop *loop = g_new0(Loop, 1);
    *loop = (Loop){.fd = fd,
                   .number = number,
                   .path = g_strdup_printf("/dev/loop%d", number),
                   .source = g_strdup(image->source)};
    g_ptr_array_add(loops->all, loop);
    return loop->path;
}

static gboolean is_bound(const Loop *loop)
{
    g_autofree char *path = g_strdup_printf("/sys/block/loop%d/loop/backing_file", loop->number);
    g_autofree char *file = NULL;
    return g_file_get_contents(path, &file, NULL, NULL) &&
           strcmp(g_strchomp(file), loop->source) == 0;
}

void lsb_loops_free(LsbLoops *loops)
{
    if (!loops)
        return;
    gint64 end = g_get_monotonic_time() + RELEASE_MS * (gint64)1000;
    for (guint i = 0; i < loops->all->len; i++)
        close(((Loop *)loops->all->pdata[i])->fd);
    for (guint i = 0; i < loops->all->len; i++) {
        Loop *loop = loops->all->pdata[i];
        while (is_bound(loop) && g_get_monotonic_time() < end)
            g_usleep(RELEASE_STEP_US);
        g_free(loop->path);
        g_free(loop->source);
        g_free(loop);
    }
    g_ptr_array_unref(loops->all);
    g_free(loops);
}

/* --- mounting --- */

static int set_mount_flag(int fs, const char *key)
{
    return (int)syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, key, NULL, 0);
}

static int set_mount_string(int fs, const char *key, const char *value)
{
    return (int)syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, key, value, 0);
}

static gboolean set_mount_options(int fs, const char *list)
{
    g_auto(GStrv) options = g_strsplit(list, ",", -1);
    for (char **o = options; *o; o++) {
        char *value = strchr(*o, '=');
        if (value)
            *value++ = 0;
        if (**o && (value ? set_mount_string(fs, *o, value) : set_mount_flag(fs, *o)) < 0)
            return FALSE;
    }
    return TRUE;
}

/* The message is the kernel's own, which can be read from FS as "e ext4: ..." (fsopen(2)). */
static void fail_mount(int fs, const LsbImage *image, int number, GError **error)
{
    char text[512];
    ssize_t n = fs < 0 ? -1 : read(fs, text, sizeof text - 1);
    text[n > 0 ? n : 0] = 0;
    g_strchomp(text);
    const char *filesystem = lsb_filesystem_words[image->filesystem];
    if (fs < 0 && number == ENODEV)
        lsb_fail(error, UNSUPPORTED,
                 "this host's kernel cannot mount %s, the filesystem of %s; a machine may",
                 filesystem, image->source);
    else
        lsb_fail(error, FAILED, "cannot mount the filesystem %s of %s: %s%s%s", filesystem,
                 image->source, g_strerror(number), *text ? ": " : "",
                 strlen(text) > 2 ? text + 2 : "");
}

static int mount_device(const char *device, const LsbImage *image, const LsbLoopMount *how,
                        GError **error)
{
    g_autofree char *options = lsb_image_mount_options(image, how->owner_uid, how->owner_gid);
    cleanup_fd int fs =
        (int)syscall(SYS_fsopen, lsb_filesystem_words[image->filesystem], FSOPEN_CLOEXEC);
    int tree = -1;
    if (fs >= 0 && set_mount_string(fs, "source", device) == 0 &&
        (!image->readonly || set_mount_flag(fs, "ro") == 0) && set_mount_options(fs, options) &&
        syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        tree = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, (unsigned)how->attributes);
    if (tree < 0)
        fail_mount(fs, image, errno, error);
    return tree;
}

static gboolean map_owners(int tree, const LsbImage *image, const LsbLoopMount *how, GError **error)
{
    if (how->uids->n == 0)
        return TRUE;
    g_autofree char *uids = lsb_idmap_text(how->uids), *gids = lsb_idmap_text(how->gids);
    cleanup_fd int ns = lsb_user_namespace(uids, gids);
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (guint64)ns};
    if (ns < 0) {
        lsb_set_errno(error, errno, "cannot make a user namespace for the mount of %s",
                      image->source);
        return FALSE;
    }
    if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof attr) == 0)
        return TRUE;
    if (errno == EINVAL && image->readonly)
        return TRUE; /* its owners cannot be mapped, but it can be read as it is */
    return lsb_fail(error, UNSUPPORTED,
                    "this host's kernel cannot map the owners of %s, which a writable mount of %s "
                    "in a container needs: %s",
                    lsb_filesystem_words[image->filesystem], image->source, g_strerror(errno));
}

int lsb_loop_mount(const char *device, const LsbImage *image, const LsbLoopMount *how,
                   GError **error)
{
    cleanup_fd int tree = mount_device(device, image, how, error);
    return tree >= 0 && map_owners(tree, image, how, error) ? steal_fd(&tree) : -1;
}
