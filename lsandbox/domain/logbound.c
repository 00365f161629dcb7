/* Gives the space of a growing log back, but for the log's end. */
#include "domain/logbound.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/eventloop.h"
#include "shared/units.h"

enum {
    LOOK_EVERY_S = 2,
    MOST_SPACE = 256 * KiB,
    KEPT = 64 * KiB,
    BLOCK = 512, /* the unit of st_blocks (stat(3type)) */
};

static gboolean punch_log(gpointer path)
{
    struct stat st;
    cleanup_fd int fd = open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > KEPT &&
        st.st_blocks > MOST_SPACE / BLOCK)
        (void)fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, st.st_size - KEPT);
    return G_SOURCE_CONTINUE;
}

GSource *lsb_log_bound(const char *path)
{
    GSource *source = g_timeout_source_new_seconds(LOOK_EVERY_S);
    g_source_set_callback(source, punch_log, g_strdup(path), g_free);
    lsb_event_loop_attach(source);
    return source;
}
