/*
 * Bytes that come in pieces and are kept until the end, up to a limit. Nothing is allocated for the
 * limit: memory is taken as the bytes come.
 */
#ifndef LSANDBOX_SESSION_BYTESTORE_H
#define LSANDBOX_SESSION_BYTESTORE_H

#include <glib.h>

typedef struct {
    GByteArray *heap; /* of a small store; else NULL */
    guint8 *map;      /* of a large store; else NULL */
    gsize len, limit;
} LsbStore;

/* Make STORE empty. LIMIT, in bytes, is at most G_MAXUINT / 2, which a GByteArray can hold. */
void lsb_store_init(LsbStore *store, gsize limit);

/* Add LEN bytes of DATA. The store must not grow beyond its limit by them. */
void lsb_store_append(LsbStore *store, const void *data, gsize len);

/* The bytes, in one piece; borrowed until the next call that changes the store. */
const guint8 *lsb_store_data(const LsbStore *store, gsize *len);

/* Free the bytes. Harmless twice, and on a store that is all zero. */
void lsb_store_clear(LsbStore *store);

#endif
