/* The verb `run`: options, "--", a program and its arguments. */
#include "verb_run.h"

#include <stdio.h>
#include <string.h>

#include "attached.h"
#include "base/error.h"
#include "complain.h"
#include "domain/template/savedmachine.h"
#include "options.h"
#include "recipe/description.h"
#include "recipe/recipefile.h"
#include "recipe/value/literalwrite.h"
#include "recipe/value/value.h"
#include "sandbox/sandbox.h"

/* Set the command from the command line, in place of one that was loaded or saved. */
static void set_command(Options *o, int argc, char **argv)
{
    int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    if (first >= argc)
        return;
    LsbValue *command = lsb_value_table();
    for (int i = first; i < argc; i++)
        lsb_value_append(command, lsb_value_string(argv[i], -1));
    lsb_value_set(o->recipe, "command", command);
}

/* The options are the recipe, or what changes in the recipe of the saved machine ORIGIN. */
static LsbDescription *describe_options(const Options *o, const LsbSavedMachine *origin,
                                        GError **error)
{
    g_autoptr(LsbDescription) d = origin ? lsb_saved_machine_description(origin, o->recipe, error)
                                         : lsb_description_new(o->recipe, error);
    if (!d || d->command)
        return g_steal_pointer(&d);
    g_set_error(error, LSB_ERROR, LSB_ERROR_INVALID,
                "run: expected a program after the options; see lsandbox run --help");
    return NULL;
}

static int print_xml(LsbDescription *d)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbSandbox) sb = lsb_sandbox_new(d);
    g_autofree char *xml = lsb_sandbox_xml(sb, &error);
    if (!xml)
        return lsb_complain_error(error);
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
        return lsb_complain_error(error);
    if (text)
        fwrite(text->str, 1, text->len, stdout);
    return 0;
}

/* OPTION is about a start, and there will be none. Takes D over. */
static int refuse_without_start(const char *option, LsbDescription *d)
{
    lsb_complain("%s: expected a start, but --xml, --save and --recipe start nothing [invalid]",
                 option);
    lsb_description_free(d);
    return LSB_EXIT_FAILURE;
}

static int carry_out_run(LsbDescription *d, const Options *o, LsbSavedMachine *origin)
{
    if ((o->trace || origin) && (o->xml || o->save || o->print))
        return refuse_without_start(origin ? "--restore" : "--trace", d);
    if (o->xml)
        return print_xml(d);
    if (o->save || o->print)
        return put_recipe(d, o);
    return lsb_run_attached(d,
                            &(LsbRunning){.times = o->times, .trace = o->trace, .origin = origin});
}

/* A wrong command line: its message without a code. */
static int complain_of_misuse(const GError *error)
{
    lsb_complain("%s", error->message);
    return LSB_EXIT_FAILURE;
}

static int run_as(Options *o, int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbSavedMachine) origin = NULL;
    set_command(o, argc, argv);
    if (o->restore && (!lsb_saved_machine_check_changes(o->recipe, &error) ||
                       !(origin = lsb_saved_machine_open(o->restore, &error))))
        return error->code == LSB_ERROR_INVALID ? complain_of_misuse(error)
                                                : lsb_complain_error(error);
    LsbDescription *d = describe_options(o, origin, &error);
    return d ? carry_out_run(d, o, origin) : complain_of_misuse(error);
}

int lsb_verb_run(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbValue) recipe = lsb_value_table();
    Options o = {.recipe = recipe};
    g_set_prgname("lsandbox run");
    gboolean parsed =
        lsb_options_parse(&argc, &argv, &o, "-- PROGRAM [ARGUMENTS ...]",
                          "Run a program in a sandbox; exit with its status.", &error);
    g_autofree char *save = o.save, *trace = o.trace, *restore = o.restore;
    return parsed ? run_as(&o, argc, argv) : complain_of_misuse(error);
}
