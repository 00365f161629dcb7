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

static void put_range(GString *map, guint32 from, guint32 to, guint32 count)
{
    if (count > 0)
        g_string_append_printf(map, "%u %u %u\n", from, to, count);
}

/* A map of all ids to themselves, but for A and B, which change places. */
static char *swapped_ids(guint32 a, guint32 b)
{
    GString *map = g_string_new(NULL);
    guint32 low = MIN(a, b), high = MAX(a, b);
    put_range(map, 0, 0, low);
    put_range(map, low, high, 1);
    if (low != high) {
        put_range(map, low + 1, low + 1, high - low - 1);
        put_range(map, high, low, 1);
    }
    put_range(map, high + 1, high + 1, END_OF_IDS - high - 1);
    return g_string_free(map, FALSE);
}

static gboolean set_map(int tree, int userns, guint flags)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (guint64)userns};
    return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | flags, &attr, sizeof attr) == 0;
}

gboolean lsb_idmount_swap(int tree, const LsbIdSwap *swap)
{
    if (swap->inside_uid == swap->host_uid && swap->inside_gid == swap->host_gid)
        return TRUE;
    g_autofree char *uids = swapped_ids(swap->host_uid, swap->inside_uid),
                    *gids = swapped_ids(swap->host_gid, swap->inside_gid);
    cleanup_fd int userns = lsb_user_namespace(uids, gids);
    return userns >= 0 && (set_map(tree, userns, AT_RECURSIVE) || set_map(tree, userns, 0));
}
