/* The guest of a fake domain: a process of the host that answers the relay. */
#include "fake_domain.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "greet.h"
#include "filter.h"
#include "identity.h"
#include "log.h"
#include "marks.h"
#include "relay.h"
#include "serve.h"
#include "shutdown.h"

enum { RELAY = 3, HIGHEST_INHERITED = 1024, LOOK_AGAIN_US = 1000 };

/*
 * A guest init has a root that is whole; this one has only what the user who tests has. Where that
 * is not root, programs run as that user.
 */
int __real_identity_take_on(const struct request *q);
int __wrap_identity_take_on(const struct request *q);

int __wrap_identity_take_on(const struct request *q)
{
    return geteuid() == 0 ? __real_identity_take_on(q) : 0;
}

int __real_filter_install(const struct request *q);
int __wrap_filter_install(const struct request *q);

int __wrap_filter_install(const struct request *q)
{
    return geteuid() == 0 ? __real_filter_install(q) : 0;
}

/* Its clock and its random numbers are the host's own, which a test must not change. */
int __wrap_freshen_begin(const struct wire_frame *message);

int __wrap_freshen_begin(const struct wire_frame *message)
{
    return message->length ? 0 : -1;
}

int __wrap_clock_settime(clockid_t clock, const struct timespec *now);

int __wrap_clock_settime(clockid_t clock, const struct timespec *now)
{
    (void)clock, (void)now;
    return 0;
}

static void kill_children(void)
{
    char path[64], pids[4096];
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = read(fd, pids, sizeof pids - 1);
    close(fd);
    pids[n > 0 ? n : 0] = 0;
    char *save, *pid = strtok_r(pids, " ", &save);
    for (; pid; pid = strtok_r(NULL, " ", &save))
        kill((pid_t)atoi(pid), SIGKILL);
}

/* We are the subreaper: whoever of a program's children outlives it becomes ours. */
static void end_all(void)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 || errno == EINTR) {
        kill_children();
        if (pid == 0)
            usleep(LOOK_AGAIN_US);
    }
}

static int serve_host(struct relay *r)
{
    struct plan plan;
    struct wire_buf b = {0};
    if (greet_host(r, false) < 0 || greet_plan(r, &plan) < 0)
        return -1;
    wire_put_str(&b, "fake");
    mark(WIRE_MARK_LEASE);
    marks_put(&b);
    relay_send_fields(r, WIRE_READY, 0, &b);
    return serve(r, true);
}

static void take_relay(int fd)
{
    if (fd != RELAY)
        dup2(fd, RELAY);
    for (int i = RELAY + 1; i < HIGHEST_INHERITED; i++)
        close(i); /* one by one: close_range() would take valgrind's own */
}

_Noreturn void fake_guest_run(int fd)
{
    struct relay relay;
    prctl(PR_SET_NAME, "fake-guest");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    take_relay(fd);
    umask(0);
    mark(WIRE_MARK_INIT);
    serve_block_signals();
    child_remember_limits();
    if (relay_init(&relay, RELAY) < 0)
        _exit(1);
    int result = serve_host(&relay);
    end_all();
    if (result == 0)
        shutdown_say_bye(&relay);
    _exit(0);
}
