/*
 * Options with a syntax of their own, most of them virt-sandbox's: WORD,WORD=VALUE... A value with
 * a comma or a colon in it needs a recipe, or --set.
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
    gboolean flag; /* the word has no value */
} Word;

static gboolean set_word_text(LsbValue *table, const char *field, const char *value)
{
    lsb_value_set(table, field, lsb_value_string(value, -1));
    return TRUE;
}

/* A value that is no number becomes a string, which the recipe refuses with its own message. */
static gboolean set_word_number(LsbValue *table, const char *field, const char *value)
{
    LsbValue *number = lsb_option_value(value);
    lsb_value_set(table, field, number ? number : lsb_value_string(value, -1));
    return TRUE;
}

static gboolean set_word_true(LsbValue *table, const char *field, const char *value)
{
    (void)value;
    lsb_value_set(table, field, lsb_value_boolean(TRUE));
    return TRUE;
}

static gboolean set_word_false(LsbValue *table, const char *field, const char *value)
{
    (void)value;
    lsb_value_set(table, field, lsb_value_boolean(FALSE));
    return TRUE;
}

/* ADDRESS/PREFIX[%BROADCAST] */
static gboolean add_word_address(LsbValue *table, const char *field, const char *value)
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
    set_word_text(address, "broadcast", parts[1]);
    if (slash && g_ascii_string_to_unsigned(slash + 1, 10, 0, G_MAXUINT8, &prefix, NULL)) {
        *slash = 0;
        lsb_value_set(address, "prefix", lsb_value_integer((gint64)prefix));
    }
    return set_word_text(address, "address", parts[0]);
}

/* NETWORK/PREFIX[%GATEWAY] */
static gboolean add_word_route(LsbValue *table, const char *field, const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, "%", 2);
    LsbValue *route = lsb_value_table();
    lsb_value_append(lsb_option_table(table, field), route);
    set_word_text(route, "to", parts[0] ? parts[0] : "");
    return !parts[0] || !parts[1] || set_word_text(route, "via", parts[1]);
}

static gboolean set_word_filter(LsbValue *table, const char *field, const char *value)
{
    return set_word_text(lsb_option_table(table, field), "name", value);
}

static gboolean read_word(LsbValue *table, const Word *words, const char *option, const char *text,
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

/* Read TEXTS, each WORD or WORD=VALUE, into TABLE. FALSE with an error that lists the words. */
static gboolean read_words(LsbValue *table, const Word *words, const char *option, char **texts,
                           GError **error)
{
    for (; *texts; texts++)
        if (!read_word(table, words, option, *texts, error))
            return FALSE;
    return TRUE;
}

/* --- mounts --- */

static LsbValue *mount_new(gpointer data, const char *type, const char *target, const char *source)
{
    LsbValue *mount = lsb_value_table();
    lsb_value_append(lsb_option_table(((Options *)data)->recipe, "mounts"), mount);
    set_word_text(mount, "type", type);
    set_word_text(mount, "target", target);
    if (source)
        set_word_text(mount, "source", source);
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
    return !parts[0] || !parts[1] || set_word_text(mount, "size", parts[1]);
}

static const Word mount_words[] = {
    {.word = "ro", .field = "readonly", .func = set_word_true, .flag = TRUE},
    {.word = "rw", .field = "readonly", .func = set_word_false, .flag = TRUE},
    {.word = "nosuid", .field = "nosuid", .func = set_word_true, .flag = TRUE},
    {.word = "suid", .field = "nosuid", .func = set_word_false, .flag = TRUE},
    {.word = "nodev", .field = "nodev", .func = set_word_true, .flag = TRUE},
    {.word = "dev", .field = "nodev", .func = set_word_false, .flag = TRUE},
    {.word = "noexec", .field = "noexec", .func = set_word_true, .flag = TRUE},
    {.word = "exec", .field = "noexec", .func = set_word_false, .flag = TRUE},
    {.word = "size", .field = "size", .func = set_word_text},
    {.word = "mode", .field = "mode", .func = set_word_text},
    {.word = "format", .field = "format", .func = set_word_text},
    {.word = "filesystem", .field = "filesystem", .func = set_word_text},
    {.word = "upper", .field = "upper", .func = set_word_text},
    {0},
};

/* Also virt-sandbox's names of mount types. */
static const char *mount_type(const char *type)
{
    return strcmp(type, "host-bind") == 0    ? "bind"
           : strcmp(type, "host-image") == 0 ? "image"
                                             : type;
}

/*
 * --mount TYPE:TARGET=SOURCE[,WORD...]. SOURCE of a ram mount is its size. An empty SOURCE of a
 * bind stays empty, which stands for a temporary directory.
 */
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
        set_word_text(mount, "size", equals + 1);
    return read_words(mount, mount_words, option, texts + 1, error);
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
        return set_word_text(include, "list", value);
    set_word_text(include, "target", parts[1]);
    return set_word_text(include, "source", parts[0]);
}

