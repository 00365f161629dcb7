/* Sizes as recipes write them. */
#include <glib.h>

#include "recipe/value/size.h"

#define KiB G_GUINT64_CONSTANT(1024)
#define MiB (1024 * KiB)
#define GiB (1024 * MiB)
#define TiB (1024 * GiB)

static const struct {
    const char *text;
    guint64 bytes;
} good[] = {
    {"0", 0},
    {"1", 1},
    {"007", 7},
    {"1048576", MiB},
    {"1K", KiB},
    {"1 K", KiB},
    {"64KiB", 64 * KiB},
    {"256M", 256 * MiB},
    {"256 MiB", 256 * MiB},
    {"1.5G", GiB + GiB / 2},
    {"0.5K", 512},
    {"1.0", 1},
    {"1k", KiB},
    {"256m", 256 * MiB},
    {"256MB", 256 * MiB},
    {"1KB", KiB},
    {"1kib", KiB},
    {"1 gb", GiB},
    {"1tb", TiB},
    {"1B", 1},
    {"512b", 512},
    {"2GiB", 2 * GiB},
    {"3T", 3 * TiB},
    {"1TiB", TiB},
    {"8388607T", 8388607 * TiB}, /* the most whole T below 2^63 */
    {"9007199254740991", G_GUINT64_CONSTANT(9007199254740991)},
};

static const char *const bad[] = {
    "",
    " ",
    " 1",
    "1 ",
    "1 M ",
    "1  M",
    "1\tM",
    "M",
    "k",
    "1Ki",
    "1Mi",
    "12Q",
    "1P",
    "-1",
    "-0",
    "+1",
    "+1M",
    "1e3",
    "1E3",
    "1e3M",
    "0x10",
    "0X10",
    "0x1p4",
    "1.3",
    "0.3K",
    "1.5",
    ".5G",
    "1,5G",
    "1.5.5G",
    "inf",
    "INF",
    "infinity",
    "nan",
    "NaN",
    "1M1",
    "1MM",
    "1M K",
    "8388608T",
    "99999999T",
    "9223372036854775808",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "1_000",
    "\xd9\xa1",
    "1\xc2\xa0M",
    "1M\n",
};

static void test_good(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        guint64 bytes = G_MAXUINT64;
        g_test_message("\"%s\"", good[i].text);
        g_assert_true(lsb_size_parse(good[i].text, &bytes));
        g_assert_cmpuint(bytes, ==, good[i].bytes);
    }
}

static void test_bad(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        guint64 bytes = 12345;
        g_test_message("\"%s\"", bad[i]);
        g_assert_false(lsb_size_parse(bad[i], &bytes));
        g_assert_cmpuint(bytes, ==, 12345);
    }
}

/* Digits of any number are read or refused, and none overflows into a small number. */
static void test_long(void)
{
    g_autofree char *digits = g_strnfill(100000, '9');
    guint64 bytes;
    g_assert_false(lsb_size_parse(digits, &bytes));
    g_autofree char *zeros = g_strnfill(100000, '0');
    g_assert_true(lsb_size_parse(zeros, &bytes));
    g_assert_cmpuint(bytes, ==, 0);
}

static void test_times(void)
{
    static const struct {
        const char *text;
        double seconds;
    } times[] = {{"5s", 5},   {"1.5s", 1.5}, {"250ms", 0.25},
                 {"2m", 120}, {"1h", 3600},  {"1d", 86400}};
    static const char *const wrong[] = {"",    "s",    "5",    "5 s", "5S",
                                        "-5s", "1e3s", "0x1s", "5s ", "5m1s"};
    double seconds;
    for (gsize i = 0; i < G_N_ELEMENTS(times); i++) {
        g_assert_true(lsb_seconds_parse(times[i].text, &seconds));
        g_assert_cmpfloat_with_epsilon(seconds, times[i].seconds, 1e-9);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(lsb_seconds_parse(wrong[i], &seconds));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/size/good", test_good);
    g_test_add_func("/size/bad", test_bad);
    g_test_add_func("/size/long", test_long);
    g_test_add_func("/size/times", test_times);
    return g_test_run();
}
