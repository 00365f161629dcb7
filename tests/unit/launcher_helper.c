/*
 * What launcher.t cannot do in shell. One program, several parts:
 *
 *     try OP ARG...            try things and say how each went; stands in for QEMU
 *     owner KEEPER SOCKET      own a keeper: print "keeper PID" and what the keeper says, pass
 *                              lines of stdin on to it as messages, until one says END
 *     quick-owner KEEPER SOCKET MESSAGE...
 *                              start a keeper, send all messages, and end without reading an answer
 *     heir KEEPER SOCKET       like owner, with a child that inherits the control socket and
 *                              lives on
 *     many SOCKET N            N processes that register, print "registered", and wait to be killed
 *     gone SECONDS PID...      status 0 once all these processes have ended, 1 when time is up
 *     abi N COMMAND...         run COMMAND as on a kernel with landlock ABI N (0: none), by a
 *                              seccomp user notification, so that the tested binary is the
 *                              one that ships
 *     deep DIR N               make a chain of N directories below DIR
 */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* By number, as in launcher/: the C library's headers may be older than the kernel. */
enum { PIDFD_OPEN = 434, CREATE_RULESET = 444, VERSION_FLAG = 1 };

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(99);
}

/* --- try --- */

static const char *errno_name(void)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {{EACCES, "EACCES"}, {EPERM, "EPERM"},   {ENOENT, "ENOENT"},
                 {EXDEV, "EXDEV"},   {EEXIST, "EEXIST"}, {ECONNREFUSED, "ECONNREFUSED"},
                 {ENOTTY, "ENOTTY"}};
    static char other[32];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].number == errno)
            return names[i].name;
    snprintf(other, sizeof(other), "errno %d", errno);
    return other;
}

static int try_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    return fd;
}

static int op_read(char **a)
{
    return try_open(a[0], O_RDONLY);
}

static int op_write(char **a)
{
    return try_open(a[0], O_WRONLY);
}

static int op_create(char **a)
{
    return try_open(a[0], O_WRONLY | O_CREAT | O_EXCL);
}

static int op_list(char **a)
{
    return try_open(a[0], O_RDONLY | O_DIRECTORY);
}

static int op_truncate(char **a)
{
    return truncate(a[0], 0);
}

static int op_mkdir(char **a)
{
    return mkdir(a[0], 0700);
}

static int op_rmdir(char **a)
{
    return rmdir(a[0]);
}

static int op_unlink(char **a)
{
    return unlink(a[0]);
}

static int op_rename(char **a)
{
    return rename(a[0], a[1]);
}

/* Device 0:0 is an overlay's whiteout, which any user may make: it shows landlock's own refusal. */
static int op_mknod(char **a)
{
    return mknod(a[0], S_IFCHR | 0600, makedev(0, 0));
}

static int op_exec(char **a)
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        execl(a[0], a[0], (char *)NULL);
        _exit(errno);
    }
    waitpid(pid, &status, 0);
    errno = WEXITSTATUS(status);
    return errno ? -1 : 0;
}

static int op_ioctl(char **a)
{
    struct termios t;
    int fd = open(a[0], O_RDWR);

    return fd < 0 ? -1 : ioctl(fd, TCGETS, &t);
}

static int op_tcp(char **a)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(a[0]))};

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof(to));
}

static int op_signal(char **a)
{
    return kill(atoi(a[0]), 0);
}

static int op_root(char **a)
{
    (void)a;
    return setresuid(0, 0, 0);
}

static int op_ids(char **a)
{
    gid_t groups[64];
    int n = getgroups(64, groups);
    uid_t r, e, s;
    gid_t gr, ge, gs;

    (void)a;
    getresuid(&r, &e, &s);
    getresgid(&gr, &ge, &gs);
    printf("ids uid=%u,%u,%u gid=%u,%u,%u groups=", r, e, s, gr, ge, gs);
    for (int i = 0; i < n; i++)
        printf("%s%u", i ? "," : "", groups[i]);
    putchar('\n');
    return 1;
}

static int op_caps(char **a)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct d[2] = {{0, 0, 0}, {0, 0, 0}};
    int bounding = 0;

    (void)a;
    syscall(SYS_capget, &header, d);
    for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
        bounding += prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
    printf("caps %x%x %x%x %x%x bounding=%d\n", d[1].permitted, d[0].permitted, d[1].effective,
           d[0].effective, d[1].inheritable, d[0].inheritable, bounding);
    return 1;
}

