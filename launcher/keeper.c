/*
 * lsandbox-keeper SOCKET_PATH: sees to it that nothing of a sandbox survives its owner, not even
 * after SIGKILL. The owner (the process that uses lsandbox) starts one keeper, with one end of a
 * SOCK_SEQPACKET socketpair that the owner itself made as descriptor 3. Nobody else may hold the
 * owner's end: it must be close-on-exec.
 *
 * On descriptor 3 the keeper sends, once:
 *
 *     ready              it listens on SOCKET_PATH and knows its owner
 *     error TEXT         it could not, and has ended
 *
 * The owner sends, one message each; "error TEXT" comes back for one that cannot be obeyed, and
 * nothing otherwise:
 *
 *     dir PATH           remove this directory, with all in it, at the end
 *     late PATH          the same, and what another process (libvirtd) may still be about to make
 *                        there: removed again until LATE_MS after the end
 *     forget PATH        don't: the owner has removed it
 *     pid N              kill this process, too, at the end
 *     group PATH         remove this control group, once its last process is gone, at the end
 *
 * A launcher connects to SOCKET_PATH (SOCK_SEQPACKET), sends "qemu", and becomes QEMU only when
 * "ok" comes back; anything else, and the end of the connection, is a refusal. It must have our uid
 * or be root. The connection then ends, and the process stays watched by a pidfd, so that a pid
 * used again does no harm.
 *
 * The end comes when the owner's end of descriptor 3 is closed, or the owner has ended (a forked
 * child of it may still hold that end). Then: no more launchers, SIGKILL to every process, wait
 * until they are gone, remove the directories, exit 0. A launcher that is too late gets no "ok".
 *
 * Signals that a terminal or a shell sends to a whole group don't reach the keeper: it has a
 * session of its own and ignores them. libc only, static. Linux 5.3 for pidfd_open(2).
 */
#define _GNU_SOURCE 1
#include "shared/treeremove.h"

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
#include <time.h>
#include <unistd.h>

/* The same numbers on all architectures but alpha. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* Linux 6.5: a pidfd of the peer, free of the race between asking for its pid and opening that. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

enum {
    CONTROL = 3,        /* the descriptor the owner gave us */
    BACKLOG = 1024,     /* launchers that may wait to be accepted; the kernel's own bound is 4096 */
    MESSAGE_MAX = 8192, /* "forget " and the longest path, with room */
    SPARE_FDS = 16,     /* kept free to accept, refuse and remove directories with */
    KILL_MS = 5000,  /* a killed process that takes longer hangs in the kernel: no use in waiting */
    GROUP_MS = 1500, /* the same for those in a control group, which others kill */
    GROUP_STEP_MS = 10,
    LATE_MS = 4000, /* a libvirtd on a busy host starts a container, and ends it, in less */
    LATE_STEP_MS = 50,
};

/* What a descriptor in the poll set is; the first three have fixed places. */
enum role { ROLE_CONTROL, ROLE_OWNER, ROLE_LISTENER, ROLE_CLIENT, ROLE_PROCESS };

struct keeper {
    const char *socket_path;
    unsigned long max_fds;
    struct pollfd *polls; /* POLLS and ROLES go together */
    enum role *roles;
    size_t n;
    char **dirs;
    size_t n_dirs;
    char **late;
    size_t n_late;
    char **groups;
    size_t n_groups;
    bool ending;
};

/* --- Answers --- */

