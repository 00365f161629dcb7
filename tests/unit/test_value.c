/*
 * What tables of values cost: four times the keys cost about four times as much, in whatever order
 * they come, and a text that is read costs its length in memory.
 *
 * Root cause of what is here: each key was looked for from the first on, when it was read, put into
 * the sorted list, and put into an environment. A recipe read as data with 80,000 keys blocked the
 * main context for minutes, and one of 64 MiB of small values took 4 GiB.
 */
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "recipe/identity/identity.h"
#include "recipe/identity/identityfields.h"
#include "recipe/programfields.h"
#include "recipe/value/literalread.h"
#include "recipe/value/literalwrite.h"
#include "recipe/value/value.h"

enum { FEW = 5000, MANY = 4 * FEW, ROUNDS = 3, MOST_RATIO = 9 /* of squares: 16 */ };

/* N keys in an order that is neither up nor down. */
static char *key_of(guint i, guint n)
{
    return g_strdup_printf("K%07u", i * 7919u % n);
}

static GString *text_of(guint n)
{
    GString *text = g_string_new("return { env = {");
    for (guint i = 0; i < n; i++) {
        g_autofree char *key = key_of(i, n);
        g_string_append_printf(text, "%s='v',", key);
    }
    return g_string_append(text, "} }");
}

static LsbValue *table_of(guint n)
{
    LsbValue *table = lsb_value_table();
    for (guint i = 0; i < n; i++) {
        g_autofree char *key = key_of(i, n);
        lsb_value_set(table, key, lsb_value_integer(i));
    }
    return table;
}

/* --- what is measured --- */

static void read_text(guint n)
{
    g_autoptr(GString) text = text_of(n);
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbValue) value = lsb_literal_read("text", text->str, text->len, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(lsb_value_get(value, "env")->u.table.pairs->len, ==, n);
}

static void set_keys(guint n)
{
    g_autoptr(LsbValue) table = table_of(n);
    g_assert_cmpuint(table->u.table.pairs->len, ==, n);
}

static void get_keys(guint n)
{
    g_autoptr(LsbValue) table = table_of(n);
    for (guint i = 0; i < n; i++) {
        g_autofree char *key = key_of(i, n);
        g_assert_cmpint(lsb_value_get(table, key)->u.integer, ==, i);
    }
}

static void write_text(guint n)
{
    g_autoptr(LsbValue) table = table_of(n);
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = lsb_literal_write(table, &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(text->str, "return {"));
}

static void read_groups(guint n)
{
    g_autoptr(LsbValue) list = lsb_value_table();
    g_auto(GStrv) groups = NULL;
    g_autoptr(GError) error = NULL;
    for (guint i = 0; i < n; i++)
        lsb_value_append(list, lsb_value_integer(i));
    lsb_identity_parse_groups(list, "groups", &groups, NULL, &error);
    g_assert_no_error(error);
}

static void make_environment(guint n)
{
    LsbIdentity id = {.name = (char *)"user", .home = (char *)"/home/user"};
    g_autoptr(GPtrArray) extra = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < n; i++) {
        g_autofree char *key = key_of(i, n);
        g_ptr_array_add(extra, g_strconcat(key, "=v", NULL));
    }
    g_auto(GStrv) env = lsb_program_environment(&id, &extra, 1);
    g_assert_cmpuint(g_strv_length(env), ==, n + 6);
}

static const struct {
    const char *name;
    void (*run)(guint n);
} costs[] = {
    {"/value/cost/read", read_text},   {"/value/cost/set", set_keys},
    {"/value/cost/get", get_keys},     {"/value/cost/write", write_text},
    {"/value/cost/environment", make_environment},
    {"/value/cost/groups", read_groups},
};

/* The least of some rounds, in CPU time: other processes do not count. */
static double cost_of(void (*run)(guint), guint n)
{
    double least = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        clock_t begun = clock();
        run(n);
        least = MIN(least, (double)(clock() - begun) / CLOCKS_PER_SEC);
    }
    return least;
}

static void test_cost(gconstpointer run_at)
{
    void (*run)(guint) = *(void (*const *)(guint))run_at;
    double few = cost_of(run, FEW), many = cost_of(run, MANY);
    g_test_message("%d keys: %g s, %d: %g s", FEW, few, MANY, many);
    g_assert_cmpfloat(many, <, few * MOST_RATIO + 0.01);
}

/* --- what stays as it was --- */

static void test_order_and_replacement(void)
{
    g_autoptr(LsbValue) table = lsb_value_table();
    for (const char *c = "hbdacgef"; *c; c++)
        lsb_value_set(table, (char[]){*c, 0}, lsb_value_integer(*c));
    lsb_value_set(table, "d", lsb_value_integer(1));
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = lsb_literal_write(table, &error);
    g_assert_no_error(error);
    const char *at = text->str;
    for (char c = 'a'; c <= 'h'; c++) { /* what is written stands in the order of keys */
        at = strstr(at, (char[]){c, ' ', '=', 0});
        g_assert_nonnull(at);
    }
    g_assert_cmpint(lsb_value_get(table, "d")->u.integer, ==, 1);
    g_assert_null(lsb_value_get(table, "z"));
}

/* Few pairs are looked through, many hashed; either way what is removed is gone. */
static void test_removal(void)
{
    for (guint n = 1; n < 40; n += 19) {
        g_autoptr(LsbValue) table = table_of(n);
        g_autofree char *key = key_of(n / 2, n);
        lsb_value_remove(table, key);
        lsb_value_remove(table, "no such key");
        g_assert_null(lsb_value_get(table, key));
        g_assert_cmpuint(lsb_value_pairs(table)->len, ==, n - 1);
        lsb_value_set(table, key, lsb_value_boolean(TRUE));
        g_assert_true(lsb_value_get(table, key)->u.boolean);
    }
}

static void test_key_twice(void)
{
    static const char text[] = "{ b = 1, a = 2,\n c = 3, a = 4 }";
    g_autoptr(GError) error = NULL;
    g_assert_null(lsb_literal_read("text", text, strlen(text), &error));
    g_assert_nonnull(strstr(error->message, "text:2: expected a key that the table does not have yet"));
}

/* --- memory --- */

static long most_memory(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss; /* KiB, getrusage(2) */
}

/* The smallest values there are, as many as a text may hold. */
static void test_memory(void)
{
    enum { BYTES = 16 * 1024 * 1024, MOST_KIB = 256 * 1024 };
    g_autofree char *text = g_malloc(BYTES);
    for (gsize i = 0; i + 1 < BYTES; i += 2)
        memcpy(text + i, "1,", 2);
    text[0] = '{';
    text[1] = ' ';
    text[BYTES - 1] = '}';
    long before = most_memory();
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbValue) value = lsb_literal_read("text", text, BYTES, &error);
    g_assert_null(value);
    g_assert_nonnull(strstr(error->message, "values"));
    g_assert_cmpint(most_memory() - before, <, MOST_KIB);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/value/order", test_order_and_replacement);
    g_test_add_func("/value/removal", test_removal);
    g_test_add_func("/value/key-twice", test_key_twice);
    for (gsize i = 0; i < G_N_ELEMENTS(costs); i++)
        g_test_add_data_func(costs[i].name, &costs[i].run, test_cost);
    g_test_add_func("/value/memory", test_memory);
    return g_test_run();
}
