/* Opens pseudoterminals for programs. */
#define _GNU_SOURCE
#include "terminal.h"

#include "shared/closekeep.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum { TTY_MODE = 0620 }; /* as login(1) leaves it: the group, "tty", may write messages to it */

/* Open the slave by its master and not by a path (ioctl_tty(2)): programs may change /dev. */
static int open_slave(int master)
{
    int unlocked = 0;
    if (ioctl(master, TIOCSPTLCK, &unlocked) < 0)
        return -1;
    return ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

int terminal_resize(int master, uint32_t rows, uint32_t cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    return ioctl(master, TIOCSWINSZ, &size);
}

static int set_up_slave(int master, int slave, const struct request *q)
{
    if (fchown(slave, q->uid, (gid_t)-1) < 0 || fchmod(slave, TTY_MODE) < 0)
        return -1;
    return terminal_resize(master, q->rows, q->cols);
}

int terminal_open(int pts, const struct request *q, int *master, int *slave)
{
    *slave = -1;
    *master = openat(pts, "ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (*master >= 0)
        *slave = open_slave(*master);
    if (*slave >= 0 && set_up_slave(*master, *slave, q) == 0)
        return 0;
    close_keep(*slave);
    close_keep(*master);
    *master = *slave = -1;
    return -1;
}

int terminal_control(void)
{
    return ioctl(STDIN_FILENO, TIOCSCTTY, 0);
}

bool terminal_has_output(int master)
{
    struct pollfd p = {.fd = master, .events = POLLIN};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLIN);
}

/* A master has the settings of its slave (the kernel's tty_ioctl acts on the pair). */
size_t terminal_end_of_file(int master, unsigned char last, unsigned char out[2])
{
    struct termios t;
    if (tcgetattr(master, &t) < 0 || !(t.c_lflag & ICANON) || t.c_cc[VEOF] == _POSIX_VDISABLE)
        return 0;
    out[0] = out[1] = t.c_cc[VEOF];
    return last == '\n' || last == '\r' || last == out[0] ? 1 : 2;
}
