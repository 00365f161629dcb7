/* Bytes that come in pieces and are kept until the end, up to a limit. */
#include "session/bytestore.h"

#include <string.h>
#include <sys/mman.h>

#include "shared/units.h"

/*
 * From this size on the bytes lie in a mapping of their own, which reserves address space for the
 * whole limit. Growing copies nothing there, and its pages are huge where the kernel has such
 * pages: page faults took a third of the time of reading 64 MiB.
 */
enum { MANY = MiB };

void lsb_store_init(LsbStore *store, gsize limit)
{
    *store = (LsbStore){.limit = limit};
}

/* Where there is no address space for the mapping (RLIMIT_AS), the bytes stay in the heap. */
static void move_to_map(LsbStore *store)
{
    void *map = mmap(NULL, store->limit, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
        return;
    madvise(map, store->limit, MADV_HUGEPAGE);
    if (store->len > 0)
        memcpy(map, store->heap->data, store->len);
    store->map = map;
    g_clear_pointer(&store->heap, g_byte_array_unref);
}

void lsb_store_append(LsbStore *store, const void *data, gsize len)
{
    g_assert(len <= store->limit - store->len);
    if (len == 0)
        return;
    if (!store->heap && !store->map)
        store->heap = g_byte_array_new();
    if (store->len < MANY && store->len + len >= MANY)
        move_to_map(store);
    if (store->map)
        memcpy(store->map + store->len, data, len);
    else
        g_byte_array_append(store->heap, data, (guint)len);
    store->len += len;
}

const guint8 *lsb_store_data(const LsbStore *store, gsize *len)
{
    *len = store->len;
    return store->map ? store->map : store->heap ? store->heap->data : NULL;
}

void lsb_store_clear(LsbStore *store)
{
    if (store->map)
        munmap(store->map, store->limit);
    store->map = NULL;
    g_clear_pointer(&store->heap, g_byte_array_unref);
    store->len = 0;
}
