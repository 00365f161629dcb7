/* Reading and writing descriptors that other processes share, without ever blocking. */
#include "session/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shared/units.h"

/*
 * Bytes that a pipe should hold, for fewer and larger system calls (pipe(7)). Where the kernel
 * refuses, the pipe keeps its size.
 */
enum { PIPE_SIZE = MiB };

int lsb_descriptor_private(int fd, gboolean for_writing)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -1;
    int wrong_way = for_writing ? O_RDONLY : O_WRONLY; /* then reads or writes are to fail */
    gboolean usable = (fcntl(fd, F_GETFL) & O_ACCMODE) != wrong_way;
    if (usable && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))) {
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
        int flags = (for_writing ? O_WRONLY : O_RDONLY) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
        int reopened = open(path, flags);
        if (reopened >= 0 && S_ISFIFO(st.st_mode))
            fcntl(reopened, F_SETPIPE_SZ, PIPE_SIZE);
        if (reopened >= 0)
            return reopened;
    }
    return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

void lsb_descriptor_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

ssize_t lsb_descriptor_read(int fd, void *data, gsize len)
{
    return read(fd, data, len);
}

static gboolean sigpipe_is_harmless(void)
{
    struct sigaction action;
    return sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler != SIG_DFL;
}

/* write(2) with SIGPIPE blocked; a SIGPIPE that this write raised is taken from the queue. */
static ssize_t write_without_sigpipe(int fd, const void *data, gsize len)
{
    static const struct timespec now = {0, 0};
    sigset_t pipe_only, old, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &old);
    ssize_t n = write(fd, data, len);
    int saved = errno;
    if (n < 0 && saved == EPIPE && !sigismember(&pending, SIGPIPE))
        while (sigtimedwait(&pipe_only, NULL, &now) < 0 && errno == EINTR)
            ;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = saved;
    return n;
}

/*
 * How many of LEN bytes can be written without blocking; 0: none now. A pipe or terminal of another
 * user cannot be opened anew, so FD is a duplicate, on which write(2) may block. A pipe has room
 * for PIPE_BUF bytes when poll(2) says that it is writable (pipe(7)).
 */
static gsize writable_now(int fd, gsize len)
{
    struct stat st;
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    if (fcntl(fd, F_GETFL) & O_NONBLOCK || fstat(fd, &st) < 0 ||
        !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
        return len;
    return poll(&p, 1, 0) == 1 ? MIN(len, PIPE_BUF) : 0;
}

ssize_t lsb_descriptor_write(int fd, const void *data, gsize len)
{
    ssize_t n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0 || errno != ENOTSOCK)
        return n;
    len = writable_now(fd, len);
    if (len == 0) {
        errno = EAGAIN;
        return -1;
    }
    return sigpipe_is_harmless() ? write(fd, data, len) : write_without_sigpipe(fd, data, len);
}