/* Never blocks: an owner that does not read must not keep us from our work. */
static void answer(int fd, const char *text)
{
    (void)send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void answer_error(const char *what, int errnum)
{
    char text[MESSAGE_MAX + 256];

    snprintf(text, sizeof(text), "error %s: %s", what, strerror(errnum));
    answer(CONTROL, text);
}

static _Noreturn void give_up(const char *what)
{
    answer_error(what, errno);
    exit(1);
}

/* --- The poll set --- */

static bool watch(struct keeper *k, int fd, enum role role)
{
    struct pollfd *polls = realloc(k->polls, (k->n + 1) * sizeof(*polls));
    enum role *roles = polls ? realloc(k->roles, (k->n + 1) * sizeof(*roles)) : NULL;

    if (polls)
        k->polls = polls;
    if (!roles)
        return false;
    k->roles = roles;
    k->polls[k->n] = (struct pollfd){.fd = fd, .events = POLLIN};
    k->roles[k->n++] = role;
    return true;
}

static void unwatch(struct keeper *k, size_t i)
{
    close(k->polls[i].fd);
    k->n--;
    k->polls[i] = k->polls[k->n];
    k->roles[i] = k->roles[k->n];
}

static bool is_ready(int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};

    return poll(&one, 1, 0) > 0;
}

/* --- Processes --- */

static int pidfd_open(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

/*
 * A pidfd of the process at the other end of SOCKET. For a socketpair that is the process that made
 * it: socket(7), SO_PEERCRED. On kernels before 6.5 the caller must make sure that the peer still
 * lives.
 */
static int peer_pidfd(int sock)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    int pidfd = -1;
    socklen_t pidfd_len = sizeof(pidfd);

    if (getsockopt(sock, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &pidfd_len) == 0)
        return pidfd;
    if (errno != ENOPROTOOPT || getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
        return -1;
    return pidfd_open(peer.pid);
}

/* Closes PIDFD and returns false with errno when it cannot be watched. */
static bool watch_process(struct keeper *k, int pidfd)
{
    if (pidfd < 0)
        return false;
    if ((unsigned long)pidfd + SPARE_FDS < k->max_fds && watch(k, pidfd, ROLE_PROCESS))
        return true;
    close(pidfd);
    errno = EMFILE;
    return false;
}

/* --- What the owner says --- */

/* "link/" would be followed where "link" is not. */
static void trim_slashes(char *path)
{
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
}

static void path_add(char ***list, size_t *n, char *path)
{
    char **longer = realloc(*list, (*n + 1) * sizeof(*longer));
    char *copy = strdup(path);

    if (longer)
        *list = longer;
    if (!longer || !copy || path[0] != '/') {
        answer_error(path, path[0] == '/' ? ENOMEM : EINVAL);
        free(copy);
        return;
    }
    trim_slashes(copy);
    (*list)[(*n)++] = copy;
}

static void dir_add(struct keeper *k, char *path)
{
    path_add(&k->dirs, &k->n_dirs, path);
}

static void group_add(struct keeper *k, char *path)
{
    path_add(&k->groups, &k->n_groups, path);
}

static void late_add(struct keeper *k, char *path)
{
    path_add(&k->late, &k->n_late, path);
}

static void path_drop(char **list, size_t *n, const char *path)
{
    for (size_t i = *n; i-- > 0;)
        if (strcmp(list[i], path) == 0) {
            free(list[i]);
            list[i] = list[--*n];
        }
}

static void path_forget(struct keeper *k, char *path)
{
    trim_slashes(path);
    path_drop(k->dirs, &k->n_dirs, path);
    path_drop(k->late, &k->n_late, path);
}

static void pid_add(struct keeper *k, char *number)
{
    char *end;
    long pid = strtol(number, &end, 10);

    if (pid <= 1 || *end || pid > 0x7fffffff)
        answer_error(number, EINVAL);
    else if (!watch_process(k, pidfd_open((pid_t)pid)))
        answer_error(number, errno);
}

static const struct {
    const char *word;
    void (*obey)(struct keeper *k, char *rest);
} commands[] = {
    {"dir ", dir_add}, {"late ", late_add},   {"forget ", path_forget},
    {"pid ", pid_add}, {"group ", group_add},
};

static void obey(struct keeper *k, char *message)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        size_t len = strlen(commands[i].word);

        if (strncmp(message, commands[i].word, len) == 0) {
            commands[i].obey(k, message + len);
            return;
        }
    }
    answer_error(message, EINVAL);
}

/*
 * Obey all that has been said. A hang-up comes after it. ECONNRESET comes before it, once, when the
 * owner ended without reading our answers: it hides no message.
 */
