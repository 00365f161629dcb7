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
 * One reading of the host's clock, in nanoseconds. HOST is what the host said, HERE when that was
 * by CLOCK_MONOTONIC, give or take half of what the answer TOOK.
 */
struct reading {
    int64_t host, here, took;
};

/*
 * A reading that took no longer is good enough: the clock is off by half of that at most. Without
 * KVM the first reading takes up to 100 ms, because QEMU translates the code that it runs through,
 * and the next ones 1 ms; the host may be busy, too.
 */
enum { GOOD_ENOUGH = 6 * MILLION, MOST_READINGS = 8 };
_Static_assert((int)MOST_READINGS <= (int)WIRE_MOST_TIMES, "more than the host answers");

static int receive_time(struct relay *r, int64_t *host)
{
    struct wire_frame f;
    int got = relay_await(r, &f);
    struct wire_reader in = {.at = f.payload, .end = f.payload + (got > 0 ? f.length : 0)};
    if (got == 0)
        return failed_with(EPIPE, "ask the time: the host is gone");
    *host = (int64_t)wire_get_u64(&in);
    if (got < 0 || f.type != WIRE_TIME || f.id != 0 || in.failed)
        return failed_with(EPROTO, "ask the time: something else came");
    return 0;
}

static int read_host(struct relay *r, struct reading *reading)
{
    int64_t asked = clock_ns();
    relay_send(r, WIRE_TIME, 0, NULL, 0);
    if (receive_time(r, &reading->host) < 0)
        return -1;
    reading->took = clock_ns() - asked;
    reading->here = asked + reading->took / 2;
    return 0;
}

static void set_clock(const struct reading *reading)
{
    int64_t now = reading->host + (clock_ns() - reading->here);
    struct timespec t = {(time_t)(now / BILLION), (long)(now % BILLION)};
    if (clock_settime(CLOCK_REALTIME, &t) < 0)
        say("set the clock: %s", strerror(errno));
}

int freshen_clock(struct relay *r)
{
    struct reading best, next;
    if (read_host(r, &best) < 0)
        return -1;
    for (int n = 1; n < MOST_READINGS && best.took > GOOD_ENOUGH; n++) {
        if (read_host(r, &next) < 0)
            return -1;
        if (next.took < best.took)
            best = next;
    }
    set_clock(&best);
    return 0;
}

int freshen_now(struct relay *relay, const struct wire_frame *message)
{
    struct wire_reader r = {.at = message->payload, .end = message->payload + message->length};
    size_t length;
    const uint8_t *seed = wire_get_data(&r, &length);
    if (r.failed || r.at != r.end)
        return -1;
    return freshen_random(seed, length) < 0 ? -1 : freshen_clock(relay);
}
