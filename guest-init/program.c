/* The programs, each from SPAWN to the last frame about it. */
#define _GNU_SOURCE
#include "program.h"

#include "detach.h"
#include "log.h"
#include "request.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

struct program *program_find(struct server *s, uint32_t id)
{
    struct program *p = s->programs;
    while (p && p->id != id)
        p = p->next;
    return p;
}

/* --- starting --- */

/* The pipes of a program that is about to start: [stream][0] reads, [stream][1] writes. */
struct pipes {
    int stream[3][2];
    int report[2];
    int slave; /* of a terminal, whose master then is the init's end of stdin and stdout */
};

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pipes(struct pipes *p)
{
    for (int i = 0; i < 3; i++) {
        close_end(&p->stream[i][0]);
        close_end(&p->stream[i][1]);
    }
    close_end(&p->report[0]);
    close_end(&p->report[1]);
    close_end(&p->slave);
}

static bool wants_null(const struct request *q, int stream)
{
    return q->flags & (uint32_t)(WIRE_SPAWN_NULL_STDIN << stream);
}

static bool has_tty(const struct request *q)
{
    return q->flags & WIRE_SPAWN_TTY;
}

/* Whether there are frames for the stream. */
static bool has_stream(const struct request *q, int stream)
{
    if (has_tty(q) && stream != WIRE_STDIN)
        return stream == WIRE_STDOUT;
    return !wants_null(q, stream);
}

static int make_terminal(struct server *s, struct pipes *p, const struct request *q)
{
    int *in = &p->stream[WIRE_STDIN][1], *out = &p->stream[WIRE_STDOUT][0];
    if (terminal_open(s->pts, q, out, &p->slave) < 0)
        return -1;
    if (has_stream(q, WIRE_STDIN))
        *in = fcntl(*out, F_DUPFD_CLOEXEC, 0);
    return has_stream(q, WIRE_STDIN) && *in < 0 ? -1 : 0;
}

static int make_pipes(struct server *s, struct pipes *p, const struct request *q)
{
    memset(p, -1, sizeof *p); /* every descriptor -1 */
    int result = pipe2(p->report, O_CLOEXEC);
    if (has_tty(q))
        return result < 0 ? -1 : make_terminal(s, p, q);
    for (int i = 0; i < 3 && result == 0; i++)
        if (has_stream(q, i))
            result = pipe2(p->stream[i], O_CLOEXEC);
    return result;
}

static _Noreturn void in_child(struct server *s, const struct request *q, const struct pipes *p)
{
    int stdio[3];
    for (int i = 0; i < 3; i++) {
        int fd = has_tty(q) ? p->slave : p->stream[i][i == WIRE_STDIN ? 0 : 1];
        stdio[i] = fd < 0 ? s->null : fd;
    }
    for (struct program *other = s->programs; other; other = other->next)
        close_end(&other->slave); /* or its terminal stays open until this child's exec */
    child_run(q, stdio, p->report[1], s->locks_mounts);
}

static void report_ready(struct server *s, struct watch *w, uint32_t events);

/* Take the init's ends out of PIPES; the caller closes the others. */
static void take_pipes(struct server *s, struct program *p, struct pipes *pipes)
{
    p->in.watch.fd = p->out[0].watch.fd = p->out[1].watch.fd = -1;
    p->tty = pipes->slave >= 0;
    p->slave = pipes->slave;
    if (pipes->stream[WIRE_STDIN][1] >= 0)
        input_open(s, &p->in, wire_stream_id(p->id, WIRE_STDIN), pipes->stream[WIRE_STDIN][1],
                   p->tty);
    for (int i = WIRE_STDOUT; i <= WIRE_STDERR; i++)
        if (pipes->stream[i][0] >= 0)
            output_open(&p->out[i - 1], p, wire_stream_id(p->id, (enum wire_stream)i),
                        pipes->stream[i][0], p->tty);
    p->report = (struct watch){.fd = pipes->report[0], .ready = report_ready, .owner = p};
    fcntl(p->report.fd, F_SETFL, O_NONBLOCK);
    watch_set(s->events, &p->report, EPOLLIN);
    pipes->stream[0][1] = pipes->stream[1][0] = pipes->stream[2][0] = pipes->report[0] = -1;
    pipes->slave = -1;
}

/* Where an older program had this process id, its process group is gone. */
static void add_program(struct server *s, struct program *p)
{
    for (struct program *old = s->programs; old; old = old->next)
        if (old->pid == p->pid)
            old->group_gone = true;
    p->next = s->programs;
    s->programs = p;
}

static void send_exit(struct server *s, uint32_t id, enum wire_exit how, int value, int errnum,
                      const char *text, uint32_t limits)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, how);
    wire_put_u32(&b, (uint32_t)value);
    wire_put_u32(&b, (uint32_t)errnum);
    wire_put_str(&b, text);
    wire_put_u32(&b, limits);
    relay_send_fields(s->relay, WIRE_EXIT, id, &b);
}

/* Report that no process was made; the streams end at once, too. */
static void report_not_started(struct server *s, uint32_t id, const struct request *q, int errnum)
{
    for (int i = 0; i < 3; i++)
        if (has_stream(q, i))
            relay_send(s->relay, i == WIRE_STDIN ? WIRE_CLOSE : WIRE_EOF,
                       wire_stream_id(id, (enum wire_stream)i), NULL, 0);
    send_exit(s, id, WIRE_NOT_RUN, 126, errnum,
              has_tty(q) ? "start a process with a terminal" : "start a process", 0);
}

