/*
 * A user at a terminal, for tests: run COMMAND on a pseudoterminal of its own, do the steps in
 * their order, and wait for the command's end.
 *
 *     pty ROWS COLS [STEP ...] -- COMMAND [ARGUMENT ...]
 *
 *     see:TEXT         wait until TEXT has been shown, after what the step before has seen
 *     type:TEXT        TEXT as keys; \r, \n, \\ and \ooo (octal) are escapes
 *     raw, cooked      wait until the terminal does not read lines, or does
 *     resize:ROWSxCOLS
 *     signal:NUMBER    to the command
 *
 * What is shown goes to standard output as it comes; then come two lines: "status N" or "signal N",
 * and "modes restored" or "modes changed". A step that waits for more than a minute ends it all.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 60, SHOWN = 4 * 1024 * 1024, TURN = 50 /* milliseconds */ };

static int master, slave;
static pid_t command;
static char shown[SHOWN + 1];
static size_t length, seen;
static time_t deadline;

static void give_up(const char *what)
{
    printf("\npty: gave up: %s\n", what);
    fflush(stdout);
    if (command > 0) {
        kill(command, SIGTERM);
        usleep(500000);
        kill(command, SIGKILL);
    }
    exit(99);
}

/* Take what is shown within one turn. */
static void look(int milliseconds)
{
    struct pollfd p = {.fd = master, .events = POLLIN};
    if (time(NULL) > deadline)
        give_up("waited too long");
    if (poll(&p, 1, milliseconds) != 1 || !(p.revents & POLLIN))
        return;
    ssize_t n = read(master, shown + length, SHOWN - length);
    if (n <= 0)
        return;
    fwrite(shown + length, 1, (size_t)n, stdout);
    fflush(stdout);
    length += (size_t)n;
    shown[length] = 0;
}

static void see(const char *text)
{
    const char *at;
    while (!(at = memmem(shown + seen, length - seen, text, strlen(text)))) {
        if (waitpid(command, NULL, WNOHANG | WNOWAIT) > 0)
            command = 0;
        look(TURN);
        if (command <= 0)
            give_up(text);
    }
    seen = (size_t)(at - shown) + strlen(text);
}

static void type_keys(const char *text)
{
    while (*text) {
        char key = *text++;
        if (key == '\\' && *text >= '0' && *text <= '7')
            key = (char)strtol((char[]){text[0], text[1], text[2], 0}, NULL, 8), text += 3;
        else if (key == '\\')
            key = *text == 'r' ? '\r' : *text == 'n' ? '\n' : *text, text++;
        while (write(master, &key, 1) != 1)
            look(TURN);
    }
}

static bool reads_lines(void)
{
    struct termios t;
    tcgetattr(slave, &t);
    return t.c_lflag & ICANON;
}

static void set_size(const char *rows, const char *cols)
{
    struct winsize size = {.ws_row = (unsigned short)atoi(rows),
                           .ws_col = (unsigned short)atoi(cols)};
    ioctl(master, TIOCSWINSZ, &size);
}

static void step(char *text)
{
    char *colon = strchr(text, ':'), *rest = colon ? colon + 1 : text + strlen(text);
    deadline = time(NULL) + PATIENCE;
    if (strcmp(text, "raw") == 0 || strcmp(text, "cooked") == 0)
        while (reads_lines() != (*text == 'c'))
            look(TURN);
    else if (strncmp(text, "see:", 4) == 0)
        see(rest);
    else if (strncmp(text, "type:", 5) == 0)
        type_keys(rest);
    else if (strncmp(text, "resize:", 7) == 0)
        set_size(rest, strchr(rest, 'x') + 1);
    else if (strncmp(text, "signal:", 7) == 0)
        kill(command, atoi(rest));
    else
        give_up(text);
}

static void become(char **argv)
{
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    for (int i = 0; i < 3; i++)
        dup2(slave, i);
    close(slave);
    close(master);
    /* A shell that has started the suite in the background ignores both signals, and the command
     * would inherit that. */
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    execvp(argv[0], argv);
    _exit(127);
}

static void open_terminal(char **argv)
{
    master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ||
        (slave = open(ptsname(master), O_RDWR | O_NOCTTY)) < 0)
        give_up("open a terminal");
    set_size(argv[1], argv[2]);
}

int main(int argc, char **argv)
{
    int end = 3, status;
    struct termios before, after;
    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    if (end + 1 >= argc)
        give_up("usage: pty ROWS COLS [STEP ...] -- COMMAND [ARGUMENT ...]");
    open_terminal(argv);
    tcgetattr(slave, &before);
    command = fork();
    if (command == 0)
        become(argv + end + 1);
    for (int i = 3; i < end; i++)
        step(argv[i]);
    deadline = time(NULL) + PATIENCE;
    while (waitpid(command, &status, WNOHANG) == 0)
        look(TURN);
    look(0);
    tcgetattr(slave, &after);
    bool same = before.c_iflag == after.c_iflag && before.c_oflag == after.c_oflag &&
                before.c_cflag == after.c_cflag && before.c_lflag == after.c_lflag &&
                memcmp(before.c_cc, after.c_cc, sizeof before.c_cc) == 0;
    printf("\n%s %d\nmodes %s\n", WIFSIGNALED(status) ? "signal" : "status",
           WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
           same ? "restored" : "changed");
    return 0;
}