static void control_ready(struct keeper *k, size_t i)
{
    char message[MESSAGE_MAX];
    ssize_t n;

    (void)i;
    while ((n = recv(CONTROL, message, sizeof(message) - 1, MSG_DONTWAIT | MSG_TRUNC)) != 0) {
        if (n < 0 && errno != ECONNRESET && errno != EINTR)
            return;
        if (n >= (ssize_t)sizeof(message)) {
            answer_error("message", EMSGSIZE);
        } else if (n > 0) {
            message[n] = '\0';
            obey(k, message);
        }
    }
    k->ending = true;
}

static void owner_ended(struct keeper *k, size_t i)
{
    (void)i;
    k->ending = true;
}

/* --- What launchers say --- */

static bool is_trusted(int client)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);

    return getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}

static void launcher_arrived(struct keeper *k, size_t i)
{
    int client = accept4(k->polls[i].fd, NULL, NULL, SOCK_CLOEXEC);

    if (client < 0)
        return;
    if (!is_trusted(client))
        answer(client, "not the same user");
    else if ((unsigned long)client + SPARE_FDS / 2 >= k->max_fds)
        answer(client, strerror(EMFILE));
    else if (watch(k, client, ROLE_CLIENT))
        return;
    close(client);
}

/*
 * The launcher holds the only descriptor of its end, so if that is open after its pidfd was, the
 * pidfd is of no other process.
 */
static bool admit(struct keeper *k, int client)
{
    int pidfd = peer_pidfd(client);

    if (pidfd >= 0 && is_ready(client, POLLRDHUP)) {
        close(pidfd);
        errno = ESRCH;
        return false;
    }
    return watch_process(k, pidfd);
}

static void launcher_ready(struct keeper *k, size_t i)
{
    char message[16];
    int client = k->polls[i].fd;
    ssize_t n = recv(client, message, sizeof(message), MSG_DONTWAIT);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n != 4 || memcmp(message, "qemu", 4) != 0)
        answer(client, "not a launcher");
    else if (admit(k, client))
        answer(client, "ok");
    else
        answer(client, strerror(errno));
    unwatch(k, i);
}

/* --- The loop --- */

static void (*const on_ready[])(struct keeper *k, size_t i) = {
    [ROLE_CONTROL] = control_ready, [ROLE_OWNER] = owner_ended, [ROLE_LISTENER] = launcher_arrived,
    [ROLE_CLIENT] = launcher_ready, [ROLE_PROCESS] = unwatch,
};

/*
 * The owner first: once it has ended nobody is admitted. Then backwards, so that unwatch(), which
 * moves the last entry, moves only one that has had its turn.
 */
static void serve(struct keeper *k)
{
    while (!k->ending) {
        if (poll(k->polls, k->n, -1) < 0)
            continue;
        for (size_t i = ROLE_CONTROL; i <= ROLE_OWNER; i++)
            if (k->polls[i].revents)
                on_ready[i](k, i);
        for (size_t i = k->n; !k->ending && i-- > ROLE_LISTENER;)
            if (k->polls[i].revents)
                on_ready[k->roles[i]](k, i);
    }
}

/* --- The end --- */

static void stop_listening(struct keeper *k)
{
    for (size_t i = k->n; i-- > 0;) {
        if (k->roles[i] == ROLE_LISTENER)
            unlink(k->socket_path);
        if (k->roles[i] != ROLE_PROCESS && k->roles[i] != ROLE_CONTROL)
            unwatch(k, i);
    }
}

static void kill_all(const struct keeper *k)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->roles[i] == ROLE_PROCESS)
            (void)syscall(SYS_pidfd_send_signal, k->polls[i].fd, SIGKILL, NULL, 0);
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A pidfd is ready as soon as its process is a zombie, whether or not somebody reaps it. */
static void await_all(struct keeper *k)
{
    long deadline = now_ms() + KILL_MS;
    long left;

    while (k->n > 0 && (left = deadline - now_ms()) > 0) {
        if (poll(k->polls, k->n, (int)left) < 0)
            continue;
        for (size_t i = k->n; i-- > 0;)
            if (k->polls[i].revents)
                unwatch(k, i);
    }
}

