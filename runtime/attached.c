/* Running the program of a recipe on the command's own standard streams, terminal and signals. */
#include "attached.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/wait.h"
#include "complain.h"
#include "recipe/description.h"
#include "sandbox/ending.h"
#include "sandbox/sandbox.h"
#include "sandbox/start.h"
#include "session/program.h"
#include "session/session.h"
#include "session/spec.h"
#include "session/terminal.h"
#include "trace.h"

/* A signal to the command is passed to the program. The command gives up when there is no program
 * yet, and at the second signal, because the program may ignore the first. */
typedef struct {
    LsbProgram *program;
    int last; /* signal number, 0: none came */
    gboolean give_up;
} Signals;

static gboolean pass_signal(Signals *s, int signal)
{
    s->give_up = s->last != 0 || !s->program;
    s->last = signal;
    if (s->program)
        lsb_program_kill(s->program, signal);
    return G_SOURCE_CONTINUE;
}

static gboolean on_int(gpointer data)
{
    return pass_signal(data, SIGINT);
}

static gboolean on_term(gpointer data)
{
    return pass_signal(data, SIGTERM);
}

static gboolean on_hup(gpointer data)
{
    return pass_signal(data, SIGHUP);
}

typedef struct {
    LsbSandbox *sb;
    Signals signals;
} Run;

static gboolean started_or_given_up(gpointer data)
{
    Run *run = data;
    return run->signals.give_up || lsb_sandbox_start_over(run->sb);
}

static gboolean settled_or_given_up(gpointer data)
{
    Run *run = data;
    return run->signals.give_up || lsb_program_settled(run->signals.program);
}

/* As the coreutils, timeout(1) and shells have them. */
enum { EXIT_CANNOT_WRITE = 1, EXIT_TIMED_OUT = 124, EXIT_SIGNALED = 128 };

static int exit_status(Run *run)
{
    int value;
    const char *message;
    LsbEnd end = lsb_program_end(run->signals.program, &value, &message);
    if (end == LSB_END_NOT_RUN)
        lsb_complain("%s", message);
    if (lsb_program_write_error(run->signals.program)) {
        lsb_complain("%s", lsb_program_write_error(run->signals.program)->message);
        return EXIT_CANNOT_WRITE;
    }
    if (end == LSB_END_SIGNALED)
        return EXIT_SIGNALED + value;
    if (end != LSB_END_LOST && end != LSB_END_NONE)
        return value;
    const GError *reason = lsb_sandbox_reason(run->sb);
    if (run->signals.give_up)
        return EXIT_SIGNALED + run->signals.last;
    lsb_complain("%s", reason ? reason->message : message);
    return g_error_matches(reason, LSB_ERROR, LSB_ERROR_TIMEOUT) ||
                   g_error_matches(reason, LSB_ERROR, LSB_ERROR_IDLE_TIMEOUT)
               ? EXIT_TIMED_OUT
               : LSB_EXIT_FAILURE;
}

/* The warning comes before the program runs, because stderr is the program's as well. */
static void warn_of_taint(const LsbSandbox *sb)
{
    if (!lsb_sandbox_taint(sb))
        return;
    g_autofree char *names = lsb_taint_text(lsb_sandbox_taint(sb));
    lsb_complain("warning: the sandbox is tainted by %s: what QEMU does then is not what the "
                 "recipe says",
                 names);
}

static int run_program(Run *run)
{
    static const LsbStdio inherited[3] = {LSB_STDIO_INHERIT, LSB_STDIO_INHERIT, LSB_STDIO_INHERIT};
    static const LsbOutputTarget targets[2] = {{.fd = STDOUT_FILENO, .mode = LSB_OUTPUT_FD},
                                               {.fd = STDERR_FILENO, .mode = LSB_OUTPUT_FD}};
    LsbSession *session = lsb_sandbox_session(run->sb);
    g_autoptr(GError) error = NULL;
    g_autoptr(LsbProgramSpec) spec =
        lsb_program_spec_new(lsb_session_profile(session), NULL, inherited, &error);
    if (!spec)
        return lsb_complain_error(error);
    lsb_terminal_fit(spec);
    run->signals.program =
        lsb_session_spawn(session, spec, spec->input ? -1 : STDIN_FILENO, targets, &error);
    if (!run->signals.program)
        return lsb_complain_error(error);
    LsbTerminal *terminal = spec->tty ? lsb_terminal_attach(run->signals.program) : NULL;
    lsb_wait_until(settled_or_given_up, run, -1);
    lsb_terminal_detach(terminal); /* before anything is printed on it */
    int status = exit_status(run);
    lsb_program_unref(g_steal_pointer(&run->signals.program));
    return status;
}

static int start_and_run(Run *run)
{
    g_autoptr(GError) error = NULL;
    if (!lsb_sandbox_start_begin(run->sb, &error))
        return lsb_complain_error(error);
    lsb_wait_until(started_or_given_up, run, -1);
    if (run->signals.give_up)
        return EXIT_SIGNALED + run->signals.last;
    if (!lsb_sandbox_start_result(run->sb, &error))
        return lsb_complain_error(error);
    warn_of_taint(run->sb);
    return run_program(run);
}

static void print_times(const Run *run, gint64 begun, gint64 ended)
{
    LsbTimes t = lsb_sandbox_times(run->sb);
    fprintf(stderr,
            "lsandbox: domain %.0f ms, guest init %.0f ms, ready %.0f ms, program over %.0f ms, "
            "all %.0f ms\n",
            t.domain, t.hello, t.ready, (double)(ended - begun) / 1000,
            (double)(g_get_monotonic_time() - begun) / 1000);
}

/* A trace that cannot be written makes the command fail, unless the program has failed already. */
static int write_trace(const Run *run, LsbTrace *trace, int status)
{
    g_autoptr(GError) error = NULL;
    if (lsb_trace_write(trace, run->sb, &error))
        return status;
    int failure = lsb_complain_error(error);
    return status ? status : failure;
}

static int run_and_tell(LsbDescription *d, const LsbRunning *how, LsbTrace *trace)
{
    if (d->tty == LSB_TTY_NOT_SET && !d->input && lsb_terminal_is_ours())
        d->tty = LSB_TTY_YES;
    Run run = {.sb = lsb_sandbox_new(d)};
    if (how->origin)
        lsb_sandbox_set_origin(run.sb, how->origin);
    gint64 begun = g_get_monotonic_time();
    guint sources[] = {g_unix_signal_add(SIGINT, on_int, &run.signals),
                       g_unix_signal_add(SIGTERM, on_term, &run.signals),
                       g_unix_signal_add(SIGHUP, on_hup, &run.signals)};
    int status = start_and_run(&run);
    gint64 ended = g_get_monotonic_time();
    lsb_sandbox_destroy(run.sb);
    if (how->times)
        print_times(&run, begun, ended);
    if (trace)
        status = write_trace(&run, trace, status);
    lsb_sandbox_unref(run.sb);
    for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
        g_source_remove(sources[i]);
    return status;
}

int lsb_run_attached(LsbDescription *d, const LsbRunning *how)
{
    g_autoptr(GError) error = NULL;
    LsbTrace *trace = how->trace ? lsb_trace_open(how->trace, &error) : NULL;
    if (!error)
        return run_and_tell(d, how, trace);
    lsb_description_free(d);
    return lsb_complain_error(error);
}
