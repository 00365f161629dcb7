#include "run.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "literal.h"
#include "options.h"
#include "sandbox.h"
#include "saved.h"

/* The program of the command line goes before one that was loaded. */
static LsbDescription *describe(Options *o, int argc, char **argv, GError **error)
{
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    if (first >= argc && !lsb_value_get(o->recipe, "command")) {
        g_set_error(error, LSB_ERROR, LSB_ERROR_INVALID,
                    "run: expected a program after the options; see lsandbox run --help");
        return NULL;
    }
    LsbValue *command = first < argc ? lsb_value_table() : NULL;
    for (int i = first; i < argc; i++)
        lsb_value_append(command, lsb_value_string(argv[i], -1));
    if (command)
        lsb_value_set(o->recipe, "command", command);
    return lsb_description_new(o->recipe, error);
}

static int complain(const GError *error)
{
    lsb_complain("%s [%s]", error->message, lsb_error_name(error));
    return LSB_EXIT_FAILURE;
}

static int print_xml(LsbDescription *d)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbSandbox) sb = lsb_sandbox_new(d);
    g_autofree char *xml = lsb_sandbox_xml(sb, &error);
    if (!xml)
        return complain(error);
    fputs(xml, stdout);
    return 0;
}

/* --save and --recipe */
static int put_recipe(LsbDescription *description, const Options *o)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbDescription) d = description;
    g_autoptr(LsbValue) recipe = lsb_saved_recipe(d);
    g_autoptr(GString) text = o->print ? lsb_literal_write(recipe, &error) : NULL;
    if ((o->print && !text) || (o->save && !lsb_saved_write(recipe, o->save, &error)))
        return complain(error);
    if (text)
        fwrite(text->str, 1, text->len, stdout);
    return 0;
}

/* What starts nothing has no start to trace. */
static int refuse_trace(LsbDescription *d)
{
    lsb_complain(
        "--trace: it is of a start, and --xml, --save and --recipe start nothing [invalid]");
    lsb_description_free(d);
    return LSB_EXIT_FAILURE;
}

static int carry_out(LsbDescription *d, const Options *o)
{
    if (o->trace && (o->xml || o->save || o->print))
        return refuse_trace(d);
    if (o->xml)
        return print_xml(d);
    if (o->save || o->print)
        return put_recipe(d, o);
    return lsb_run_attached(d, &(LsbTold){.times = o->times, .trace = o->trace});
}

int lsb_verb_run(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbValue) recipe = lsb_value_table();
    Options o = {.recipe = recipe};
    g_set_prgname("lsandbox run");
    LsbDescription *d =
        lsb_options_parse(&argc, &argv, &o, "-- PROGRAM [ARGUMENTS ...]",
                          "Run a program in a sandbox; exit with its status.", &error)
            ? describe(&o, argc, argv, &error)
            : NULL;
    g_autofree char *save = o.save, *trace = o.trace;
    if (!d) {
        lsb_complain("%s", error->message);
        return LSB_EXIT_FAILURE;
    }
    return carry_out(d, &o);
}
