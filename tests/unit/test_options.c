/*
 * The options of the command: what each makes of the recipe's tree, also of fields that only a
 * sandbox with a network, a disk or a label could show. Literals: written, read again, the same.
 */
#include "recipe/value/literalread.h"
#include "recipe/value/literalwrite.h"
#include "recipe/value/value.h"
#include "runtime/nearest.c"
#include "runtime/options.c"
#include "runtime/optionset.c"
#include "runtime/optionspecs.c"

#include "recipe/value/literal.h"

static const struct {
    const char *options, *recipe; /* options apart by spaces */
} good[] = {
    {"-c lxc:/// -n x -r /srv", "connect='lxc:///', name='x', root='/srv'"},
    {"--vcpus 2 --max-vcpus 4 --timeout 0.5", "vcpus=2, max_vcpus=4, timeout=0.5"},
    {"--overlay /keep --overlay-size 1G",
     "root_mode='overlay', overlay='/keep', overlay_size='1G'"},
    {"--bind /a --bind-rw /b:/c",
     "mounts={{type='bind', source='/a', target='/a', readonly=true}, {type='bind', source='/b', "
     "target='/c', readonly=false}}"},
    {"--ram /r --ram /s:1M",
     "mounts={{type='ram', target='/r'}, {type='ram', target='/s', size='1M'}}"},
    {"-m host-bind:/tmp=/var/tmp", "mounts={{type='bind', target='/tmp', source='/var/tmp'}}"},
    {"-m bind:/tmp=,rw,noexec",
     "mounts={{type='bind', target='/tmp', source='', readonly=false, noexec=true}}"},
    {"-m host-image:/i=/x.img,format=qcow2,ro",
     "mounts={{type='image', target='/i', source='/x.img', format='qcow2', readonly=true}}"},
    {"-m guest-bind:/home=/tmp/home", "mounts={{type='guest-bind', target='/home', "
                                      "source='/tmp/home'}}"},
    {"-m ram:/tmp=500M,mode=0700,dev",
     "mounts={{type='ram', target='/tmp', size='500M', mode='0700', nodev=false}}"},
    {"-m ram:/tmp", "mounts={{type='ram', target='/tmp'}}"},
    {"-m overlay:/o=/a,upper=/b,size=1M",
     "mounts={{type='overlay', target='/o', source='/a', upper='/b', size='1M'}}"},
    {"-i /etc/a -i /etc/b:/c --include-list /l -I /m",
     "include={'/etc/a', {source='/etc/b', target='/c'}, {list='/l'}, {list='/m'}}"},
    {"--disk cache=/x.img --disk file:d=/y.qcow2,format=qcow2,ro",
     "disks={{tag='cache', source='/x.img'}, {tag='d', source='/y.qcow2', format='qcow2', "
     "readonly=true}}"},
    {"-N dhcp,source=lan", "network={{type='network', dhcp=true, source='lan'}}"},
    {"-N user -N bridge,source=br0,mtu=1400,mac=52:54:00:00:00:01",
     "network={{type='user'}, {type='bridge', source='br0', mtu=1400, mac='52:54:00:00:00:01'}}"},
    {"-N source=lan,address=10.0.0.2/24%10.0.0.255,address=fd00::2/64,route=10.1.0.0/"
     "16%10.0.0.1,gateway=10.0.0.1,filter=clean-traffic",
     "network={{type='network', source='lan', addresses={{address='10.0.0.2', prefix=24, "
     "broadcast='10.0.0.255'}, 'fd00::2/64'}, routes={{to='10.1.0.0/16', via='10.0.0.1'}}, "
     "gateway='10.0.0.1', filter={name='clean-traffic'}}}"},
    {"--dns 10.0.0.1 --dns fd00::1", "dns={'10.0.0.1', 'fd00::1'}"},
    {"--timeout 5s --idle-timeout 2m", "timeout='5s', idle_timeout='2m'"},
    {"--timeout 5x", NULL},
    {"--env NOT_SET_BY_ANYBODY", "env={}"},
    {"-e A=b=c --env B=", "env={A='b=c', B=''}"},
    {"--domainname d --timezone UTC --umask 027", "domainname='d', timezone='UTC', umask='027'"},
    {"--group a --group 5 --capability net_raw --seccomp default --privileged",
     "groups={'a', '5'}, capabilities={'net_raw'}, seccomp='default', privileged=true"},
    {"--rlimit nofile=64 --rlimit core=unlimited --rlimit fsize=10M",
     "rlimits={nofile=64, core='unlimited', fsize='10M'}"},
    {"-s dynamic", "security={type='dynamic'}"},
    {"-s static,label=system_u:system_r:svirt_t:s0:c412,c355,model=selinux",
     "security={type='static', label='system_u:system_r:svirt_t:s0:c412,c355', model='selinux'}"},
    {"-s dynamic,baselabel=a:b:c:s0", "security={type='dynamic', baselabel='a:b:c:s0'}"},
    {"-s inherit", "security={type='inherit'}"},
    {"--tuning pids=100 --tuning cpu.shares=512 --tuning memory.hard=1G --tuning cpu.pinning='0-1'",
     "tuning={pids=100, cpu={shares=512, pinning='0-1'}, memory={hard='1G'}}"},
    {"--tty", "tty=true"},
    {"--no-tty", "tty=false"},
    {"--kernel /k --kernel-version 6.1 --kernel-modules /m --kernel-module loop --kernel-module "
     "dummy --kernel-cmdline quiet",
     "kernel={path='/k', version='6.1', modules='/m', extra_modules={'loop', 'dummy'}, "
     "cmdline='quiet'}"},
    {"--graphics vnc", "graphics={type='vnc'}"},
    {"--graphics spice,listen=::1,port=5901,password=x",
     "graphics={type='spice', listen='::1', port=5901, password='x'}"},
    {"--device usb,vendor=0x1234,product=0x5678 --device pci,address=0000:00:1f.0,managed",
     "devices={{type='usb', vendor=0x1234, product=0x5678}, {type='pci', address='0000:00:1f.0', "
     "managed=true}}"},
    {"--qemu-arg -S --qemu-env A=b", "qemu={args={'-S'}, env={A='b'}}"},
    {"--label a=b", "labels={a='b'}"},
    {"--set cwd=/usr --set memory=1<<2", NULL},
    {"--set groups={'a',5,x=true} --set a.b.c=-0x10 --set memory=64M --set x=yes --set y=true",
     "groups={'a',5,x=true}, a={b={c=-16}}, memory='64M', x='yes', y=true"},
    {"--set a=1 --set a.b=2", "a={b=2}"},
    /* wrong ones */
    {"-m foo", NULL},
    {"-m bind:/a", NULL},
    {"-m bind:/a=/b,readonly", NULL},
    {"-m bind:/a=/b,size", NULL},
    {"-N nat", NULL},
    {"-N source", NULL},
    {"-N user=1", NULL},
    {"-s selinux", NULL},
    {"--disk x", NULL},
    {"--disk x=/y,format", NULL},
    {"--device scsi", NULL},
    {"--graphics sdl", NULL},
    {"--env ", NULL},
    {"--label A", NULL},
    {"--vcpus two", NULL},
    {"--set a", NULL},
    {"--set .a=1", NULL},
    {"--set a.=1", NULL},
    {"--set =1", NULL},
    {"--set a={", NULL},
    {"--set a=f()", NULL},
    {"--set a=", NULL},
    {"--tuning pids", NULL},
    {"--load /no/such/file", NULL},
};

