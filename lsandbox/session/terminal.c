/* This process's own terminal, lent to a program that has a terminal inside a sandbox. */
#include "session/terminal.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "session/program.h"
#include "session/spec.h"

struct _LsbTerminal {
    LsbProgram *program;
    guint source; /* SIGWINCH */
};

/*
 * Whether this process may change its terminal's modes. A terminal that is not the controlling
 * terminal of this process has no foreground group here, and never stops this process.
 */
static gboolean in_foreground(void)
{
    pid_t group = tcgetpgrp(STDIN_FILENO);
    return group < 0 || group == getpgrp();
}

gboolean lsb_terminal_is_ours(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && in_foreground();
}

/* --- its modes: from here on also in signal handlers, so only what signal-safety(7) lists --- */

/* Static, because this process has one stdin, and signal handlers take no argument for this. */
static struct {
    volatile sig_atomic_t raw;
    pid_t owner; /* a child between fork and exec has the same handlers, and must not act */
    struct termios before, during;
} modes;

/*
 * Does nothing in the background, where tcsetattr(3) would stop the process (SIGTTOU), and the
 * shell in the foreground has set modes of its own.
 */
static void set_modes(int when, const struct termios *t)
{
    int saved = errno;
    if (modes.raw && modes.owner == getpid() && in_foreground())
        tcsetattr(STDIN_FILENO, when, t);
    errno = saved;
}

static void restore_modes(void)
{
    set_modes(TCSANOW, &modes.before);
}

/*
 * SA_RESETHAND has restored the default action by now, which the raised signal takes when the
 * handler returns.
 */
static void on_ending(int number)
{
    restore_modes();
    raise(number);
}

static void on_stop(int number)
{
    (void)number;
    restore_modes();
    raise(SIGSTOP);
}

static void on_continue(int number)
{
    (void)number;
    set_modes(TCSANOW, &modes.during);
}

/* SIGPIPE is not in the table, because descriptor.c keeps it from being raised. */
static const struct {
    int number;
    unsigned flags; /* SA_RESETHAND is the sign bit */
    void (*handler)(int number);
} handlers[] = {
    {SIGTSTP, SA_RESTART, on_stop},     {SIGCONT, SA_RESTART, on_continue},
    {SIGHUP, SA_RESETHAND, on_ending},  {SIGINT, SA_RESETHAND, on_ending},
    {SIGQUIT, SA_RESETHAND, on_ending}, {SIGTERM, SA_RESETHAND, on_ending},
    {SIGALRM, SA_RESETHAND, on_ending}, {SIGUSR1, SA_RESETHAND, on_ending},
    {SIGUSR2, SA_RESETHAND, on_ending}, {SIGABRT, SA_RESETHAND, on_ending},
    {SIGSEGV, SA_RESETHAND, on_ending}, {SIGBUS, SA_RESETHAND, on_ending},
    {SIGILL, SA_RESETHAND, on_ending},  {SIGFPE, SA_RESETHAND, on_ending},
    {SIGTRAP, SA_RESETHAND, on_ending}, {SIGSYS, SA_RESETHAND, on_ending},
    {SIGXCPU, SA_RESETHAND, on_ending}, {SIGXFSZ, SA_RESETHAND, on_ending},
};

/* --- handlers --- */

/* Signals that the process handles itself keep their handlers. */
static void add_handlers(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(handlers); i++) {
        struct sigaction now,
            ours = {.sa_handler = handlers[i].handler, .sa_flags = (int)handlers[i].flags};
        sigemptyset(&ours.sa_mask);
        if (sigaction(handlers[i].number, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
            sigaction(handlers[i].number, &ours, NULL);
    }
}

static void remove_handlers(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(handlers); i++) {
        struct sigaction now, usual = {.sa_handler = SIG_DFL};
        if (sigaction(handlers[i].number, NULL, &now) == 0 && now.sa_handler == handlers[i].handler)
            sigaction(handlers[i].number, &usual, NULL);
    }
}

static gboolean take_modes(void)
{
    static gboolean at_exit;
    if (modes.raw || tcgetattr(STDIN_FILENO, &modes.before) < 0)
        return FALSE;
    modes.during = modes.before;
    cfmakeraw(&modes.during);
    modes.owner = getpid();
    if (!at_exit)
        at_exit = atexit(restore_modes) == 0; /* because os.exit() closes no Lua object */
    add_handlers();
    modes.raw = TRUE;
    /* DRAIN, not FLUSH, because keys that were typed ahead are the program's */
    return tcsetattr(STDIN_FILENO, TCSADRAIN, &modes.during) == 0;
}

static void give_back_modes(void)
{
    set_modes(TCSADRAIN, &modes.before);
    modes.raw = FALSE;
    remove_handlers();
}

/* --- size --- */

static gboolean get_size(guint *rows, guint *cols)
{
    struct winsize size;
    if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
        return FALSE;
    *rows = size.ws_row;
    *cols = size.ws_col;
    return TRUE;
}

void lsb_terminal_fit(LsbProgramSpec *spec)
{
    if (spec->tty && spec->rows == 0 && spec->cols == 0)
        get_size(&spec->rows, &spec->cols);
}

static gboolean on_window_change(gpointer data)
{
    LsbTerminal *t = data;
    guint rows, cols;
    if (get_size(&rows, &cols))
        lsb_program_resize(t->program, rows, cols);
    return G_SOURCE_CONTINUE;
}

/* --- attaching and detaching --- */

LsbTerminal *lsb_terminal_attach(LsbProgram *p)
{
    if (modes.raw || !isatty(STDIN_FILENO))
        return NULL;
    if (!take_modes()) {
        give_back_modes();
        return NULL;
    }
    LsbTerminal *t = g_new0(LsbTerminal, 1);
    t->program = lsb_program_ref(p);
    t->source = g_unix_signal_add(SIGWINCH, on_window_change, t);
    return t;
}

void lsb_terminal_detach(LsbTerminal *t)
{
    if (!t)
        return;
    give_back_modes();
    g_source_remove(t->source);
    lsb_program_unref(t->program);
    g_free(t);
}