static int op_state(char **a)
{
    struct rlimit core;
    mode_t mask = umask(0);

    (void)a;
    getrlimit(RLIMIT_CORE, &core);
    printf("state nnp=%d core=%lu,%lu umask=%03o jail=%s dumpable=%d pid=%d\n",
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), (unsigned long)core.rlim_cur,
           (unsigned long)core.rlim_max, mask, getenv("LSANDBOX_JAIL") ? "set" : "unset",
           prctl(PR_GET_DUMPABLE), getpid());
    return 1;
}

static int op_nothing(char **a)
{
    (void)a;
    return 1;
}

static int op_abi(char **a)
{
    (void)a;
    printf("abi %ld\n", syscall(CREATE_RULESET, NULL, 0, VERSION_FLAG));
    return 1;
}

static int op_pause(char **a)
{
    (void)a;
    fflush(stdout);
    while (pause() < 0)
        ;
    return 0;
}

static const struct op {
    const char *name;
    int args;
    int (*run)(char **args);
} ops[] = {
    {"read", 1, op_read},       {"write", 1, op_write},       {"create", 1, op_create},
    {"list", 1, op_list},       {"truncate", 1, op_truncate}, {"mkdir", 1, op_mkdir},
    {"rmdir", 1, op_rmdir},     {"unlink", 1, op_unlink},     {"rename", 2, op_rename},
    {"mknod", 1, op_mknod},     {"exec", 1, op_exec},         {"ioctl", 1, op_ioctl},
    {"tcp", 1, op_tcp},         {"signal", 1, op_signal},     {"root", 0, op_root},
    {"ids", 0, op_ids},         {"caps", 0, op_caps},         {"state", 0, op_state},
    {"-object", 1, op_nothing}, {"abi", 0, op_abi},           {"pause", 0, op_pause},
};

static const struct op *find_op(const char *name)
{
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        if (strcmp(ops[i].name, name) == 0)
            return &ops[i];
    fprintf(stderr, "no such op: %s\n", name);
    exit(99);
}

static int part_try(char **argv)
{
    while (*argv) {
        const struct op *op = find_op(*argv++);
        int result = op->run(argv);

        if (result != 1)
            printf("%s %s: %s\n", op->name, op->args ? argv[0] : "-",
                   result >= 0 ? "ok" : errno_name());
        argv += op->args;
    }
    return 0;
}

/* --- keepers and owners --- */

static int start_keeper(char **argv, int flags)
{
    int pair[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | flags, 0, pair) < 0)
        die("socketpair");
    pid = fork();
    if (pid == 0) {
        int low = fcntl(pair[1], F_DUPFD, 10); /* in case the pair is descriptors 3 and 4 */

        close(pair[0]);
        dup2(low, 3);
        execl(argv[0], argv[0], argv[1], (char *)NULL);
        die(argv[0]);
    }
    close(pair[1]);
    printf("keeper %d\n", pid);
    fflush(stdout);
    return pair[0];
}

/* "process PID" goes as "process" with a pidfd. */
static void tell_process(int keeper, const char *number)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    int pidfd = (int)syscall(SYS_pidfd_open, atoi(number), 0);
    struct iovec text = {(char[]){"process"}, strlen("process")};
    struct msghdr message = {.msg_iov = &text,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};

    control.header = (struct cmsghdr){CMSG_LEN(sizeof(pidfd)), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &pidfd, sizeof(pidfd));
    if (pidfd < 0 || sendmsg(keeper, &message, 0) < 0)
        die("process");
    close(pidfd);
}

static void relay_messages(int keeper)
{
    struct pollfd polls[2] = {{.fd = 0, .events = POLLIN}, {.fd = keeper, .events = POLLIN}};
    char text[16384];
    ssize_t n;

    for (;;) {
        poll(polls, 2, -1);
        if (polls[1].revents) {
            n = recv(keeper, text, sizeof(text), MSG_DONTWAIT);
            if (n == 0 || (n < 0 && errno != EAGAIN))
                exit(0);
            printf("%.*s\n", (int)(n > 0 ? n : 0), text);
            fflush(stdout);
        }
        if (polls[0].revents) {
            if (!fgets(text, sizeof(text), stdin))
                exit(0);
            n = (ssize_t)strcspn(text, "\n");
            if (strncmp(text, "END\n", 4) == 0)
                exit(0);
            if (strncmp(text, "process ", 8) == 0)
                tell_process(keeper, text + 8);
            else if (send(keeper, text, (size_t)n, 0) < 0)
                die("send");
        }
    }
}

static int part_owner(char **argv)
{
    int keeper = start_keeper(argv, SOCK_CLOEXEC);

    setvbuf(stdin, NULL, _IONBF, 0);
    relay_messages(keeper);
    return 0;
}

