/* Saved recipes: the normal form of a recipe, and its file. */
#include "recipe/recipefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "recipe/description.h"
#include "recipe/value/literal.h"
#include "recipe/value/literalread.h"
#include "recipe/value/literalwrite.h"
#include "recipe/value/value.h"
#include "shared/units.h"
#include "shared/writeall.h"

enum { OWNER_ONLY = 0600 };

/* --- the form --- */

/* Make command a list, whichever of the three ways to name a program the recipe uses. */
static void settle_command(LsbValue *recipe)
{
    GPtrArray *items = recipe->u.table.items;
    const LsbValue *said = lsb_value_get(recipe, "command");
    if (items->len == 0 && !(said && said->kind == LSB_VALUE_STRING))
        return;
    LsbValue *list = lsb_value_table();
    for (guint i = 0; i < items->len; i++)
        lsb_value_append(list, lsb_value_copy(items->pdata[i]));
    if (items->len == 0)
        lsb_value_append(list, lsb_value_copy(said));
    g_ptr_array_set_size(items, 0);
    lsb_value_set(recipe, "command", list);
}

LsbValue *lsb_saved_form(const LsbValue *recipe)
{
    LsbValue *form = lsb_value_copy(recipe);
    if (form->kind != LSB_VALUE_TABLE)
        return form;
    if (form->u.table.items->len == 0 || !lsb_value_get(form, "command"))
        settle_command(form);
    if (!lsb_value_get(form, "version"))
        lsb_value_set(form, "version", lsb_value_integer(LSB_SAVED_VERSION));
    return form;
}

LsbValue *lsb_saved_recipe(const LsbDescription *d)
{
    LsbValue *form = lsb_saved_form(d->recipe);
    return lsb_value_set(form, "connect", lsb_value_string(d->uri, -1));
}

/* --- files --- */

static gboolean write_text(int fd, const GString *text)
{
    return fd >= 0 && write_all(fd, text->str, text->len) == 0;
}

/*
 * Write to a PATH that is no regular file (a pipe, a terminal, a symlink) without replacing it: a
 * new file in the place of /dev/stdout would be a bad surprise.
 */
static gboolean write_into(const char *path, const GString *text, GError **error)
{
    cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, OWNER_ONLY);
    if (write_text(fd, text))
        return TRUE;
    lsb_set_errno(error, errno, "cannot write the recipe to %s", path);
    return FALSE;
}

static gboolean replace_file(const char *path, const GString *text, GError **error)
{
    g_autofree char *temporary = g_strdup_printf("%s.XXXXXX", path);
    cleanup_fd int fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, OWNER_ONLY);
    gboolean ok = write_text(fd, text) && rename(temporary, path) == 0;
    if (ok)
        return TRUE;
    int saved = errno;
    if (fd >= 0)
        unlink(temporary);
    lsb_set_errno(error, saved, "cannot write the recipe to %s", path);
    return FALSE;
}

gboolean lsb_saved_write(const LsbValue *recipe, const char *path, GError **error)
{
    struct stat st;
    g_autoptr(LsbValue) form = lsb_saved_form(recipe);
    g_autoptr(GString) text = lsb_literal_write(form, error);
    if (!text)
        return FALSE;
    gboolean special = lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
    return (special ? write_into : replace_file)(path, text, error);
}

/* The text of PATH, up to a little more than the most that lsb_literal_read() takes. */
static GString *read_file(const char *path, GError **error)
{
    char buffer[64 * KiB];
    g_autoptr(GString) text = g_string_new(NULL);
    cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t n = fd < 0 ? -1 : 0;
    while (fd >= 0 && text->len <= LSB_LITERAL_MOST &&
           ((n = read(fd, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR)))
        g_string_append_len(text, buffer, MAX(n, 0));
    if (n >= 0)
        return g_steal_pointer(&text);
    lsb_set_errno(error, errno, "cannot read the recipe %s", path);
    return NULL;
}

static gboolean check_saved_version(const LsbValue *recipe, const char *path, GError **error)
{
    const LsbValue *version = lsb_value_get(recipe, "version");
    gint64 number;
    if (!version || (lsb_value_whole(version, &number) && number == LSB_SAVED_VERSION))
        return TRUE;
    g_autofree char *shown = lsb_value_show(version);
    return lsb_fail(error, UNSUPPORTED,
                    "%s: version: this lsandbox reads recipes of version %d, and this one is of "
                    "version %s; use the lsandbox that wrote it, or a later one",
                    path, LSB_SAVED_VERSION, shown);
}

LsbValue *lsb_saved_read(const char *path, GError **error)
{
    g_autoptr(GString) text = read_file(path, error);
    g_autoptr(LsbValue) recipe = text ? lsb_literal_read(path, text->str, text->len, error) : NULL;
    if (!recipe)
        return NULL;
    if (recipe->kind != LSB_VALUE_TABLE) {
        g_autofree char *shown = lsb_value_show(recipe);
        return lsb_fail(error, FAILED, "%s: expected a recipe's table, got %s", path, shown), NULL;
    }
    return check_saved_version(recipe, path, error) ? g_steal_pointer(&recipe) : NULL;
}
