/*
 * Options with a syntax of their own, most of them virt-sandbox's: WORD,WORD=VALUE... What a comma
 * or a colon in a value needs is a recipe, or --set.
 */
#include "optionspecs.h"

#include <string.h>

#include "options.h"
#include "optionset.h"
#include "recipe/value/value.h"

/* --- words --- */

typedef gboolean (*WordFunc)(LsbValue *table, const char *field, const char *value);

typedef struct {
    const char *word, *field;
    WordFunc func;
    gboolean flag; /* it has no value */
} Word;

static gboolean put_text(LsbValue *table, const char *field, const char *value)
{
    lsb_value_set(table, field, lsb_value_string(value, -1));
    return TRUE;
}

/* What is no number is for the field to refuse. */
static gboolean put_number(LsbValue *table, const char *field, const char *value)
{
    LsbValue *number = lsb_option_value(value);
    lsb_value_set(table, field, number ? number : lsb_value_string(value, -1));
    return TRUE;
}

static gboolean put_true(LsbValue *table, const char *field, const char *value)
{
    (void)value;
    lsb_value_set(table, field, lsb_value_boolean(TRUE));
    return TRUE;
}

static gboolean put_false(LsbValue *table, const char *field, const char *value)
{
    (void)value;
    lsb_value_set(table, field, lsb_value_boolean(FALSE));
    return TRUE;
}

/* ADDRESS/PREFIX[%BROADCAST] */
static gboolean add_address(LsbValue *table, const char *field, const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, "%", 2);
    LsbValue *list = lsb_option_table(table, field);
    if (!parts[0] || !parts[1]) {
        lsb_value_append(list, lsb_value_string(value, -1));
        return TRUE;
    }
    LsbValue *address = lsb_value_table();
    lsb_value_append(list, address);
    char *slash = strchr(parts[0], '/');
    guint64 prefix;
    put_text(address, "broadcast", parts[1]);
    if (slash && g_ascii_string_to_unsigned(slash + 1, 10, 0, G_MAXUINT8, &prefix, NULL)) {
        *slash = 0;
        lsb_value_set(address, "prefix", lsb_value_integer((gint64)prefix));
    }
    return put_text(address, "address", parts[0]);
}

/* NETWORK/PREFIX[%GATEWAY] */
static gboolean add_route(LsbValue *table, const char *field, const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, "%", 2);
    LsbValue *route = lsb_value_table();
    lsb_value_append(lsb_option_table(table, field), route);
    put_text(route, "to", parts[0] ? parts[0] : "");
    return !parts[0] || !parts[1] || put_text(route, "via", parts[1]);
}

static gboolean put_filter(LsbValue *table, const char *field, const char *value)
{
    return put_text(lsb_option_table(table, field), "name", value);
}

static gboolean take_word(LsbValue *table, const Word *words, const char *option, const char *text,
                          GError **error)
{
    const char *equals = strchr(text, '=');
    g_autofree char *name = equals ? g_strndup(text, (gsize)(equals - text)) : g_strdup(text);
    g_autoptr(GString) known = g_string_new("one of ");
    for (const Word *w = words; w->word; w++) {
        if (strcmp(w->word, name) == 0 && w->flag == !equals)
            return w->func(table, w->field, equals ? equals + 1 : NULL);
        g_string_append_printf(known, "%s%s%s", w == words ? "" : ", ", w->word,
                               w->flag ? "" : "=");
    }
    return lsb_option_error(error, option, known->str, text);
}

/* TEXT is "WORD,WORD=VALUE..."; the words before FIRST are another's. */
static gboolean take_words(LsbValue *table, const Word *words, const char *option, char **texts,
                           GError **error)
{
    for (; *texts; texts++)
        if (!take_word(table, words, option, *texts, error))
            return FALSE;
    return TRUE;
}

/* --- mounts --- */

static LsbValue *mount_new(gpointer data, const char *type, const char *target, const char *source)
{
    LsbValue *mount = lsb_value_table();
    lsb_value_append(lsb_option_table(((Options *)data)->recipe, "mounts"), mount);
    put_text(mount, "type", type);
    put_text(mount, "target", target);
    if (source)
        put_text(mount, "source", source);
    return mount;
}

/* --bind SOURCE[:TARGET] */
gboolean lsb_option_bind(const char *option, const char *value, gpointer data, GError **error)
{
    (void)error;
    g_auto(GStrv) parts = g_strsplit(value, ":", 2);
    const char *source = parts[0] ? parts[0] : "";
    LsbValue *mount = mount_new(data, "bind", parts[0] && parts[1] ? parts[1] : source, source);
    lsb_value_set(mount, "readonly", lsb_value_boolean(strcmp(option, "--bind-rw") != 0));
    return TRUE;
}

