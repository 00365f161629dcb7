/* The fields of a program that both a recipe and a program's table have, and its environment. */
#include "recipe/programfields.h"

#include <string.h>

#include "base/error.h"
#include "recipe/description.h"
#include "recipe/value/fields.h"
#include "recipe/value/value.h"
#include "shared/units.h"
#include "shared/wire.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum {
    /* Held in memory in one piece, which Lua copies; GLib's arrays count in 32 bits. */
    MOST_INPUT = 1024 * MiB,
    MOST_OUTPUT = 1024 * MiB,
};

const LsbRange lsb_program_cells = {1, WIRE_MOST_CELLS};

/* The first argument is the program, so that it must exist and not be empty. */
static gboolean check_program(char **arguments, const char *path, GError **error)
{
    if (!arguments[0])
        return lsb_fail(error, INVALID,
                        "%s: expected a program and its arguments, got an empty list", path);
    return *arguments[0] || lsb_fail(error, INVALID, "%s[1]: expected a program, got \"\"", path);
}

/* A list, or a string, which is a program without arguments. */
gboolean lsb_program_command(const LsbValue *value, const char *path, gpointer out,
                             gconstpointer arg, GError **error)
{
    char ***arguments = out;
    if (value->kind == LSB_VALUE_TABLE)
        return lsb_field_strings(value, path, out, arg, error) &&
               check_program(*arguments, path, error);
    static const char what[] = "a program, or a list of a program and its arguments";
    const char *text = lsb_value_text(value, path, what, error);
    if (!text)
        return FALSE;
    if (!*text)
        return lsb_field_error(error, path, what, value);
    g_strfreev(*arguments);
    *arguments = g_strdupv((char *[]){(char *)text, NULL});
    return TRUE;
}

gboolean lsb_program_input(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                           GError **error)
{
    (void)arg;
    if (value->kind != LSB_VALUE_STRING)
        return lsb_field_error(error, path, "a string", value);
    if (g_bytes_get_size(value->u.string) > MOST_INPUT)
        return lsb_fail(error, INVALID, "%s: expected at most %u bytes, got %" G_GSIZE_FORMAT, path,
                        (guint)MOST_INPUT, g_bytes_get_size(value->u.string));
    if (*(GBytes **)out)
        g_bytes_unref(*(GBytes **)out);
    *(GBytes **)out = g_bytes_ref(value->u.string);
    return TRUE;
}

gboolean lsb_program_max_output(const LsbValue *value, const char *path, gpointer out,
                                gconstpointer arg, GError **error)
{
    guint64 bytes;
    if (!lsb_field_size(value, path, &bytes, arg, error))
        return FALSE;
    if (bytes > MOST_OUTPUT)
        return lsb_fail(error, INVALID, "%s: expected at most %uM, got %" G_GUINT64_FORMAT " bytes",
                        path, (guint)(MOST_OUTPUT / MiB), bytes);
    *(guint64 *)out = bytes;
    return TRUE;
}

gboolean lsb_program_tty(const LsbValue *value, const char *path, gpointer out, gconstpointer arg,
                         GError **error)
{
    gboolean tty;
    if (!lsb_field_boolean(value, path, &tty, arg, error))
        return FALSE;
    *(LsbTty *)out = tty ? LSB_TTY_YES : LSB_TTY_NO;
    return TRUE;
}

gboolean lsb_program_check_size(LsbTty tty, guint rows, guint cols, GError **error)
{
    if (tty == LSB_TTY_YES || (rows == 0 && cols == 0))
        return TRUE;
    return lsb_fail(error, INVALID, "%s: expected nothing without tty = true, got %u",
                    rows ? "rows" : "cols", rows ? rows : cols);
}

/* The variables of an environment, in the order in which their names first came. */
typedef struct {
    GPtrArray *list;   /* "NAME=value", and a NULL at the end */
    GHashTable *places; /* name -> its place in the list, plus 1 */
} Environment;

static void set_variable(Environment *env, const char *variable)
{
    g_autofree char *name = g_strndup(variable, strcspn(variable, "="));
    guint place = GPOINTER_TO_UINT(g_hash_table_lookup(env->places, name));
    if (place > 0) {
        g_free(env->list->pdata[place - 1]);
        env->list->pdata[place - 1] = g_strdup(variable);
        return;
    }
    g_ptr_array_add(env->list, g_strdup(variable));
    g_hash_table_insert(env->places, g_steal_pointer(&name), GUINT_TO_POINTER(env->list->len));
}

static void set_named(Environment *env, const char *name, const char *value)
{
    g_autofree char *variable = g_strconcat(name, "=", value, NULL);
    set_variable(env, variable);
}

char **lsb_program_environment(const LsbIdentity *id, GPtrArray *const *extra, gsize n)
{
    const char *term = g_getenv("TERM"), *lang = g_getenv("LANG");
    Environment env = {
        .list = g_ptr_array_new(),
        .places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
    };
    set_named(&env, "PATH", DEFAULT_PATH);
    set_named(&env, "HOME", id->home);
    set_named(&env, "USER", id->name);
    set_named(&env, "LOGNAME", id->name);
    set_named(&env, "TERM", term && *term ? term : "dumb");
    set_named(&env, "LANG", lang && *lang ? lang : "C.UTF-8");
    for (gsize k = 0; k < n; k++)
        for (guint i = 0; extra[k] && i < extra[k]->len; i++)
            set_variable(&env, extra[k]->pdata[i]);
    g_ptr_array_add(env.list, NULL);
    g_hash_table_unref(env.places);
    return (char **)g_ptr_array_free(env.list, FALSE);
}

gboolean lsb_program_items(char ***command, const LsbValue *table, GError **error)
{
    if (table->u.table.items->len == 0)
        return TRUE;
    if (*command)
        return lsb_fail(
            error, INVALID,
            "command: expected either this field or the elements [1], [2] ..., got both");
    g_autoptr(LsbValue) list = lsb_value_table();
    GPtrArray *items = table->u.table.items;
    for (guint i = 0; i < items->len; i++)
        g_ptr_array_add(list->u.table.items, items->pdata[i]);
    g_ptr_array_set_free_func(list->u.table.items, NULL); /* the elements are borrowed */
    return lsb_program_command(list, "", command, NULL, error);
}
