/*
 * lsandbox-keeper SOCKET_PATH [lock]: kills the sandboxes of a process, and removes their files,
 * when that process (the owner, which uses lsandbox) has ended in any way, SIGKILL included. The
 * owner starts one keeper, with one end of a SOCK_SEQPACKET socketpair that the owner itself made
 * as descriptor 3. No other process may hold the owner's end, so it must be close-on-exec.
 *
 * With "lock", descriptor 4 is the lock of the owner's run directory, the directory of SOCKET_PATH.
 * Then the keeper also sweeps what other owners have left (keepersweep.h).
 *
 * On descriptor 3 the keeper sends, once:
 *
 *     ready              it listens on SOCKET_PATH and knows its owner
 *     error TEXT         it could not, and has ended
 *
 * The owner sends these orders, one message each. The keeper answers "error TEXT" to one that it
 * cannot obey, and nothing otherwise:
 *
 *     dir PATH           remove this directory, with all in it, at the end
 *     group PATH         remove this control group at the end, once its last process is gone
 *     forget PATH        do not remove this directory or control group: the owner has removed it
 *     starting NAME      a libvirtd is about to start this container: at the end, remove what
 *                        libvirt leaves of it (shared/lxcfiles.h), again and again until LATE_MS
 *                        (keeperremove.c) after the end, because libvirtd may go on with the start
 *     started NAME       it has started: remove that once libvirtd has ended the container
 *     ended NAME         the owner has removed that, or it is another domain's
 *     process            kill the process, too, whose pidfd comes with this message (SCM_RIGHTS)
 *
 * A launcher connects to SOCKET_PATH (SOCK_SEQPACKET), sends "qemu", and becomes QEMU only when
 * "ok" comes back; any other answer, and the end of the connection, is a refusal. The launcher must
 * have the keeper's uid or be root. The connection then ends, and the keeper watches the process by
 * a pidfd, so that a process id that is used again does no harm.
 *
 * The end comes when the owner's end of descriptor 3 is closed, or the owner has ended (a forked
 * child of the owner may still hold that end). Then the keeper admits no more launchers, sends
 * SIGKILL to every process, and to a QEMU of the run directory that has not registered because
 * libvirt only asks it what it can do. The keeper waits until they are gone, removes the
 * directories, and exits with 0 (keeperend.c). A launcher that is too late gets no "ok".
 *
 * Signals that a terminal or a shell sends to a whole group do not reach the keeper, because it has
 * a session of its own, and ignores them. libc only, static. Linux 5.3 for pidfd_open(2).
 */
#define _GNU_SOURCE 1
#include "keeperend.h"
#include "keeperowner.h"
#include "keeperset.h"
#include "keepersweep.h"
#include "pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* The same number on all architectures but alpha. */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* How many launchers may wait to be accepted; the kernel's own bound is 4096. */
enum { BACKLOG = 1024 };

struct keeper {
    struct keeper_set set;
    struct keeper_orders orders;
    char *run; /* the run directory; NULL: the owner has not passed its lock */
    bool ending;
};

/* --- the owner --- */

static void control_ready(struct keeper *k, size_t i)
{
    (void)i;
    if (!keeperowner_obey(&k->orders, &k->set))
        k->ending = true;
}

static void owner_ended(struct keeper *k, size_t i)
{
    (void)i;
    k->ending = true;
}

/* --- launchers --- */

