/* The lsandbox command: finds the verb, or the recipe file, that its first argument names. */
#include <errno.h>
#include <glib.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/standardstreams.h"
#include "complain.h"
#include "lsandbox.h"
#include "nearest.h"
#include "verb_recipe.h"
#include "verb_run.h"
#include "verb_template.h"

static const char usage[] =
    "Usage: lsandbox run [OPTIONS] -- PROGRAM [ARGUMENTS ...]   run one program in a sandbox\n"
    "       lsandbox RECIPE.lua [ARGUMENTS ...]                 run a recipe\n"
    "       lsandbox template make|list|check|remove            what machines start from\n"
    "       lsandbox --help | --version\n"
    "\n"
    "The exit status is the program's: its own, 128 + N when signal N killed it, 126 when it\n"
    "cannot be executed, 127 when it is not found, 124 when a timeout ended it; 125 when\n"
    "lsandbox itself failed. \"lsandbox run --help\" lists the options.\n";

static int verb_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    fputs(usage, stdout);
    return 0;
}

static int verb_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("lsandbox " LSANDBOX_VERSION);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} verbs[] = {
    {.name = "run", .run = lsb_verb_run},
    {.name = "template", .run = lsb_verb_template},
    {.name = "help", .run = verb_help},
    {.name = "--help", .run = verb_help},
    {.name = "-h", .run = verb_help},
    {.name = "version", .run = verb_version},
    {.name = "--version", .run = verb_version},
};

/* Undo what the parent has left behind and would break libvirt, which waits for children, and
 * lsandbox, which stops on signals. */
static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN); /* so that write(2) fails with EPIPE; programs inside have theirs */
}

/*
 * At exit: what lsandbox or a recipe has printed may be lost only now, on a full disk. A reader
 * that went away is no failure of lsandbox's.
 */
static void check_stdout(int status, void *unused)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    (void)unused;
    int errnum = fflush(stdout) == 0 ? 0 : errno; /* 0: an earlier write has failed, or none */
    if ((errnum == 0 && !ferror(stdout)) || errnum == EPIPE ||
        (poll(&out, 1, 0) == 1 && out.revents & POLLERR))
        return;
    lsb_complain("cannot write stdout: %s", errnum ? g_strerror(errnum) : "a write has failed");
    _exit(status ? status : LSB_EXIT_FAILURE);
}

static const char *nearest_verb(const char *word)
{
    static const LsbSynonym synonyms[] = {
        {"exec", "run"},      {"start", "run"},           {"shell", "run"},
        {"ls", "template list"}, {"list", "template list"}, {"images", "template list"},
        {NULL, NULL},
    };
    const char *names[G_N_ELEMENTS(verbs) + 1] = {NULL};
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        names[i] = verbs[i].name;
    return lsb_nearest_word(word, synonyms, names);
}

/* WORD is no verb, and no path of a recipe. */
static int complain_of_word(const char *word)
{
    const char *near = nearest_verb(word);
    g_autofree char *meant = near ? g_strdup_printf("; did you mean \"lsandbox %s\"?", near) : NULL;
    const char *what =
        word[0] == '-' ? "is no option" : "is neither a verb nor the file of a recipe here";
    lsb_complain("\"%s\" %s%s See lsandbox --help", word, what, meant ? meant : ".");
    return LSB_EXIT_FAILURE;
}

/* Whether a word that is no verb may be a recipe: a path, a name like one, or a file. */
static gboolean may_be_recipe(const char *word)
{
    return word[0] != '-' && (strchr(word, '/') || g_str_has_suffix(word, ".lua") ||
                              access(word, F_OK) == 0);
}

int main(int argc, char **argv)
{
    lsb_standard_streams_hold();
    setlocale(LC_CTYPE, "");
    reset_signals();
    on_exit(check_stdout, NULL);
    if (argc < 2) {
        fputs(usage, stderr);
        return LSB_EXIT_FAILURE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1);
    return may_be_recipe(argv[1]) ? lsb_verb_recipe(argc - 1, argv + 1) : complain_of_word(argv[1]);
}