/* rmdir(2) of a control group does nothing but refuse while there is a process in it. */
static void remove_groups(struct keeper *k)
{
    long deadline = now_ms() + GROUP_MS;

    while (k->n_groups > 0) {
        for (size_t i = k->n_groups; i-- > 0;)
            if (rmdir(k->groups[i]) == 0 || errno != EBUSY)
                k->groups[i] = k->groups[--k->n_groups];
        if (now_ms() >= deadline)
            return;
        if (k->n_groups > 0)
            (void)poll(NULL, 0, GROUP_STEP_MS);
    }
}

static void remove_late(struct keeper *k)
{
    long deadline = now_ms() + LATE_MS;

    while (k->n_late > 0 && now_ms() < deadline) {
        for (size_t i = 0; i < k->n_late; i++)
            (void)tree_remove(k->late[i]);
        (void)poll(NULL, 0, LATE_STEP_MS);
    }
}

static void finish(struct keeper *k)
{
    control_ready(k, 0); /* what the owner said last, if its end was seen before that */
    stop_listening(k);
    kill_all(k);
    for (size_t i = k->n; i-- > 0;)
        if (k->roles[i] == ROLE_CONTROL)
            unwatch(k, i);
    await_all(k);
    while (k->n_dirs > 0)
        (void)tree_remove(k->dirs[--k->n_dirs]);
    remove_groups(k);
    remove_late(k);
}

/* --- The start --- */

static void close_from(unsigned first)
{
    if (syscall(SYS_close_range, first, ~0u, 0) == 0)
        return;
    for (long fd = sysconf(_SC_OPEN_MAX); fd-- > (long)first;) /* Linux before 5.9 */
        close((int)fd);
}

/* Our descriptors are one per process we watch. Returns how many there may be. */
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
    static const int ignored[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE, SIGTSTP,
                                  SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGALRM};

    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
}

static void become_background(void)
{
    int null = open("/dev/null", O_RDWR);

    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd);
    close_from(CONTROL + 1);
    (void)setsid(); /* fails only for the leader of a group, which is as apart as we want to be */
    if (chdir("/") < 0)
        give_up("/");
    prctl(PR_SET_NAME, "lsandbox-keeper");
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    errno = ENAMETOOLONG;
    if (strlen(path) >= sizeof(address.sun_path))
        give_up(path);
    strcpy(address.sun_path, path);
    umask(0177); /* the socket is 0600 from the start */
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(fd, BACKLOG) < 0)
        give_up(path);
    return fd;
}

/* Returns a pidfd of the owner, or -1 when it ended before we looked. */
static int open_owner(void)
{
    int pidfd = peer_pidfd(CONTROL);

    if (pidfd < 0 && errno != ESRCH && errno != EINVAL)
        give_up("owner");
    return pidfd;
}

static void start(struct keeper *k, const char *path)
{
    int owner = open_owner();

    k->socket_path = path;
    k->max_fds = raise_fd_limit();
    k->ending = owner < 0;
    if (k->ending)
        return;
    errno = ENOMEM;
    if (!watch(k, CONTROL, ROLE_CONTROL) || !watch(k, owner, ROLE_OWNER) ||
        !watch(k, listen_at(path), ROLE_LISTENER))
        give_up("keeper");
    answer(CONTROL, "ready");
}

int main(int argc, char **argv)
{
    struct keeper k = {0};

    if (argc != 2 || argv[1][0] != '/' || fcntl(CONTROL, F_GETFD) < 0) {
        fprintf(stderr,
                "lsandbox-keeper: for lsandbox's own use: /SOCKET_PATH, and descriptor 3\n");
        return 1;
    }
    ignore_signals();
    become_background();
    start(&k, argv[1]);
    serve(&k);
    finish(&k);
    return 0;
}