/* --ram TARGET[:SIZE] */
gboolean lsb_option_ram(const char *option, const char *value, gpointer data, GError **error)
{
    (void)option;
    (void)error;
    g_auto(GStrv) parts = g_strsplit(value, ":", 2);
    LsbValue *mount = mount_new(data, "ram", parts[0] ? parts[0] : "", NULL);
    return !parts[0] || !parts[1] || put_text(mount, "size", parts[1]);
}

static const Word mount_words[] = {
    {"ro", "readonly", put_true, TRUE},    {"rw", "readonly", put_false, TRUE},
    {"nosuid", "nosuid", put_true, TRUE},  {"suid", "nosuid", put_false, TRUE},
    {"nodev", "nodev", put_true, TRUE},    {"dev", "nodev", put_false, TRUE},
    {"noexec", "noexec", put_true, TRUE},  {"exec", "noexec", put_false, TRUE},
    {"size", "size", put_text, FALSE},     {"mode", "mode", put_text, FALSE},
    {"format", "format", put_text, FALSE}, {"filesystem", "filesystem", put_text, FALSE},
    {"upper", "upper", put_text, FALSE},   {NULL, NULL, NULL, FALSE},
};

/* virt-sandbox's names of the same */
static const char *mount_type(const char *type)
{
    return strcmp(type, "host-bind") == 0    ? "bind"
           : strcmp(type, "host-image") == 0 ? "image"
                                             : type;
}

/* --mount TYPE:TARGET=SOURCE[,WORD...]; of a ram mount SOURCE is the size. An empty source of a
 * bind is kept: a temporary directory. */
gboolean lsb_option_mount(const char *option, const char *value, gpointer data, GError **error)
{
    g_auto(GStrv) texts = g_strsplit(value, ",", -1);
    const char *first = texts[0] ? texts[0] : "", *colon = strchr(first, ':');
    const char *equals = colon ? strchr(colon, '=') : NULL;
    if (!colon)
        return lsb_option_error(error, option, "TYPE:TARGET=SOURCE", value);
    g_autofree char *type = g_strndup(first, (gsize)(colon - first)),
                    *target = equals ? g_strndup(colon + 1, (gsize)(equals - colon - 1))
                                     : g_strdup(colon + 1);
    gboolean ram = strcmp(type, "ram") == 0;
    if (!ram && !equals)
        return lsb_option_error(error, option, "TYPE:TARGET=SOURCE", value);
    LsbValue *mount = mount_new(data, mount_type(type), target, ram ? NULL : equals + 1);
    if (ram && equals)
        put_text(mount, "size", equals + 1);
    return take_words(mount, mount_words, option, texts + 1, error);
}

/* --include SOURCE[:TARGET], --include-list FILE */
gboolean lsb_option_include(const char *option, const char *value, gpointer data, GError **error)
{
    (void)error;
    g_auto(GStrv) parts = g_strsplit(value, ":", 2);
    LsbValue *all = lsb_option_table(((Options *)data)->recipe, "include");
    gboolean list = strcmp(option, "--include-list") == 0 || strcmp(option, "-I") == 0;
    if (!list && !(parts[0] && parts[1])) {
        lsb_value_append(all, lsb_value_string(value, -1));
        return TRUE;
    }
    LsbValue *include = lsb_value_table();
    lsb_value_append(all, include);
    if (list)
        return put_text(include, "list", value);
    put_text(include, "target", parts[1]);
    return put_text(include, "source", parts[0]);
}

/* --- disks --- */

static const Word disk_words[] = {
    {"ro", "readonly", put_true, TRUE},
    {"rw", "readonly", put_false, TRUE},
    {"format", "format", put_text, FALSE},
    {NULL, NULL, NULL, FALSE},
};

/* --disk TAG=FILE[,WORD...], also virt-sandbox's file:TAG=FILE */
gboolean lsb_option_disk(const char *option, const char *value, gpointer data, GError **error)
{
    static const char type[] = "file:";
    g_auto(GStrv) texts = g_strsplit(value, ",", -1);
    const char *first = texts[0] ? texts[0] : "";
    if (g_str_has_prefix(first, type))
        first = texts[0] + strlen(type);
    const char *equals = strchr(first, '=');
    if (!equals)
        return lsb_option_error(error, option, "TAG=FILE", value);
    g_autofree char *tag = g_strndup(first, (gsize)(equals - first));
    LsbValue *disk = lsb_value_table();
    lsb_value_append(lsb_option_table(((Options *)data)->recipe, "disks"), disk);
    put_text(disk, "tag", tag);
    put_text(disk, "source", equals + 1);
    return take_words(disk, disk_words, option, texts + 1, error);
}

