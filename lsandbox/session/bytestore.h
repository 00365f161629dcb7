/*
 * Bytes that come in pieces and are kept until the end, up to a limit. Nothing is allocated for the
 * limit: memory is taken as the bytes come.
 */
#ifndef LSANDBOX_SESSION_BYTESTORE_H
#define LSANDBOX_SESSION_BYTESTORE_H

#include <glib.h>

typedef struct {
    GByteArray *heap; /* where they lie as long as they are few */
    guint8 *map;      /* where they lie when they are many; else NULL */
    gsize len, limit;
} LsbStore;

/* LIMIT: at most G_MAXUINT / 2, which is what a GByteArray can hold. */
void lsb_store_init(LsbStore *store, gsize limit);

/* Add LEN bytes, with which the store has no more than its limit. */
void lsb_store_append(LsbStore *store, const void *data, gsize len);

/* The bytes, in one piece; they stay the store's, until the next call that changes it. */
const guint8 *lsb_store_data(const LsbStore *store, gsize *len);

/* Harmless twice, and on one that is all zero. */
void lsb_store_clear(LsbStore *store);

#endif
