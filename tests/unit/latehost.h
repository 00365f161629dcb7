/*
 * A host that can be late, and its guest: guest-init's own server (tests/embed/fake_guest.c) in a
 * child. The test says each frame, and hears each when it wants to.
 */
#ifndef LSANDBOX_TEST_LATEHOST_H
#define LSANDBOX_TEST_LATEHOST_H

#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shared/wire.h"

_Noreturn void fake_guest_run(int fd);

enum { PROGRAM = 7, PATIENCE_MS = 10000 };

/* --- the host's side --- */

typedef struct {
    int fd;
    pid_t pid;
    GByteArray *in;
    gsize parsed;
    guint32 credit; /* of PROGRAM's stdin */
    guint32 probes;
    gboolean hung_up;
    gboolean over[3]; /* PROGRAM's streams: the guest has said CLOSE or EOF */
} Guest;

static inline void tell_piece(Guest *g, enum wire_type type, guint8 flags, guint32 id,
                              const void *payload, gsize len)
{
    guint8 header[WIRE_HEADER];
    wire_header(header, type, flags, id, (guint32)len);
    g_assert_cmpint(send(g->fd, header, sizeof header, MSG_NOSIGNAL), ==, sizeof header);
    for (gsize done = 0; done < len;) {
        ssize_t n = send(g->fd, (const guint8 *)payload + done, len - done, MSG_NOSIGNAL);
        g_assert_cmpint(n, >, 0);
        done += (gsize)n;
    }
}

static inline void tell(Guest *g, enum wire_type type, guint32 id, const void *payload, gsize len)
{
    tell_piece(g, type, 0, id, payload, len);
}

static inline void tell_fields(Guest *g, enum wire_type type, guint32 id, struct wire_buf *b)
{
    g_assert_false(b->failed);
    tell(g, type, id, b->data, b->len);
    wire_buf_clear(b);
}

static inline void tell_u32(Guest *g, enum wire_type type, guint32 id, guint32 value)
{
    struct wire_buf b = {0};
    wire_put_u32(&b, value);
    tell_fields(g, type, id, &b);
}

/* The next frame of the guest; FALSE: the guest has hung up, or says nothing for long. */
static inline gboolean hear(Guest *g, struct wire_frame *frame)
{
    for (;;) {
        long size = wire_parse(g->in->data + g->parsed, g->in->len - g->parsed, frame);
        g_assert_cmpint(size, >=, 0);
        g->parsed += (gsize)size;
        if (size > 0)
            return TRUE;
        guint8 bytes[64 * KiB];
        struct pollfd p = {.fd = g->fd, .events = POLLIN};
        ssize_t n = poll(&p, 1, PATIENCE_MS) == 1 ? read(g->fd, bytes, sizeof bytes) : -1;
        g->hung_up = n == 0;
        if (n <= 0)
            return FALSE;
        g_byte_array_append(g->in, bytes, (guint)n);
    }
}

static inline void note(Guest *g, const struct wire_frame *f)
{
    struct wire_reader r = {f->payload, f->payload + f->length, false};
    if ((f->type == WIRE_CLOSE || f->type == WIRE_EOF) && wire_program_of(f->id) == PROGRAM)
        g->over[wire_stream_of(f->id)] = TRUE;
    if (f->type == WIRE_CREDIT && f->id == wire_stream_id(PROGRAM, WIRE_STDIN))
        g->credit += wire_get_u32(&r);
}

/* FALSE: the guest has ended before it has said that. */
static inline gboolean hear_until(Guest *g, enum wire_type type, guint32 id)
{
    struct wire_frame f;
    while (hear(g, &f)) {
        note(g, &f);
        if (f.type == type && f.id == id)
            return TRUE;
    }
    return FALSE;
}

/* With nothing to carry out; guest-init/plan.c reads it. */
static inline void tell_plan(Guest *g)
{
    enum { STRINGS = 4 };
    struct wire_buf b = {0};
    wire_put_u32(&b, WIRE_PLAN_MACHINE);
    for (int i = 0; i < STRINGS; i++) /* names of the host and its domain, time zone, root */
        wire_put_str(&b, i == STRINGS - 1 ? "/" : "");
    wire_put_u64(&b, 0); /* overlay */
    wire_put_u64(&b, 0); /* shm */
    for (int i = 0; i < 4; i++) /* pids, mounts, interfaces, seconds for leases */
        wire_put_u32(&b, 0);
    wire_put_str(&b, ""); /* file system of the root */
    wire_put_u32(&b, 0);  /* disks */
    wire_put_str(&b, ""); /* disk of the overlay */
    wire_put_data(&b, NULL, 0);
    tell_fields(g, WIRE_PLAN, 0, &b);
}

