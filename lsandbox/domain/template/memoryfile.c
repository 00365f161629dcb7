/* Copying and summing the memory of a machine, by the runs of its pages that are not zero. */
#include "domain/template/memoryfile.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, RUN = 64 * PAGE };

/* Called with LEN bytes at OFFSET, not all of them zero. FALSE with errno ends the visit. */
typedef gboolean (*Visit)(gpointer self, const guint8 *data, gsize len, guint64 offset);

static gboolean is_zero(const guint8 *data, gsize len)
{
    return data[0] == 0 && memcmp(data, data + 1, len - 1) == 0;
}

/* Visit the runs of pages that are not zero, each of at most RUN bytes. */
static gboolean visit_runs(const guint8 *data, guint64 begin, guint64 end, Visit visit,
                           gpointer self)
{
    while (begin < end) {
        gsize page = MIN(PAGE, end - begin);
        if (is_zero(data + begin, page)) {
            begin += page;
            continue;
        }
        guint64 stop = begin + page;
        while (stop < end && stop - begin < RUN && !is_zero(data + stop, MIN(PAGE, end - stop)))
            stop += MIN(PAGE, end - stop);
        if (!visit(self, data + begin, stop - begin, begin))
            return FALSE;
        begin = stop;
    }
    return TRUE;
}

/* Skip holes, because reading one through the mapping would allocate a page (lseek(2)). */
static gboolean visit_data(int fd, const guint8 *data, guint64 size, Visit visit, gpointer self)
{
    off_t at = 0;
    while ((guint64)at < size && (at = lseek(fd, at, SEEK_DATA)) >= 0 && (guint64)at < size) {
        off_t hole = lseek(fd, at, SEEK_HOLE);
        if (hole < 0)
            return FALSE;
        guint64 end = MIN(((guint64)hole + PAGE - 1) & -(guint64)PAGE, size);
        if (!visit_runs(data, (guint64)at & -(guint64)PAGE, end, visit, self))
            return FALSE;
        at = (off_t)end;
    }
    return at >= 0 || errno == ENXIO;
}

static gboolean visit_file(int fd, guint64 size, Visit visit, gpointer self)
{
    void *data = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED)
        return FALSE;
    gboolean done = visit_data(fd, data, size, visit, self);
    int saved = errno;
    munmap(data, size);
    errno = saved;
    return done;
}

static gboolean copy_run(gpointer self, const guint8 *data, gsize len, guint64 offset)
{
    const int *to = self;
    while (len > 0) {
        ssize_t n = pwrite(*to, data, len, (off_t)offset);
        if (n < 0 && errno != EINTR)
            return FALSE;
        gsize written = n > 0 ? (gsize)n : 0;
        data += written;
        len -= written;
        offset += written;
    }
    return TRUE;
}

gboolean lsb_memory_copy(int from, int to, guint64 size)
{
    return ftruncate(to, (off_t)size) == 0 && visit_file(from, size, copy_run, &to);
}

/* Page by page, so that the sum does not depend on where a run was cut. */
static gboolean add_to_checksum(gpointer self, const guint8 *data, gsize len, guint64 offset)
{
    GChecksum *sum = self;
    for (gsize done = 0; done < len; done += PAGE) {
        guint64 place = GUINT64_TO_LE(offset + done);
        gsize page = MIN(PAGE, len - done);
        if (is_zero(data + done, page))
            continue;
        g_checksum_update(sum, (const guchar *)&place, sizeof place);
        g_checksum_update(sum, data + done, (gssize)page);
    }
    return TRUE;
}

char *lsb_memory_checksum(int fd)
{
    struct stat st;
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    if (fstat(fd, &st) < 0)
        return NULL;
    guint64 size = GUINT64_TO_LE((guint64)st.st_size);
    g_checksum_update(sum, (const guchar *)&size, sizeof size);
    if (st.st_size > 0 && !visit_file(fd, (guint64)st.st_size, add_to_checksum, sum))
        return NULL;
    return g_strdup(g_checksum_get_string(sum));
}
