/* Which libvirt a URI leads to, and that what is asked of the table holds together. */
#include "recipe/driver.h"

static const struct {
    const char *uri;
    LsbDriver driver;
    gboolean local;
} uris[] = {
    {"qemu:///embed", LSB_DRIVER_EMBED, TRUE},
    {"qemu:///embed?root=/tmp/x", LSB_DRIVER_SYSTEM, TRUE}, /* the caller's own root, not lsandbox's */
    {"qemu:///session", LSB_DRIVER_SESSION, TRUE},
    {"qemu:///session?socket=/tmp/x", LSB_DRIVER_SESSION, TRUE},
    {"qemu+unix:///session", LSB_DRIVER_SESSION, TRUE},
    {"qemu+unix:///session?socket=/tmp/x", LSB_DRIVER_SESSION, TRUE},
    {"QEMU+UNIX:///session", LSB_DRIVER_SESSION, TRUE},
    {"qemu+ssh://host/session", LSB_DRIVER_SESSION, FALSE},
    {"qemu:///sessions", LSB_DRIVER_SYSTEM, TRUE},
    {"qemu:///system", LSB_DRIVER_SYSTEM, TRUE},
    {"qemu+unix:///system", LSB_DRIVER_SYSTEM, TRUE},
    {"qemu:///system?x=/session", LSB_DRIVER_SYSTEM, TRUE},
    {"qemu://host/system", LSB_DRIVER_SYSTEM, FALSE},
    {"qemu+ssh://host/system", LSB_DRIVER_SYSTEM, FALSE},
    {"qemu+ssh:///system", LSB_DRIVER_SYSTEM, FALSE},
    {"qemu+tls://[::1]:16514/system", LSB_DRIVER_SYSTEM, FALSE},
    {"lxc:///", LSB_DRIVER_LXC, TRUE},
    {"lxc:///system", LSB_DRIVER_LXC, TRUE},
    {"LXC:///", LSB_DRIVER_LXC, TRUE},
    {"lxc+tcp://host/", LSB_DRIVER_LXC, FALSE},
};

static void test_uris(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(uris); i++) {
        LsbDriver driver = LSB_DRIVERS;
        gboolean local = -1;
        g_test_message("%s", uris[i].uri);
        g_assert_true(lsb_driver_of_uri(uris[i].uri, &driver, &local));
        g_assert_cmpint(driver, ==, uris[i].driver);
        g_assert_cmpint(local, ==, uris[i].local);
    }
}

static void test_other_uris(void)
{
    static const char *const others[] = {"", "qemu", "qemu:", "qemu:/system", "xen:///", "qemux:///system", "://"};
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        LsbDriver driver;
        gboolean local;
        g_test_message("%s", others[i]);
        g_assert_false(lsb_driver_of_uri(others[i], &driver, &local));
    }
}

static void test_traits(void)
{
    for (LsbDriver i = 0; i < LSB_DRIVERS; i++) {
        const LsbDriverTraits *t = &lsb_drivers[i];
        g_test_message("driver %d", i);
        g_assert_cmpint(t->kind, ==, i == LSB_DRIVER_LXC ? LSB_CONTAINER : LSB_MACHINE);
        g_assert_true(!t->in_process || t->runs_as_caller);
        g_assert_true(t->has_launcher == t->runs_as_caller); /* a system libvirtd confines QEMU itself */
        g_assert_true(t->has_networks == !t->in_process);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/driver/uris", test_uris);
    g_test_add_func("/driver/other-uris", test_other_uris);
    g_test_add_func("/driver/traits", test_traits);
    return g_test_run();
}