static inline void guest_start(Guest *g)
{
    int ends[2];
    *g = (Guest){.in = g_byte_array_new(), .credit = WIRE_WINDOW};
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    g->fd = ends[0];
    g->pid = fork();
    g_assert_cmpint(g->pid, >=, 0);
    if (g->pid == 0) {
        close(ends[0]);
        fake_guest_run(ends[1]);
    }
    close(ends[1]);
    g_assert_true(hear_until(g, WIRE_HELLO, 0));
    tell_u32(g, WIRE_HELLO, 0, WIRE_VERSION);
    tell_plan(g);
    g_assert_true(hear_until(g, WIRE_READY, 0));
}

static inline void guest_end(Guest *g)
{
    close(g->fd);
    g_assert_cmpint(waitpid(g->pid, NULL, 0), ==, g->pid);
    g_byte_array_unref(g->in);
}

/* --- programs --- */

static inline void put_list(struct wire_buf *b, const char *const *list)
{
    guint32 n = 0;
    while (list[n])
        n++;
    wire_put_u32(b, n);
    for (guint32 i = 0; i < n; i++)
        wire_put_data(b, list[i], strlen(list[i]));
}

/* SPAWN, in pieces where it is long. */
static inline void spawn_list(Guest *g, guint32 id, const char *const *argv, guint32 flags,
                              const char *path)
{
    enum { ROWS = 24, COLS = 80, UMASK = 022 };
    const char *const env[] = {path, NULL};
    struct wire_buf b = {0};
    put_list(&b, argv);
    put_list(&b, env);
    wire_put_str(&b, "/");
    wire_put_u32(&b, geteuid());
    wire_put_u32(&b, getegid());
    wire_put_u32(&b, 0); /* groups */
    wire_put_u32(&b, UMASK);
    wire_put_u32(&b, flags);
    wire_put_u64(&b, 0); /* capabilities */
    wire_put_u32(&b, 0); /* limits */
    wire_put_u32(&b, ROWS);
    wire_put_u32(&b, COLS);
    wire_put_data(&b, NULL, 0);
    g_assert_false(b.failed);
    const guint8 *at = b.data;
    gsize left = b.len;
    for (; left > WIRE_MAX_PAYLOAD; at += WIRE_MAX_PAYLOAD, left -= WIRE_MAX_PAYLOAD)
        tell_piece(g, WIRE_SPAWN, WIRE_MORE, id, at, WIRE_MAX_PAYLOAD);
    tell(g, WIRE_SPAWN, id, at, left);
    wire_buf_clear(&b);
}

static inline void spawn_with(Guest *g, guint32 id, const char *program, guint32 flags,
                              const char *path)
{
    const char *const argv[] = {program, NULL};
    spawn_list(g, id, argv, flags, path);
}

static inline void spawn(Guest *g, guint32 id, const char *script, guint32 flags)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    spawn_list(g, id, argv, flags, "PATH=/bin:/usr/bin");
}

/* Whether the guest still runs programs. */
static inline gboolean lives(Guest *g)
{
    guint32 id = PROGRAM + ++g->probes;
    spawn(g, id, "exit 0", WIRE_SPAWN_NULL_STDIN | WIRE_SPAWN_NULL_STDOUT | WIRE_SPAWN_NULL_STDERR);
    return hear_until(g, WIRE_EXIT, id);
}

/* Bytes to its stdin, as many as the guest has given credit for. FALSE: it has ended. */
static inline gboolean feed(Guest *g, gsize len)
{
    static const guint8 zeros[WIRE_MAX_PAYLOAD];
    while (len > 0) {
        while (g->credit == 0)
            if (!hear_until(g, WIRE_CREDIT, wire_stream_id(PROGRAM, WIRE_STDIN)))
                return FALSE;
        gsize n = MIN(MIN(len, g->credit), sizeof zeros);
        tell(g, WIRE_DATA, wire_stream_id(PROGRAM, WIRE_STDIN), zeros, n);
        g->credit -= (guint32)n;
        len -= n;
    }
    return TRUE;
}

#endif
