/* Bytes kept to the end: the same whether they are few, many, or come to be many. */
#include <string.h>

#include "session/bytestore.h"

static void fill(LsbStore *store, gsize total, gsize piece)
{
    g_autofree guint8 *bytes = g_malloc(piece);
    while (store->len < total) {
        gsize n = MIN(piece, total - store->len);
        for (gsize i = 0; i < n; i++)
            bytes[i] = (guint8)((store->len + i) * 7 / 5);
        lsb_store_append(store, bytes, n);
    }
}

static void check(gsize total, gsize piece)
{
    LsbStore store;
    gsize len;
    lsb_store_init(&store, total);
    fill(&store, total, piece);
    const guint8 *data = lsb_store_data(&store, &len);
    g_assert_cmpuint(len, ==, total);
    for (gsize i = 0; i < len; i++)
        g_assert_true(data[i] == (guint8)(i * 7 / 5));
    lsb_store_clear(&store);
    lsb_store_clear(&store);
    lsb_store_data(&store, &len);
    g_assert_cmpuint(len, ==, 0);
}

static void test_sizes(void)
{
    static const gsize totals[] = {0, 1, 1000, 1048575, 1048576, 1048577, 5000000};
    static const gsize pieces[] = {1000, 65536, 2000000};
    for (gsize i = 0; i < G_N_ELEMENTS(totals); i++)
        for (gsize j = 0; j < G_N_ELEMENTS(pieces); j++)
            check(totals[i], pieces[j]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store/sizes", test_sizes);
    return g_test_run();
}