static void start_program(struct server *s, uint32_t id, const struct request *q)
{
    struct pipes pipes;
    struct program *p = calloc(1, sizeof *p);
    struct limits_seen seen = limits_look();
    pid_t pid = make_pipes(s, &pipes, q) < 0 || !p ? -1 : limits_fork();
    if (pid == 0)
        in_child(s, q, &pipes);
    int errnum = errno;
    if (pid > 0) {
        p->id = id;
        p->pid = pid;
        p->seen = seen;
        p->cpu_limit = limits_cpu(q);
        take_pipes(s, p, &pipes);
        add_program(s, p);
    } else {
        free(p);
        report_not_started(s, id, q, errnum);
    }
    close_pipes(&pipes);
}

int program_spawn(struct server *s, const struct wire_frame *message)
{
    struct request q;
    int result = -1;
    if (message->id == 0 || message->id > WIRE_MAX_PROGRAM || program_find(s, message->id))
        return -1;
    if (request_parse(&q, message) == 0) {
        if (!s->locks_mounts && (q.capabilities || (q.flags & WIRE_SPAWN_NEW_PRIVS)))
            detach_note_mounts();
        start_program(s, message->id, &q);
        result = 0;
    }
    request_clear(&q);
    return result;
}

static void begin_streams(struct server *s, struct program *p)
{
    if (!p->not_run)
        relay_send_u32(s->relay, WIRE_STARTED, p->id, (uint32_t)p->pid);
    p->started = true;
    for (int i = 0; i < 2; i++)
        output_begin(s, &p->out[i]);
}

static void end_report(struct server *s, struct program *p, ssize_t n)
{
    p->not_run = n == sizeof p->failure;
    watch_close(s->events, &p->report);
    begin_streams(s, p);
}

/* The pipe closes without data when the program runs; a report of a failure comes in one piece. */
static void report_ready(struct server *s, struct watch *w, uint32_t events)
{
    struct program *p = w->owner;
    (void)events;
    if (w->fd < 0)
        return;
    ssize_t n = read(w->fd, &p->failure, sizeof p->failure);
    if (n >= 0 || (errno != EAGAIN && errno != EINTR))
        end_report(s, p, n);
}

/*
 * The child has ended, so it has written its report or never will. Do not wait for the pipe to
 * close, because another process may have opened it by /proc/PID/fd: P is freed before that.
 */
static void report_over(struct server *s, struct program *p)
{
    end_report(s, p, read(p->report.fd, &p->failure, sizeof p->failure));
}

/* --- ending --- */

static void send_result(struct server *s, struct program *p)
{
    if (p->not_run)
        send_exit(s, p->id, WIRE_NOT_RUN, p->failure.status, p->failure.errnum, p->failure.text,
                  p->limits);
    else if (WIFSIGNALED(p->status))
        send_exit(s, p->id, WIRE_SIGNALED, WTERMSIG(p->status), 0, "", p->limits);
    else
        send_exit(s, p->id, WIRE_EXITED, WEXITSTATUS(p->status), 0, "", p->limits);
}

void program_progress(struct server *s, struct program *p)
{
    if (!p->ended || p->reported || p->out[0].owed || p->out[1].owed)
        return;
    for (int i = 0; i < 2; i++)
        output_look_for_end(s, &p->out[i]); /* say EOF before EXIT where possible */
    send_result(s, p);
    p->reported = true;
    input_program_ended(s, &p->in);
}

static void note_end(struct server *s, struct program *p, int status, const struct rusage *used)
{
    p->ended = true;
    p->status = status;
    p->limits = limits_met(&p->seen, p->cpu_limit, status, used);
    if (!p->started)
        report_over(s, p);
    close_end(&p->slave);
    for (int i = 0; i < 2; i++)
        output_count_owed(&p->out[i]);
    program_progress(s, p);
}

static struct program *find_running(struct server *s, pid_t pid)
{
    struct program *p = s->programs;
    while (p && (p->pid != pid || p->ended))
        p = p->next;
    return p;
}

/*
 * The kernel gives no process the id of a group that has members. So a program's group may be
 * signalled after its leader has ended, until the group is found empty.
 */
static void look_for_empty_groups(struct server *s)
{
    for (struct program *p = s->programs; p; p = p->next)
        if (p->ended && !p->group_gone)
            p->group_gone = kill(-p->pid, 0) < 0 && errno == ESRCH;
}

void program_reap_all(struct server *s)
{
    int status;
    pid_t pid;
    struct rusage used;
    while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0) {
        struct program *p = find_running(s, pid);
        if (p)
            note_end(s, p, status, &used);
    }
    look_for_empty_groups(s);
}

/* Right after fork there is no group yet: then signal the process, which unblocks signals later. */
void program_signal(struct program *p, int signal)
{
    if (p->group_gone)
        return;
    if (kill(-p->pid, signal) < 0 && errno == ESRCH && !p->ended)
        kill(p->pid, signal);
}

int program_resize(struct program *p, uint32_t rows, uint32_t cols)
{
    if (p->tty && p->out[0].watch.fd >= 0)
        terminal_resize(p->out[0].watch.fd, rows, cols);
    return p->tty ? 0 : -1;
}

/* With the last descriptor of a terminal's master closed, the kernel hangs up (SIGHUP). */
void program_close_output(struct server *s, struct output *out)
{
    struct program *p = out->program;
    if (out->watch.fd < 0)
        return;
    output_close(s, out);
    if (p->tty) {
        input_close(s, &p->in);
        close_end(&p->slave);
    }
    program_progress(s, p);
}

/* --- forgetting --- */

static bool is_finished(const struct program *p)
{
    return p->reported && p->in.watch.fd < 0 && p->out[0].watch.fd < 0 && p->out[1].watch.fd < 0;
}

void program_forget_done(struct server *s)
{
    for (struct program **at = &s->programs; *at;) {
        struct program *p = *at;
        if (is_finished(p)) {
            *at = p->next;
            free(p);
        } else {
            at = &p->next;
        }
    }
}