static LsbValue *parse_options(const char *text, GError **error)
{
    g_autofree char *all = g_strconcat("run ", text, NULL);
    g_auto(GStrv) words = g_strsplit(all, " ", -1);
    int argc = (int)g_strv_length(words);
    /* the parser takes out of it what it has read */
    g_autofree char **argv = g_memdup2(words, (gsize)(argc + 1) * sizeof *words);
    Options o = {.recipe = lsb_value_table()};
    g_autoptr(GOptionContext) context = g_option_context_new("");
    GOptionGroup *group = g_option_group_new("run", "", "", &o, NULL);
    g_option_group_add_entries(group, lsb_options);
    g_option_context_set_main_group(context, group);
    if (g_option_context_parse(context, &argc, &argv, error)) {
        g_assert_cmpint(argc, ==, 1);
        return o.recipe;
    }
    lsb_value_free(o.recipe);
    return NULL;
}

static void check_same(const LsbValue *got, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *table = g_strdup_printf("{%s}", text);
    g_autoptr(LsbValue) expected = lsb_literal_read("expected", table, strlen(table), &error);
    g_assert_no_error(error);
    g_autoptr(GString) a = lsb_literal_write(got, &error), b = lsb_literal_write(expected, &error);
    g_assert_cmpstr(a->str, ==, b->str);
}

static void test_options(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", good[i].options);
        g_autoptr(LsbValue) recipe = parse_options(good[i].options, &error);
        g_assert_true((recipe != NULL) == (good[i].recipe != NULL));
        if (recipe)
            check_same(recipe, good[i].recipe);
        else
            g_assert_nonnull(error);
    }
}

/* --- literals --- */