static bool is_same_user(int launcher)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    return getsockopt(launcher, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

/* Never blocks: a launcher that does not read must not keep the keeper from its work. */
static void answer_launcher(int launcher, const char *text)
{
    (void)send(launcher, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void launcher_arrived(struct keeper *k, size_t i)
{
    int launcher = accept4(k->set.polls[i].fd, NULL, NULL, SOCK_CLOEXEC);

    if (launcher < 0)
        return;
    if (!is_same_user(launcher))
        answer_launcher(launcher, "not the same user");
    else if ((unsigned long)launcher + KEEPER_SPARE_FDS / 2 >= k->set.max_fds)
        answer_launcher(launcher, strerror(EMFILE));
    else if (keeperset_add(&k->set, launcher, ROLE_LAUNCHER))
        return;
    close(launcher);
}

static bool has_hung_up(int launcher)
{
    struct pollfd one = {.fd = launcher, .events = POLLRDHUP};

    return poll(&one, 1, 0) > 0;
}

/*
 * The launcher holds the only descriptor of its end of the connection. So if that end is open after
 * its pidfd was opened, the pidfd names the launcher and not a later process with the same id.
 */
static bool admit(struct keeper *k, int launcher)
{
    int pidfd = pidfd_of_peer(launcher);

    if (pidfd >= 0 && has_hung_up(launcher)) {
        close(pidfd);
        errno = ESRCH;
        return false;
    }
    return keeperset_add_process(&k->set, pidfd);
}

static void launcher_ready(struct keeper *k, size_t i)
{
    char message[16];
    int launcher = k->set.polls[i].fd;
    ssize_t n = recv(launcher, message, sizeof(message), MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n != 4 || memcmp(message, "qemu", 4) != 0)
        answer_launcher(launcher, "not a launcher");
    else if (admit(k, launcher))
        answer_launcher(launcher, "ok");
    else
        answer_launcher(launcher, strerror(errno));
    keeperset_drop(&k->set, i);
}

static void process_ended(struct keeper *k, size_t i)
{
    keeperset_drop(&k->set, i);
}

/* --- the loop --- */

static void (*const on_ready[])(struct keeper *k, size_t i) = {
    [ROLE_CONTROL] = control_ready,
    [ROLE_OWNER] = owner_ended,
    [ROLE_LISTENER] = launcher_arrived,
    [ROLE_LAUNCHER] = launcher_ready,
    [ROLE_PROCESS] = process_ended,
};

/*
 * The owner comes first, because once it has ended no launcher is admitted. The others are handled
 * backwards, so that keeperset_drop(), which moves the last one, moves only one that has had its
 * turn.
 */
static void serve_until_end(struct keeper *k)
{
    while (!k->ending) {
        if (poll(k->set.polls, k->set.n, -1) < 0)
            continue;
        for (size_t i = ROLE_CONTROL; i <= ROLE_OWNER; i++)
            if (k->set.polls[i].revents)
                on_ready[i](k, i);
        for (size_t i = k->set.n; !k->ending && i-- > ROLE_LISTENER;)
            if (k->set.polls[i].revents)
                on_ready[k->set.roles[i]](k, i);
    }
}

/* --- the start --- */

static _Noreturn void exit_with_error(const char *what)
{
    keeperowner_say_error(what, errno);
    exit(1);
}

static void close_from(unsigned first)
{
    if (syscall(SYS_close_range, first, ~0u, 0) == 0)
        return;
    for (long fd = sysconf(_SC_OPEN_MAX); fd-- > (long)first;) /* Linux before 5.9 */
        close((int)fd);
}

/* The keeper has one descriptor for each process it watches. Returns how many there may be. */
static unsigned long raise_fd_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 1024;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

static void ignore_signals(void)
{
    static const int ignored[] = {
        SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE, SIGTSTP,
        SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD,
    };

    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
}

static void become_background(int last_passed)
{
    int null = open("/dev/null", O_RDWR);

    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd);
    close_from((unsigned)last_passed + 1);
    (void)setsid(); /* fails only for the leader of a group, which is apart already */
    if (chdir("/") < 0)
        exit_with_error("/");
    prctl(PR_SET_NAME, "lsandbox-keeper");
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    errno = ENAMETOOLONG;
    if (strlen(path) >= sizeof(address.sun_path))
        exit_with_error(path);
    strcpy(address.sun_path, path);
    umask(0177); /* the socket is 0600 from the start */
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(fd, BACKLOG) < 0)
        exit_with_error(path);
    return fd;
}

/* Returns a pidfd of the owner, or -1 when the owner ended before the keeper looked. */
static int open_owner(void)
{
    int pidfd = pidfd_of_peer(KEEPER_CONTROL);

    if (pidfd < 0 && errno != ESRCH && errno != EINVAL)
        exit_with_error("owner");
    return pidfd;
}

static void start_keeper(struct keeper *k, const char *path)
{
    int owner = open_owner();

    k->set.max_fds = raise_fd_limit();
    k->ending = owner < 0;
    if (k->ending)
        return;
    errno = ENOMEM;
    if (!keeperset_add(&k->set, KEEPER_CONTROL, ROLE_CONTROL) ||
        !keeperset_add(&k->set, owner, ROLE_OWNER) ||
        !keeperset_add(&k->set, listen_at(path), ROLE_LISTENER))
        exit_with_error("keeper");
    keeperowner_say("ready");
}

static bool are_arguments_right(int argc, char **argv)
{
    return (argc == 2 || (argc == 3 && strcmp(argv[2], "lock") == 0)) && argv[1][0] == '/' &&
           fcntl(KEEPER_CONTROL, F_GETFD) >= 0 && (argc == 2 || fcntl(KEEPER_LOCK, F_GETFD) >= 0);
}

int main(int argc, char **argv)
{
    struct keeper k = {0};

    if (!are_arguments_right(argc, argv)) {
        fprintf(stderr, "lsandbox-keeper: for lsandbox's own use: /SOCKET_PATH [lock], and "
                        "descriptors 3 [and 4]\n");
        return 1;
    }
    if (argc == 3)
        k.run = strndup(argv[1], (size_t)(strrchr(argv[1], '/') - argv[1]));
    ignore_signals();
    become_background(k.run ? KEEPER_LOCK : KEEPER_CONTROL);
    start_keeper(&k, argv[1]);
    if (k.run && !k.ending)
        keepersweep_begin(k.run, &k.set);
    serve_until_end(&k);
    control_ready(&k, 0); /* the owner's last orders, if its end was seen before they were read */
    keeperend_run(&k.set, &k.orders, argv[1], k.run);
    return 0;
}