/* --- disks --- */

static const Word disk_words[] = {
    {.word = "ro", .field = "readonly", .func = set_word_true, .flag = TRUE},
    {.word = "rw", .field = "readonly", .func = set_word_false, .flag = TRUE},
    {.word = "format", .field = "format", .func = set_word_text},
    {0},
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
    set_word_text(disk, "tag", tag);
    set_word_text(disk, "source", equals + 1);
    return read_words(disk, disk_words, option, texts + 1, error);
}

/* --- the others --- */

static gboolean set_word_type(LsbValue *table, const char *field, const char *value)
{
    (void)value;
    return set_word_text(table, "type", field);
}

static const Word network_words[] = {
    {.word = "user", .field = "user", .func = set_word_type, .flag = TRUE},
    {.word = "network", .field = "network", .func = set_word_type, .flag = TRUE},
    {.word = "bridge", .field = "bridge", .func = set_word_type, .flag = TRUE},
    {.word = "dhcp", .field = "dhcp", .func = set_word_true, .flag = TRUE},
    {.word = "source", .field = "source", .func = set_word_text},
    {.word = "mac", .field = "mac", .func = set_word_text},
    {.word = "mtu", .field = "mtu", .func = set_word_number},
    {.word = "address", .field = "addresses", .func = add_word_address},
    {.word = "route", .field = "routes", .func = add_word_route},
    {.word = "gateway", .field = "gateway", .func = set_word_text},
    {.word = "filter", .field = "filter", .func = set_word_filter},
    {0},
};

/* --network WORD[,WORD...]. As in virt-sandbox, a source without a type names a network of
 * libvirt's. */
gboolean lsb_option_network(const char *option, const char *value, gpointer data, GError **error)
{
    g_auto(GStrv) texts = g_strsplit(value, ",", -1);
    LsbValue *interface = lsb_value_table();
    lsb_value_append(lsb_option_table(((Options *)data)->recipe, "network"), interface);
    if (!read_words(interface, network_words, option, texts, error))
        return FALSE;
    if (!lsb_value_get(interface, "type"))
        set_word_text(interface, "type", lsb_value_get(interface, "source") ? "network" : "user");
    return TRUE;
}

static const Word security_words[] = {
    {.word = "dynamic", .field = "dynamic", .func = set_word_type, .flag = TRUE},
    {.word = "static", .field = "static", .func = set_word_type, .flag = TRUE},
    {.word = "inherit", .field = "inherit", .func = set_word_type, .flag = TRUE},
    {.word = "none", .field = "none", .func = set_word_type, .flag = TRUE},
    {.word = "label", .field = "label", .func = set_word_text},
    {.word = "baselabel", .field = "baselabel", .func = set_word_text},
    {.word = "model", .field = "model", .func = set_word_text},
    {.word = "relabel", .field = "relabel", .func = set_word_true, .flag = TRUE},
    {.word = "no-relabel", .field = "relabel", .func = set_word_false, .flag = TRUE},
    {0},
};

/* Join what a comma in the level of an SELinux label (s0:c1,c2) has split. */
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
    return read_words(lsb_option_table(((Options *)data)->recipe, "security"), security_words,
                      option, texts, error);
}

static const Word graphics_words[] = {
    {.word = "vnc", .field = "vnc", .func = set_word_type, .flag = TRUE},
    {.word = "spice", .field = "spice", .func = set_word_type, .flag = TRUE},
    {.word = "socket", .field = "socket", .func = set_word_text},
    {.word = "listen", .field = "listen", .func = set_word_text},
    {.word = "port", .field = "port", .func = set_word_number},
    {.word = "password", .field = "password", .func = set_word_text},
    {0},
};

gboolean lsb_option_graphics(const char *option, const char *value, gpointer data, GError **error)
{
    g_auto(GStrv) texts = g_strsplit(value, ",", -1);
    return read_words(lsb_option_table(((Options *)data)->recipe, "graphics"), graphics_words,
                      option, texts, error);
}

static const Word device_words[] = {
    {.word = "usb", .field = "usb", .func = set_word_type, .flag = TRUE},
    {.word = "pci", .field = "pci", .func = set_word_type, .flag = TRUE},
    {.word = "vendor", .field = "vendor", .func = set_word_number},
    {.word = "product", .field = "product", .func = set_word_number},
    {.word = "bus", .field = "bus", .func = set_word_number},
    {.word = "device", .field = "device", .func = set_word_number},
    {.word = "address", .field = "address", .func = set_word_text},
    {.word = "managed", .field = "managed", .func = set_word_true, .flag = TRUE},
    {0},
};

gboolean lsb_option_device(const char *option, const char *value, gpointer data, GError **error)
{
    g_auto(GStrv) texts = g_strsplit(value, ",", -1);
    LsbValue *device = lsb_value_table();
    lsb_value_append(lsb_option_table(((Options *)data)->recipe, "devices"), device);
    return read_words(device, device_words, option, texts, error);
}
