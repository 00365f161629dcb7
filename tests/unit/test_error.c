/* Errors of the core: the names of their domains, their codes' names, and their details. */
#include <errno.h>
#include <glib.h>

#include "base/error.h"

/* clang-format once made the domain "lsb - errno" of the bare word in G_DEFINE_QUARK(). */
static void test_domains(void)
{
    g_assert_cmpstr(g_quark_to_string(LSB_ERRNO), ==, "lsb-errno");
    g_assert_cmpstr(g_quark_to_string(LSB_ERROR), ==, "LsbError");
    g_assert_cmpuint(LSB_ERRNO, ==, lsb_errno_quark());
}

static void test_names(void)
{
    g_autoptr(GError) own = NULL, number = NULL, unknown = NULL;
    lsb_fail(&own, NO_KERNEL, "none");
    lsb_set_errno(&number, ENOENT, "cannot open %s", "x");
    g_set_error(&unknown, G_FILE_ERROR, G_FILE_ERROR_NOENT, "x");
    g_assert_cmpstr(lsb_error_name(own), ==, "no-kernel");
    g_assert_cmpstr(lsb_error_name(number), ==, "ENOENT");
    g_assert_cmpstr(number->message, ==, "cannot open x: No such file or directory");
    g_assert_cmpstr(lsb_error_name(unknown), ==, "failed");
}

static void test_details(void)
{
    g_autoptr(GError) error = NULL, number = NULL;
    lsb_fail(&error, FAILED, "x");
    lsb_set_errno(&number, EIO, "x");
    g_assert_null(lsb_error_details(error));
    g_assert_null(lsb_error_details(number));
    lsb_error_set_detail(error, "console", "a");
    lsb_error_set_detail(error, "console", "b");
    lsb_error_set_detail(error, "libvirt-code", "1");
    g_autoptr(GError) copy = g_error_copy(error);
    g_assert_cmpuint(g_hash_table_size(lsb_error_details(copy)), ==, 2);
    g_assert_cmpstr(g_hash_table_lookup(lsb_error_details(copy), "console"), ==, "b");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/error/domains", test_domains);
    g_test_add_func("/error/names", test_names);
    g_test_add_func("/error/details", test_details);
    return g_test_run();
}
