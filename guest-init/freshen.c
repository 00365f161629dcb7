/* Gives a machine the host's time and a new seed for its random numbers. */
#define _GNU_SOURCE
#include "freshen.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { BILLION = 1000000000, MILLION = 1000000, MAX_SEED = 512 };

/* --- random numbers --- */

/*
 * The pool has 256 bits in kernels with the generator of 5.18, and 4096 in older ones (random(4)).
 */
bool freshen_is_renewable(void)
{
    enum { BITS_OF_RENEWABLE = 256 };
    char text[32] = "";
    int fd = open("/proc/sys/kernel/random/poolsize", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof text - 1) < 0)
        text[0] = 0;
    close(fd);
    return atoi(text) == BITS_OF_RENEWABLE;
}

/*
 * The first ioctl adds the bytes and counts them as entropy, and the second makes the generator
 * take them now (random(4)). That begins a new generation, at which each processor throws away its
 * own key and the numbers it has drawn in advance, such as those for the layout of the next
 * program's memory.
 */
int freshen_random(const uint8_t *seed, size_t length)
{
    struct {
        struct rand_pool_info info;
        uint8_t bytes[MAX_SEED];
    } pool = {0};
    if (length == 0)
        return 0;
    if (length > MAX_SEED)
        length = MAX_SEED;
    pool.info.entropy_count = (int)length * 8;
    pool.info.buf_size = (int)length;
    memcpy(pool.bytes, seed, length);
    int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
    int result = fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) < 0 || ioctl(fd, RNDRESEEDCRNG, 0) < 0
                     ? failed("seed the random numbers")
                     : 0;
    close(fd);
    return result < 0 && freshen_is_renewable() ? -1 : 0;
}

/* --- the clock --- */

/*
 * A reading that took no longer is good enough: the clock is off by half of that at most. Without
 * KVM the first reading takes up to 100 ms, because QEMU translates the code that it runs through,
 * and the next ones 1 ms; the host may be busy, too.
 */
enum { GOOD_ENOUGH = 6 * MILLION, MOST_READINGS = 8, FAR_BEHIND = 100 * MILLION };
_Static_assert((int)MOST_READINGS <= (int)WIRE_MOST_TIMES, "more than the host answers");

static void set_realtime(int64_t now)
{
    struct timespec t = {(time_t)(now / BILLION), (long)(now % BILLION)};
    if (clock_settime(CLOCK_REALTIME, &t) < 0)
        say("set the clock: %s", strerror(errno));
}

/*
 * The clock of a machine that was stopped is behind by that time. A program that is started next
 * must not see that, so the host's time is taken at once, late as it is by its way. A clock that is
 * less behind waits for the answer to TIME, which is exact.
 */
static void catch_up(int64_t host)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    if (host - (t.tv_sec * BILLION + t.tv_nsec) > FAR_BEHIND)
        set_realtime(host);
}

int freshen_begin(const struct wire_frame *message)
{
    struct wire_reader r = {.at = message->payload, .end = message->payload + message->length};
    size_t length;
    const uint8_t *seed = wire_get_data(&r, &length);
    int64_t host = (int64_t)wire_get_u64(&r);
    if (r.failed || r.at != r.end)
        return -1;
    catch_up(host);
    return freshen_random(seed, length);
}

static void send_question(struct relay *r, struct clock_question *q)
{
    q->asked = clock_ns();
    relay_send(r, WIRE_TIME, 0, NULL, 0);
}

void freshen_ask(struct relay *r, struct clock_question *q)
{
    *q = (struct clock_question){.is_open = true};
    send_question(r, q);
}

/* 0, or -1 when the answer is none. */
static int read_answer(struct clock_question *q, const struct wire_frame *f)
{
    struct wire_reader in = {.at = f->payload, .end = f->payload + f->length};
    int64_t host = (int64_t)wire_get_u64(&in), took = clock_ns() - q->asked;
    if (in.failed || in.at != in.end || f->id != 0)
        return failed_with(EPROTO, "ask the time: a bad answer");
    if (q->readings++ == 0 || took < q->best.took)
        q->best = (struct clock_reading){host, q->asked + took / 2, took};
    return 0;
}

static void set_clock(const struct clock_reading *reading)
{
    set_realtime(reading->host + (clock_ns() - reading->here));
}

int freshen_answer(struct relay *r, struct clock_question *q, const struct wire_frame *f)
{
    if (!q->is_open)
        return failed_with(EPROTO, "the time came without a question");
    if (read_answer(q, f) < 0)
        return -1;
    if (q->best.took > GOOD_ENOUGH && q->readings < MOST_READINGS) {
        send_question(r, q);
        return 0;
    }
    q->is_open = false;
    set_clock(&q->best);
    return 1;
}

int freshen_clock(struct relay *r)
{
    struct clock_question q;
    struct wire_frame f;
    int done = 0;
    freshen_ask(r, &q);
    while (done == 0) {
        int got = relay_await(r, &f);
        if (got == 0)
            return failed_with(EPIPE, "ask the time: the host is gone");
        if (got < 0 || f.type != WIRE_TIME)
            return failed_with(EPROTO, "ask the time: something else came");
        done = freshen_answer(r, &q, &f);
    }
    return done < 0 ? -1 : 0;
}
