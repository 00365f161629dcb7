/* Runs a DHCP client of the root and waits for its lease. */
#define _GNU_SOURCE
#include "dhcp.h"

#include "clock.h"
#include "log.h"
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_AGAIN_MS = 20 };

/*
 * The plan says how long to wait, so a client must not give up before that. It asks every second,
 * because a bridge with the spanning tree protocol drops the first questions, and with the usual
 * growing pauses the next one comes too late (seen: 6 s after the one before).
 */
#define NEVER "600"

/*
 * The lease that a sandbox asks for, in seconds; the client renews it at half of that. Servers
 * would give an hour or a day, and run out of addresses when many short-lived sandboxes take one
 * each.
 */
#define LEASE "600"

/* --- the clients --- */

/*
 * How to call a client. In an argument "%" stands for the interface's directory. The name of the
 * interface follows as the last argument.
 */
struct client {
    const char *name;
    const char *const *arguments;
    const char *configuration; /* of client.conf; may be empty */
};

/*
 * dhclient(8): -d stays in the foreground, -1 gives up. client.conf replaces the root's own
 * configuration, which may ask for more.
 */
static const char *const dhclient_arguments[] = {
    "-4", "-d", "-1",
    "-cf", "%/client.conf",
    "-lf", "%/leases",
    "-pf", "%/client.pid",
    "-sf", DHCP_SCRIPT,
    NULL,
};

/* busybox: -f stays in the foreground, -n gives up after -t questions -T seconds apart. */
static const char *const udhcpc_arguments[] = {
    "-f", "-n",
    "-t", NEVER,
    "-T", "1",
    "-x", "lease:" LEASE,
    "-O", "mtu",
    "-O", "search",
    "-s", DHCP_SCRIPT,
    "-p", "%/client.pid",
    "-i", /* the interface */
    NULL,
};

/*
 * dhcpcd(8): -B stays in the foreground, -A does not ask whether another host has the address (5
 * s), -L makes up no address, -t says when to give up, -l how long the lease is. dhcpcd sets
 * address and routes itself, and the script sets them again. Its pauses are those of RFC 2131 (4 s,
 * 8 s), and no option changes them.
 */
static const char *const dhcpcd_arguments[] = {
    "-4", "-B", "-A", "-L",
    "-f", "%/client.conf",
    "-c", DHCP_SCRIPT,
    "-t", NEVER,
    "-l", LEASE,
    NULL,
};

static const struct client clients[] = {
    {"dhclient", dhclient_arguments,
     "timeout " NEVER ";\n"
     "initial-interval 1;\n"
     "backoff-cutoff 1;\n"
     "send dhcp-lease-time " LEASE ";\n"
     "request subnet-mask, broadcast-address, routers, domain-name, domain-search,\n"
     "  domain-name-servers, interface-mtu;\n"},
    {"udhcpc", udhcpc_arguments, ""},
    {"dhcpcd", dhcpcd_arguments,
     "option subnet_mask, routers, domain_name, domain_search, domain_name_servers, "
     "interface_mtu\nnodev\n"},
};

enum { CLIENTS = sizeof clients / sizeof *clients, MOST_ARGUMENTS = 24, MOST_PATH = 128 };

static const struct client *find_client(char path[MOST_PATH])
{
    static const char *const places[] = {"/sbin", "/usr/sbin", "/bin", "/usr/bin",
                                         "/usr/local/sbin"};
    for (size_t c = 0; c < CLIENTS; c++)
        for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
            snprintf(path, MOST_PATH, "%s/%s", places[p], clients[c].name);
            if (access(path, X_OK) == 0)
                return &clients[c];
        }
    return NULL;
}

/* --- the clients' files --- */

static int write_client_file(const char *path, const char *text, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    ssize_t size = (ssize_t)strlen(text);
    int result = fd >= 0 && write(fd, text, (size_t)size) == size ? 0 : failed("write %s", path);
    close(fd);
    return result;
}

/*
 * Make the script that clients call, a copy of this program: /init of a machine is gone by now, and
 * a container has never seen its init as a file.
 */
