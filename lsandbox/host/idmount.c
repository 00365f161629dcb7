/* Idmapped mounts that swap two users. */
#include "host/idmount.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/usernamespace.h"

/* The number -1 is no id (user_namespaces(7)). */
#define END_OF_IDS G_MAXUINT32

/* Leave the file system's id 0 out unless KEEPS_ROOT: files of an id in no line are nobody's. */
static void put_range(GString *map, gboolean keeps_root, guint32 from, guint32 to, guint32 count)
{
    guint32 skip = from == 0 && count > 0 && !keeps_root ? 1 : 0;
    if (count > skip)
        g_string_append_printf(map, "%u %u %u\n", from + skip, to + skip, count - skip);
}

/* A map of all ids to themselves, but for A and B, which change places. */
static char *swapped_ids(gboolean keeps_root, guint32 a, guint32 b)
{
    GString *map = g_string_new(NULL);
    guint32 low = MIN(a, b), high = MAX(a, b);
    put_range(map, keeps_root, 0, 0, low);
    put_range(map, keeps_root, low, high, 1);
    if (low != high) {
        put_range(map, keeps_root, low + 1, low + 1, high - low - 1);
        put_range(map, keeps_root, high, low, 1);
    }
    put_range(map, keeps_root, high + 1, high + 1, END_OF_IDS - high - 1);
    return g_string_free(map, FALSE);
}

static gboolean set_map(int tree, int userns, guint flags)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (guint64)userns};
    return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | flags, &attr, sizeof attr) == 0;
}

gboolean lsb_idmount_swap(int tree, const LsbIdSwap *swap)
{
    gboolean keeps = swap->keeps_root;
    if (keeps && swap->inside_uid == swap->host_uid && swap->inside_gid == swap->host_gid)
        return TRUE;
    g_autofree char *uids = swapped_ids(keeps, swap->host_uid, swap->inside_uid),
                    *gids = swapped_ids(keeps, swap->host_gid, swap->inside_gid);
    cleanup_fd int userns = lsb_user_namespace(uids, gids);
    return userns >= 0 &&
           (set_map(tree, userns, AT_RECURSIVE) || (keeps && set_map(tree, userns, 0)));
}