/* As Lua reads them (its manual, 3.1), and written again. */
static const struct {
    const char *text, *written; /* NULL: refused */
} literals[] = {
    {"1", "1"},
    {"-1", "-1"},
    {"- 1", "-1"},
    {"0x10", "16"},
    {"0xffffffffffffffff", "-1"},
    {"9223372036854775807", "9223372036854775807"},
    {"9223372036854775808", "9.2233720368547758e+18"},
    {"0x8000000000000000", "0x8000000000000000"},
    {"1.0", "1.0"},
    {".5", "0.5"},
    {"3e2", "300.0"},
    {"0x1p-1", "0.5"},
    {"0.1", "0.1"},
    {"1e999", "1e999"},
    {"-1e999", "-1e999"},
    {"5e-324", "4.94065645841247e-324"},
    {"true", "true"},
    {"'a\\65\\x41\\u{e9}\\z  \n b'", "\"aAA\xc3\xa9"
                                     "b\""},
    {"\"\\0001\"", "\"\\0001\""},
    {"\"\\n\\t'\\\"\"", "\"\\n\\009'\\\"\""},
    {"\"\\255\"", "\"\\255\""},
    {"[[\na\\n]]", "\"a\\\\n\""},
    {"[==[a]]b]==]", "\"a]]b\""},
    {"--c\nreturn --[[d\n]] 1 --e", "1"},
    {"return 1;", "1"},
    {"{}", "{}"},
    {"{1,2;x=3,['y z']=4,[ [[k]] ]=5,}", "{\n  1,\n  2,\n  k = 5,\n  x = 3,\n  [\"y z\"] = 4,\n}"},
    {"{['end']=1}", "{\n  [\"end\"] = 1,\n}"},
    {"", NULL},
    {"nil", NULL},
    {"1 2", NULL},
    {"1x", NULL},
    {"0x", NULL},
    {"--", NULL},
    {"-", NULL},
    {"..", NULL},
    {"1..2", NULL},
    {"0x1g", NULL},
    {"'a", NULL},
    {"'a\nb'", NULL},
    {"'\\q'", NULL},
    {"'\\256'", NULL},
    {"'\\xg0'", NULL},
    {"'\\u{110000}'", NULL},
    {"'\\", NULL},
    {"[[a", NULL},
    {"[=[a]]", NULL},
    {"--[[a", NULL},
    {"{", NULL},
    {"{1 2}", NULL},
    {"{,}", NULL},
    {"{x}", NULL},
    {"{x=}", NULL},
    {"{[1]=2}", NULL},
    {"{['a\\0']=1}", NULL},
    {"{x=1,x=2}", NULL},
    {"{f=print}", NULL},
    {"function() end", NULL},
    {"(1)", NULL},
    {"#{}", NULL},
    {"1+1", NULL},
    {"return", NULL},
    {"returns 1", NULL},
};

static void test_literals(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(literals); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", literals[i].text);
        g_autoptr(LsbValue) v =
            lsb_literal_read("test", literals[i].text, strlen(literals[i].text), &error);
        g_assert_true((v != NULL) == (literals[i].written != NULL));
        g_assert_true((error != NULL) == (v == NULL));
        if (!v)
            continue;
        g_autoptr(GString) out = lsb_literal_write(v, &error);
        g_autofree char *expected = g_strdup_printf("return %s\n", literals[i].written);
        g_assert_cmpstr(out->str, ==, expected);
    }
}

/* Any bytes are read or refused; deep and long ones, too. */
static void test_noise(void)
{
    static const char alphabet[] = "{}[]=,;\"'\\-0x1e9.pa tfrue\n\0z(";
    for (int round = 0; round < 20000; round++) {
        char text[24];
        gsize len = (gsize)g_random_int_range(0, sizeof text);
        for (gsize i = 0; i < len; i++)
            text[i] = alphabet[g_random_int_range(0, sizeof alphabet - 1)];
        g_autoptr(GError) error = NULL;
        g_autofree char *copy = g_memdup2(text, len); /* so that valgrind and ASan see its end */
        g_autoptr(LsbValue) v = lsb_literal_read("noise", copy ? copy : "", len, &error);
        g_assert_true((v == NULL) == (error != NULL));
    }
    g_autofree char *deep = g_strnfill(100000, '{');
    g_assert_null(lsb_literal_read("deep", deep, 100000, NULL));
    g_autofree char *digits = g_strnfill(100000, '9');
    g_assert_null(lsb_literal_read("digits", digits, 100000, NULL));
}

/* Every double and every integer comes back as it was. */
static void test_numbers(void)
{
    for (int round = 0; round < 20000; round++) {
        union {
            guint64 bits;
            double d;
            gint64 i;
        } u = {.bits = (guint64)g_random_int() << 32 | g_random_int()};
        if (u.d != u.d)
            continue;
        g_autoptr(LsbValue) table = lsb_value_table();
        lsb_value_append(lsb_value_append(table, lsb_value_number(u.d)), lsb_value_integer(u.i));
        g_autoptr(GString) text = lsb_literal_write(table, NULL);
        g_autoptr(LsbValue) back = lsb_literal_read("numbers", text->str, text->len, NULL);
        const LsbValue *number = back->u.table.items->pdata[0],
                       *integer = back->u.table.items->pdata[1];
        g_assert_true(number->kind == LSB_VALUE_NUMBER && number->u.number == u.d);
        g_assert_true(integer->kind == LSB_VALUE_INTEGER && integer->u.integer == u.i);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/options/each", test_options);
    g_test_add_func("/literal/table", test_literals);
    g_test_add_func("/literal/noise", test_noise);
    g_test_add_func("/literal/numbers", test_numbers);
    return g_test_run();
}