/* --- the others --- */

static gboolean put_type(LsbValue *table, const char *field, const char *value)
{
    (void)value;
    return put_text(table, "type", field);
}

static const Word network_words[] = {
    {"user", "user", put_type, TRUE},        {"network", "network", put_type, TRUE},
    {"bridge", "bridge", put_type, TRUE},    {"dhcp", "dhcp", put_true, TRUE},
    {"source", "source", put_text, FALSE},   {"mac", "mac", put_text, FALSE},
    {"mtu", "mtu", put_number, FALSE},       {"address", "addresses", add_address, FALSE},
    {"route", "routes", add_route, FALSE},   {"gateway", "gateway", put_text, FALSE},
    {"filter", "filter", put_filter, FALSE}, {NULL, NULL, NULL, FALSE},
};

/* --network: where no type is said, a source is libvirt's network of that name, as virt-sandbox had
 * it. */
gboolean lsb_option_network(const char *option, const char *value, gpointer data, GError **error)
{
    g_auto(GStrv) texts = g_strsplit(value, ",", -1);
    LsbValue *interface = lsb_value_table();
    lsb_value_append(lsb_option_table(((Options *)data)->recipe, "network"), interface);
    if (!take_words(interface, network_words, option, texts, error))
        return FALSE;
    if (!lsb_value_get(interface, "type"))
        put_text(interface, "type", lsb_value_get(interface, "source") ? "network" : "user");
    return TRUE;
}

static const Word security_words[] = {
    {"dynamic", "dynamic", put_type, TRUE},     {"static", "static", put_type, TRUE},
    {"inherit", "inherit", put_type, TRUE},     {"none", "none", put_type, TRUE},
    {"label", "label", put_text, FALSE},        {"baselabel", "baselabel", put_text, FALSE},
    {"model", "model", put_text, FALSE},        {"relabel", "relabel", put_true, TRUE},
    {"no-relabel", "relabel", put_false, TRUE}, {NULL, NULL, NULL, FALSE},
};

/*
 * A label of SELinux may have commas in its level (s0:c1,c2): they are of the label that is open.
 */
static void join_labels(char **texts)
{
    char **to = texts;
    for (char **from = texts; *from; from++) {
        gboolean level =
            to > texts && **from == 'c' && g_ascii_isdigit((*from)[1]) && strstr(to[-1], "label=");
        if (level) {
            char *joined = g_strconcat(to[-1], ",", *from, NULL);
            g_free(to[-1]);
            g_free(*from);
            to[-1] = joined;
        } else {
            *to++ = *from;
        }
    }
    *to = NULL;
}

gboolean lsb_option_security(const char *option, const char *value, gpointer data, GError **error)
{
    g_auto(GStrv) texts = g_strsplit(value, ",", -1);
    join_labels(texts);
    return take_words(lsb_option_table(((Options *)data)->recipe, "security"), security_words,
                      option, texts, error);
}

static const Word graphics_words[] = {
    {"vnc", "vnc", put_type, TRUE},
    {"spice", "spice", put_type, TRUE},
    {"socket", "socket", put_text, FALSE},
    {"listen", "listen", put_text, FALSE},
    {"port", "port", put_number, FALSE},
    {"password", "password", put_text, FALSE},
    {NULL, NULL, NULL, FALSE},
};

gboolean lsb_option_graphics(const char *option, const char *value, gpointer data, GError **error)
{
    g_auto(GStrv) texts = g_strsplit(value, ",", -1);
    return take_words(lsb_option_table(((Options *)data)->recipe, "graphics"), graphics_words,
                      option, texts, error);
}

static const Word device_words[] = {
    {"usb", "usb", put_type, TRUE},
    {"pci", "pci", put_type, TRUE},
    {"vendor", "vendor", put_number, FALSE},
    {"product", "product", put_number, FALSE},
    {"bus", "bus", put_number, FALSE},
    {"device", "device", put_number, FALSE},
    {"address", "address", put_text, FALSE},
    {"managed", "managed", put_true, TRUE},
    {NULL, NULL, NULL, FALSE},
};

gboolean lsb_option_device(const char *option, const char *value, gpointer data, GError **error)
{
    g_auto(GStrv) texts = g_strsplit(value, ",", -1);
    LsbValue *device = lsb_value_table();
    lsb_value_append(lsb_option_table(((Options *)data)->recipe, "devices"), device);
    return take_words(device, device_words, option, texts, error);
}
