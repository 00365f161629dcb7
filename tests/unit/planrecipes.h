/*
 * Recipes from which the tests of plans and of domain XML begin, and the files that those speak of.
 */
#ifndef LSANDBOX_TEST_PLANRECIPES_H
#define LSANDBOX_TEST_PLANRECIPES_H

#include "recipe/value/value.h"
#include "recipe/description.h"
#include "recipe.h"

/* Root "@/root" has every mount point, "@/bare" has none; both have the same users. */
#define FULL "root = \"@/root\", user = \"anna\""
#define BARE "root = \"@/bare\", user = \"anna\""
#define LXC  ", connect = \"lxc:///\""

#define BIND(source, rest)                                                                         \
    "{type = \"bind\", source = \"@/" source "\", target = \"/m-" source "\"" rest "}"

#define NETWORK                                                                                    \
    ", dns = \"192.0.2.53\", hosts = {alpha = \"192.0.2.1\"}, network = {"                         \
    "{type = \"bridge\", source = \"br0\", mac = \"52:54:00:0A:0b:0c\", mtu = 1400, "              \
    "addresses = {\"10.0.0.2/8\", \"fd00::2/64\", {address = \"10.1.0.2\", prefix = 16, "          \
    "broadcast = \"10.1.2.3\"}}, gateway = \"10.0.0.1\", "                                         \
    "routes = {{to = \"192.0.2.0/24\"}, {to = \"default\", via = \"fe80::1\"}}, "                  \
    "bandwidth = {inbound = {average = \"1M\", peak = 5000000, burst = \"64K\"}, outbound = 1}}, " \
    "{type = \"bridge\", source = \"br1\", mac = \"52:54:00:00:00:01\"}}"

static inline LsbDescription *describe(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbValue) value = recipe(text);
    LsbDescription *d = lsb_description_new(value, &error);
    g_assert_no_error(error);
    return d;
}

static inline void check_text(const char *got, const char *expected_text)
{
    g_autofree char *expected = with_scratch(expected_text);
    g_assert_cmpstr(got, ==, expected);
}

static inline void plan_root_make(const char *name)
{
    g_autofree char *passwd = g_strdup_printf("root:x:0:0:root:/root:/bin/sh\n"
                                              "anna:x:1000:100:Anna:/people/anna:/bin/sh\n"
                                              "lena:x:1001:100:Lena:%s/home:/bin/sh\n",
                                              scratch);
    g_autofree char *path = g_build_filename(name, "etc/passwd", NULL);
    scratch_file(path, passwd);
}

/* As an ext4 file system looks where an image is looked at: the magic number of its superblock. */
static inline void plan_image_make(const char *name)
{
    enum { SIZE = 1 << 20, MAGIC_AT = 1024 + 56 };
    g_autofree char *path = g_build_filename(scratch, name, NULL), *bytes = g_malloc0(SIZE);
    bytes[MAGIC_AT] = 0x53;
    bytes[MAGIC_AT + 1] = (char)0xef;
    g_assert_true(g_file_set_contents(path, bytes, SIZE, NULL));
}

static inline void plan_files_make(void)
{
    static const char *const places[] = {"tmp",  "var/tmp",     "run", "home",
                                         "root", "people/anna", "opt"};
    scratch_make();
    scratch_dir("dir");
    scratch_dir("home");
    scratch_file("file", "x");
    plan_image_make("image");
    plan_root_make("bare");
    plan_root_make("root");
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path = g_build_filename("root", places[i], NULL);
        scratch_dir(path);
    }
}

#endif