static int copy_ourselves(void)
{
    struct stat st;
    int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int to = open(DHCP_SCRIPT, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    off_t at = 0;
    int result = from < 0 || to < 0 || fstat(from, &st) < 0 ? -1 : 0;
    while (result == 0 && at < st.st_size)
        if (sendfile(to, from, &at, (size_t)(st.st_size - at)) <= 0)
            result = -1;
    if (result < 0)
        failed("make " DHCP_SCRIPT);
    close(from);
    close(to);
    return result;
}

int dhcp_prepare(bool name_servers)
{
    if (mkdir(DHCP_DIR, 0700) < 0 ||
        mount("none", DHCP_DIR, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=0700") < 0)
        return failed("make " DHCP_DIR);
    if (!name_servers && write_client_file(DHCP_KEEP_DNS, "", 0600) < 0)
        return -1;
    return copy_ourselves();
}

/* --- running a client --- */

/* Cover the client's state directories, which may be read-only, in a mount namespace of its own. */
static void cover_state(void)
{
    static const char *const places[] = {"/var/lib/dhcp", "/var/lib/dhclient", "/var/lib/dhcpcd"};
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return;
    umount2("/proc/sys", MNT_DETACH); /* read-only, but dhcpcd changes settings of the interface */
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (access(places[i], F_OK) == 0)
            mount("none", places[i], "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                  "size=1m,mode=0755");
}

static void take_streams(const char *dir)
{
    char log[MOST_PATH];
    snprintf(log, sizeof log, "%.100s/log", dir);
    int null = open("/dev/null", O_RDWR);
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
}

static _Noreturn void exec_client(const struct client *c, const char *path, const char *dir,
                                  const char *interface)
{
    static char *environment[] = {"PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin", NULL};
    static char texts[MOST_ARGUMENTS][MOST_PATH];
    char *argv[MOST_ARGUMENTS + 3];
    size_t n = 0;
    argv[n++] = (char *)c->name;
    for (const char *const *a = c->arguments; *a && n < MOST_ARGUMENTS; a++, n++) {
        snprintf(texts[n], MOST_PATH, "%s%s", (*a)[0] == '%' ? dir : "", *a + ((*a)[0] == '%'));
        argv[n] = texts[n];
    }
    argv[n++] = (char *)interface;
    argv[n] = NULL;
    setsid();
    serve_unblock_signals();
    cover_state();
    take_streams(dir);
    umask(022);
    write_client_file("/proc/self/oom_score_adj", "0", 0); /* only the init is protected */
    execve(path, argv, environment);
    dprintf(STDERR_FILENO, "cannot execute it: %s\n", strerror(errno));
    _exit(127);
}

/* The last line of the client's log, for the message. */
static const char *last_words(const char *dir, char *text, size_t size)
{
    char path[MOST_PATH];
    snprintf(path, sizeof path, "%.100s/log", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > (off_t)size - 1)
        lseek(fd, -(off_t)(size - 1), SEEK_END);
    ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);
    close(fd);
    for (text[n > 0 ? n : 0] = 0; n > 0 && text[n - 1] == '\n'; n--)
        text[n - 1] = 0;
    char *line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

static int fail_lease(const struct dhcp_asked *asked, const char *dir, bool ended, uint32_t seconds)
{
    char text[400], within[40] = "";
    const char *words = last_words(dir, text, sizeof text);
    if (!ended)
        snprintf(within, sizeof within, " within %u s", (unsigned)seconds);
    return failed_with(ended ? EADDRNOTAVAIL : ETIMEDOUT,
                       "get a lease for %s by DHCP: no server gave one to %s%s%s%s",
                       asked->interface, asked->client, within,
                       *words ? ", whose last word is: " : "", words);
}

int dhcp_ask(const char *interface, struct dhcp_asked *asked)
{
    char path[MOST_PATH], dir[MOST_PATH], configuration[MOST_PATH];
    const struct client *c = find_client(path);
    if (!c)
        return failed_with(ENOENT,
                           "get a lease for %s by DHCP: the root has no client (dhclient, "
                           "udhcpc or dhcpcd); install the package isc-dhcp-client, udhcpc "
                           "or dhcpcd, or name addresses in the recipe",
                           interface);
    snprintf(dir, sizeof dir, DHCP_DIR "/%s", interface);
    snprintf(configuration, sizeof configuration, "%.100s/client.conf", dir);
    if (mkdir(dir, 0700) < 0)
        return failed("make %s", dir);
    if (write_client_file(configuration, c->configuration, 0600) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0)
        exec_client(c, path, dir, interface);
    *asked = (struct dhcp_asked){interface, c->name, pid};
    return pid < 0 ? failed("start %s", c->name) : 0;
}

/* The script writes the file "lease" last of all. */
int dhcp_wait(const struct dhcp_asked *asked, int64_t until, uint32_t seconds)
{
    char dir[MOST_PATH], lease[MOST_PATH];
    snprintf(dir, sizeof dir, DHCP_DIR "/%s", asked->interface);
    snprintf(lease, sizeof lease, "%.100s/lease", dir);
    while (access(lease, F_OK) < 0) {
        bool ended = waitpid(asked->pid, NULL, WNOHANG) == asked->pid;
        if (ended && access(lease, F_OK) == 0)
            return 0;
        if (ended || clock_ms() >= until) {
            if (!ended && kill(-asked->pid, SIGKILL) == 0)
                waitpid(asked->pid, NULL, 0);
            return fail_lease(asked, dir, ended, seconds);
        }
        clock_sleep(LOOK_AGAIN_MS);
    }
    return 0;
}
