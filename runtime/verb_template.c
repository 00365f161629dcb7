/* The verb `template`: makes, lists, checks and removes the templates that machines start from. */
#include "verb_template.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/paths.h"
#include "base/wait.h"
#include "complain.h"
#include "domain/template/templatestore.h"
#include "options.h"
#include "recipe/description.h"
#include "recipe/driver.h"
#include "recipe/value/value.h"
#include "sandbox/ending.h"
#include "sandbox/sandbox.h"
#include "sandbox/start.h"
#include "sandbox/templating.h"
#include "shared/units.h"
#include "verb_recipe.h"

static const char usage[] =
    "Usage: lsandbox template make [OPTIONS | RECIPE.lua [ARGUMENTS ...]]\n"
    "                              have the template that machines of this recipe start from\n"
    "       lsandbox template list                 which there are, the last used first\n"
    "       lsandbox template check [KEY ...]      read and compare all bytes of all, or of these\n"
    "       lsandbox template remove KEY ...|--all\n"
    "\n"
    "make takes the options of \"lsandbox run\". A KEY may be cut short as long as it is clear.\n";

enum { KEY_WIDTH = 24, STATUS_DAMAGED = 1 };

static int template_misuse(const char *what)
{
    lsb_complain("template: %s; see lsandbox template --help", what);
    return LSB_EXIT_FAILURE;
}

static char *open_store(GError **error)
{
    g_autofree char *cache = lsb_path_cache();
    return lsb_template_store(cache, error);
}

/* --- make --- */

static LsbDescription *read_options(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbValue) recipe = lsb_value_table();
    Options o = {.recipe = recipe};
    LsbDescription *d = NULL;
    gboolean parsed = lsb_options_parse(&argc, &argv, &o, "",
                                        "Have the template that machines of these options start "
                                        "from.",
                                        &error);
    g_autofree char *save = o.save;
    if (parsed && (argc > 1 || save || o.print || o.xml || o.times))
        template_misuse("make takes the options of a machine and no program");
    else if (!parsed || !(d = lsb_description_new(recipe, &error)))
        lsb_complain("%s", error->message);
    return d;
}

static LsbDescription *read_recipe(int argc, char **argv)
{
    int status;
    LsbDescription *d = lsb_recipe_load(argc, argv, &status);
    if (!d && status == 0)
        template_misuse("the recipe returns no table");
    return d;
}

/* Start a machine of D, which is taken over, and end it. *WAY is static; the caller frees *KEY. */
static gboolean start_and_end(LsbDescription *d, const char **way, char **key, GError **error)
{
    LsbSandbox *sb = lsb_sandbox_new(d);
    gboolean ok = lsb_sandbox_start_begin(sb, error) &&
                  lsb_wait_until(lsb_sandbox_start_over, sb, -1) &&
                  lsb_sandbox_start_result(sb, error);
    *way = ok ? lsb_sandbox_start_way(sb, NULL) : NULL;
    *key = ok ? g_strdup(lsb_sandbox_template_key(sb)) : NULL;
    lsb_sandbox_destroy(sb);
    lsb_sandbox_unref(sb);
    return ok;
}

static void print_made(const LsbTemplateFiles *files, gboolean made, double seconds)
{
    printf("%s %s: %s, %.1f MiB, %.1f s\n", files->key, made ? "made" : "there already",
           files->title ? files->title : "?", (double)files->size / MiB, seconds);
}

/*
 * The template with KEY of a machine that has started, once it is made, by this process or another.
 */
static LsbTemplateFiles *await_template(const char *key, GError **error)
{
    enum { LONGEST_S = 15, STEP_US = 100 * 1000 };
    gint64 end = g_get_monotonic_time() + LONGEST_S * G_USEC_PER_SEC;
    g_autoptr(GError) cause = NULL, missing = NULL;
    g_autofree char *store = open_store(error);
    if (!store)
        return NULL;
    gboolean other =
        !lsb_templates_await(&cause) && g_error_matches(cause, LSB_ERROR, LSB_ERROR_STATE);
    LsbTemplateFiles *files = lsb_template_find(store, key, LSB_VERIFY_QUICK, &missing);
    while (!files && other && g_get_monotonic_time() < end) {
        g_usleep(STEP_US);
        files = lsb_template_find(store, key, LSB_VERIFY_QUICK, NULL);
    }
    if (!files)
        lsb_fail(error, NO_TEMPLATE, "the machine's template was not made: %s",
                 cause ? cause->message : missing->message);
    return files;
}

