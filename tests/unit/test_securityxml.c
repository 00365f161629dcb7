/*
 * Security labels and id maps in the domain XML: what the recipe says comes out where libvirt's
 * schema has it. The effect is for tests/conformance/identity.lua, on hosts that have the driver.
 */
#include <libxml/parser.h>
#include <stdlib.h>

#include "recipe/driver.h"
#include "recipe/identity/idmap.h"
#include "recipe/value/value.h"
#include "recipe/description.h"
#include "domain/xml/domainxml.h"
#include "plan/plan.h"
#include "recipe.h"
#include "schema.h"
#include "domain/xml/securityxml.h"

/*
 * The program's user is 1000 in each; ids count from 100000. Recipes quote with '...', so that C
 * needs no backslashes.
 */
static const struct {
    const char *name, *security, *connect;
    const char *expected; /* "-": no such element */
} rows[] = {
    {
        .name = "nothing",
        .security = "{}",
        .connect = "qemu:///system",
        .expected = "-",
    },
    {
        .name = "dynamic, which libvirt does anyway",
        .security = "{type = 'dynamic'}",
        .connect = "qemu:///system",
        .expected = "-",
    },
    {
        .name = "none",
        .security = "{type = 'none'}",
        .connect = "qemu:///system",
        .expected = "<seclabel type='none'/>",
    },
    {
        .name = "a model is dynamic unless said otherwise",
        .security = "{model = 'selinux'}",
        .connect = "qemu:///system",
        .expected = "<seclabel type='dynamic' model='selinux'/>",
    },
    {
        .name = "a label made from a base",
        .security = "{type = 'dynamic', model = 'selinux', relabel = true, baselabel = 'u:r:t:s0'}",
        .connect = "qemu:///system",
        .expected = "<seclabel type='dynamic' model='selinux' relabel='yes'>"
                    "<baselabel>u:r:t:s0</baselabel></seclabel>",
    },
    {
        .name = "a static label",
        .security = "{type = 'static', model = 'selinux', label = 'u:r:t:s0:c1,c2'}",
        .connect = "qemu:///system",
        .expected = "<seclabel type='static' model='selinux'><label>u:r:t:s0:c1,c2</label></seclabel>",
    },
    {
        .name = "a label with markup, of a container",
        .security = "{type = 'static', model = 'apparmor', label = 'libvirt-<&>', relabel = false}",
        .connect = "lxc:///",
        .expected = "<seclabel type='static' model='apparmor' relabel='no'>"
                    "<label>libvirt-&lt;&amp;&gt;</label></seclabel>",
    },
    {
        .name = "a user and a group",
        .security = "{type = 'static', model = 'dac', label = '+107:+108', relabel = true}",
        .connect = "qemu:///system",
        .expected = "<seclabel type='static' model='dac' relabel='yes'>"
                    "<label>+107:+108</label></seclabel>",
    },
};

/* Indentation and line breaks are the writer's own. */
static char *element(const char *document, const char *name)
{
    g_autofree char *open = g_strdup_printf("<%s", name), *close = g_strdup_printf("</%s>", name);
    const char *start = strstr(document, open), *end = start ? strstr(start, close) : NULL;
    if (!start)
        return g_strdup("-");
    gsize len = end ? (gsize)(end - start) + strlen(close) : strcspn(start, ">") + 1;
    g_autofree char *text = g_strndup(start, len);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
    for (char **line = lines; *line; line++)
        g_strstrip(*line);
    return g_strjoinv("", lines);
}

static char *document_of(const char *security, const char *uri)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = g_strdup_printf(
        "{user = 1000, group = 1001, connect = \"%s\", security = %s}", uri, security);
    g_autoptr(LsbValue) value = recipe(text);
    g_autoptr(LsbDescription) d = lsb_description_new(value, &error);
    g_assert_no_error(error);
    g_auto(LsbSeclabel) label = {0};
    lsb_seclabel_preview(&d->security, &label);
    LsbDomainParts parts = {.accel = LSB_ACCEL_TCG,
                            .kernel = "/k",
                            .initrd = "/i",
                            .skeleton = "/skeleton",
                            .init = "/init",
                            .seclabel = &label};
    lsb_userns_maps(&d->security.userns, 100000, d->identity->uid, d->identity->gid, &parts.uids,
                    &parts.gids);
    g_autoptr(LsbPlan) plan =
        lsb_plan_new(d, d->kind == LSB_MACHINE ? LSB_PASS_TAGS : LSB_PASS_DESCRIPTORS);
    return lsb_domain_xml(plan, &parts);
}

static void check_schema(const char *text)
{
    g_autofree char *path = find_schema();
    if (!path)
        return; /* test_domainxml.c says so */
    xmlDocPtr document =
        xmlReadMemory(text, (int)strlen(text), "domain.xml", NULL, XML_PARSE_NONET);
    xmlRelaxNGPtr schema = load_schema(path);
    g_assert_cmpint(validate(schema, document), ==, 0);
    xmlRelaxNGFree(schema);
    xmlFreeDoc(document);
}

static char *double_quotes(const char *text)
{
    return g_strdelimit(g_strdup(text), "'", '"');
}

static void test_labels(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s", rows[i].name);
        g_autofree char *security = double_quotes(rows[i].security),
                        *expected = double_quotes(rows[i].expected),
                        *document = document_of(security, rows[i].connect),
                        *got = element(document, "seclabel");
        g_assert_cmpstr(got, ==, expected);
        check_schema(document);
    }
}

#define ID(kind, start, target, count)                                                             \
    "<" kind " start=\"" start "\" target=\"" target "\" count=\"" count "\"/>"

static void test_maps(void)
{
    static const struct {
        const char *userns, *expected;
    } maps[] = {
        {"true", ID("uid", "0", "100000", "65536") ID("gid", "0", "100000", "65536")},
        {"\"user\"", ID("uid", "0", "100000", "1000") ID("uid", "1000", "1000", "1")
                         ID("uid", "1001", "101001", "64535") ID("gid", "0", "100000", "1001")
                             ID("gid", "1001", "1001", "1") ID("gid", "1002", "101002", "64534")},
        {"{uid = {{5, 7, 1000}, {0, 200000, 5}}, gid = {{0, 300000, 2000}}}",
         ID("uid", "0", "200000", "5") ID("uid", "5", "7", "1000")
             ID("gid", "0", "300000", "2000")},
    };
    if (geteuid() != 0) {
        g_test_skip("only root maps ids");
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(maps); i++) {
        g_autofree char *security = g_strdup_printf("{userns = %s}", maps[i].userns),
                        *expected = g_strdup_printf("<idmap>%s</idmap>", maps[i].expected),
                        *document = document_of(security, "lxc:///"),
                        *got = element(document, "idmap");
        g_assert_cmpstr(got, ==, expected);
        check_schema(document);
    }
    g_autofree char *without = document_of("{userns = false}", "lxc:///"),
                    *none = element(without, "idmap");
    g_assert_cmpstr(none, ==, "-");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/securityxml/labels", test_labels);
    g_test_add_func("/securityxml/maps", test_maps);
    return g_test_run();
}