static int part_quick_owner(char **argv)
{
    int keeper = start_keeper(argv, SOCK_CLOEXEC);

    for (argv += 2; *argv; argv++)
        if (send(keeper, *argv, strlen(*argv), 0) < 0)
            die("send");
    return 0;
}

static int part_heir(char **argv)
{
    int keeper = start_keeper(argv, 0);
    pid_t heir = fork();

    if (heir == 0)
        op_pause(NULL);
    printf("heir %d\n", heir);
    setvbuf(stdin, NULL, _IONBF, 0);
    relay_messages(keeper);
    return 0;
}

static void register_self(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char reply[64];
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    ssize_t n;

    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        die("connect");
    if (send(fd, "qemu", 4, 0) < 0 || (n = recv(fd, reply, sizeof(reply), 0)) != 2)
        die("register");
    close(fd);
}

static int part_many(char **argv)
{
    int done[2];
    char byte;

    if (pipe(done) < 0)
        die("pipe");
    for (int i = atoi(argv[1]); i > 0; i--) {
        if (fork() == 0) {
            close(done[0]);
            register_self(argv[0]);
            if (write(done[1], "x", 1) != 1)
                die("write");
            close(1);
            op_pause(NULL);
        }
    }
    close(done[1]);
    for (int i = atoi(argv[1]); i > 0; i--)
        if (read(done[0], &byte, 1) != 1)
            die("a child failed");
    printf("registered\n");
    fflush(stdout);
    while (wait(NULL) > 0)
        ;
    return 0;
}

static int part_gone(char **argv)
{
    time_t end = time(NULL) + atoi(argv[0]) + 1;

    for (argv++; *argv; argv++) {
        struct pollfd p = {.fd = (int)syscall(PIDFD_OPEN, atoi(*argv), 0), .events = POLLIN};
        time_t left = end - time(NULL);

        if (p.fd < 0)
            continue; /* gone already */
        if (poll(&p, 1, left > 0 ? (int)left * 1000 : 0) != 1)
            return 1;
        close(p.fd);
    }
    return 0;
}

static int part_deep(char **argv)
{
    if (chdir(argv[0]) < 0)
        die(argv[0]);
    for (int i = atoi(argv[1]); i > 0; i--)
        if (mkdir("d", 0700) < 0 || chdir("d") < 0)
            die("deep");
    return 0;
}

/* --- abi --- */

static int install_filter(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CREATE_RULESET, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                        &program);
}

static void send_fd(int sock, int fd)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec byte = {"x", 1};
    struct msghdr message = {.msg_iov = &byte,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof(control.space)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &fd, sizeof(int));
    if (sendmsg(sock, &message, 0) < 0)
        die("sendmsg");
}

static int receive_fd(int sock)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    char byte;
    struct iovec iov = {&byte, 1};
    struct msghdr message = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof(control.space)};
    int fd = -1;

    if (recvmsg(sock, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
    return fd;
}

static void pretend(int listener, int abi)
{
    for (;;) {
        struct seccomp_notif asked;
        struct seccomp_notif_resp reply;
        struct pollfd p = {.fd = listener, .events = POLLIN};

        if (poll(&p, 1, -1) < 0 || !(p.revents & POLLIN))
            return; /* nobody left to ask */
        memset(&asked, 0, sizeof(asked));
        memset(&reply, 0, sizeof(reply));
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
            continue;
        reply.id = asked.id;
        if (abi == 0)
            reply.error = -EOPNOTSUPP;
        else if (asked.data.args[2] == VERSION_FLAG)
            reply.val = abi;
        else
            reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
        (void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply);
    }
}

static int part_abi(char **argv)
{
    int pair[2], status;
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        die("socketpair");
    pid = fork();
    if (pid == 0) {
        int listener = install_filter();

        if (listener < 0)
            die("seccomp");
        send_fd(pair[1], listener);
        close(listener);
        execv(argv[1], argv + 1);
        die(argv[1]);
    }
    close(pair[1]);
    pretend(receive_fd(pair[0]), atoi(argv[0]));
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const struct {
    const char *name;
    int min_args;
    int (*run)(char **args);
} parts[] = {
    {"try", 0, part_try},   {"owner", 2, part_owner}, {"quick-owner", 2, part_quick_owner},
    {"heir", 2, part_heir}, {"many", 2, part_many},   {"gone", 1, part_gone},
    {"deep", 2, part_deep}, {"abi", 2, part_abi},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strcmp(parts[i].name, argv[1]) == 0 && argc - 2 >= parts[i].min_args)
            return parts[i].run(argv + 2);
    fprintf(stderr, "usage: see the top of launcher_helper.c\n");
    return 99;
}