static int verb_make(LsbDescription *d)
{
    gint64 begun = g_get_monotonic_time();
    g_autoptr(GError) error = NULL;
    g_autofree char *key = NULL;
    const char *way;
    if (d->kind != LSB_MACHINE)
        return lsb_description_free(d),
               template_misuse("make: a container starts from no template");
    d->template_mode = LSB_TEMPLATE_REQUIRE;
    g_autoptr(LsbTemplateFiles) files =
        start_and_end(d, &way, &key, &error) ? await_template(key, &error) : NULL;
    if (!files)
        return lsb_complain_error(error);
    print_made(files, strcmp(way, "cold") == 0,
           (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC);
    return 0;
}

static int template_make(int argc, char **argv)
{
    gboolean is_recipe = argc > 1 && argv[1][0] != '-';
    LsbDescription *d = is_recipe ? read_recipe(argc - 1, argv + 1) : read_options(argc, argv);
    return d ? verb_make(d) : LSB_EXIT_FAILURE;
}

/* --- list --- */

static char *time_text(gint64 seconds)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(seconds);
    return time ? g_date_time_format(time, "%Y-%m-%d %H:%M") : g_strdup("-");
}

/* Scripts read the columns, so that new ones come at the end. */
static int template_list(int argc, char **argv)
{
    (void)argv;
    g_autoptr(GError) error = NULL;
    g_autofree char *store = argc > 1 ? NULL : open_store(&error);
    if (!store)
        return argc > 1 ? template_misuse("list takes no arguments") : lsb_complain_error(error);
    g_autoptr(GPtrArray) all = lsb_template_list(store);
    printf("%-*s %10s  %-16s  %-16s  %s\n", KEY_WIDTH, "KEY", "SIZE", "MADE", "LAST USED", "OF");
    for (guint i = 0; i < all->len; i++) {
        const LsbTemplateFiles *t = all->pdata[i];
        g_autofree char *made = time_text(t->made), *used = time_text(t->used);
        printf("%-*s %6.1f MiB  %-16s  %-16s  %s\n", KEY_WIDTH, t->key,
               (double)t->size / MiB, made, used, t->title ? t->title : "?");
    }
    return 0;
}

/* --- check and remove --- */

/* The one template whose key begins with TEXT. */
static const LsbTemplateFiles *template_by_key(const GPtrArray *all, const char *text,
                                               GError **error)
{
    const LsbTemplateFiles *found = NULL;
    for (guint i = 0; i < all->len; i++) {
        const LsbTemplateFiles *t = all->pdata[i];
        if (!*text || !g_str_has_prefix(t->key, text))
            continue;
        if (found) {
            lsb_fail(error, NOT_FOUND, "template: %s is the beginning of two keys", text);
            return NULL;
        }
        found = t;
    }
    if (!found)
        lsb_fail(error, NOT_FOUND, "template: there is none with the key %s", text);
    return found;
}

/* Do ACT with EVERY template, or with those that are named, once all names are known to be right.
 * Returns the greatest status. */
static int with_each(int argc, char **argv, gboolean every,
                     int (*act)(const char *store, const LsbTemplateFiles *t))
{
    int status = 0;
    g_autoptr(GError) error = NULL;
    g_autofree char *store = open_store(&error);
    if (!store)
        return lsb_complain_error(error);
    g_autoptr(GPtrArray) all = lsb_template_list(store), chosen = g_ptr_array_new();
    for (guint i = 0; every && i < all->len; i++)
        g_ptr_array_add(chosen, all->pdata[i]);
    for (int i = 1; !every && i < argc; i++) {
        const LsbTemplateFiles *t = template_by_key(all, argv[i], &error);
        if (!t)
            return lsb_complain_error(error);
        g_ptr_array_add(chosen, (gpointer)t);
    }
    for (guint i = 0; i < chosen->len; i++) {
        int one = act(store, chosen->pdata[i]);
        status = MAX(status, one);
    }
    return status;
}

static int check_template(const char *store, const LsbTemplateFiles *t)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbTemplateFiles) whole = lsb_template_find(store, t->key, LSB_VERIFY_WHOLE, &error);
    printf("%s %s\n", t->key, whole ? "ok" : error->message);
    return whole ? 0 : STATUS_DAMAGED;
}

static int template_check(int argc, char **argv)
{
    if (argc > 1 && argv[1][0] == '-')
        return template_misuse("check takes keys, and no options");
    return with_each(argc, argv, argc < 2, check_template);
}

static int remove_template(const char *store, const LsbTemplateFiles *t)
{
    lsb_template_remove(store, t->key); /* FALSE: another process has removed it meanwhile */
    return 0;
}

static int template_remove(int argc, char **argv)
{
    gboolean all = argc == 2 && strcmp(argv[1], "--all") == 0;
    if (argc < 2 || (argv[1][0] == '-' && !all))
        return template_misuse("remove takes keys, or --all");
    return with_each(argc, argv, all, remove_template);
}

/* --- the verb --- */

static int template_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    fputs(usage, stdout);
    return 0;
}

int lsb_verb_template(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } verbs[] = {
        {.name = "make", .run = template_make},     {.name = "list", .run = template_list},
        {.name = "check", .run = template_check},   {.name = "remove", .run = template_remove},
        {.name = "--help", .run = template_help},   {.name = "-h", .run = template_help},
    };
    g_set_prgname("lsandbox template");
    for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(verbs); i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    return template_misuse("expected make, list, check or remove");
}
