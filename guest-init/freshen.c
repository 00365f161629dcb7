#define _GNU_SOURCE
#include "freshen.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { BILLION = 1000000000, MAX_SEED = 512 };

void freshen_clock(const struct plan *plan)
{
    struct timespec t = {(time_t)(plan->time / BILLION), (long)(plan->time % BILLION)};
    if (plan->time && clock_settime(CLOCK_REALTIME, &t) < 0)
        say("set the clock: %s", strerror(errno));
}

/*
 * random(4): the bytes are counted as entropy, and the second call makes the generator take them
 * now.
 */
void freshen_random(const struct plan *plan)
{
    struct {
        struct rand_pool_info info;
        uint8_t bytes[MAX_SEED];
    } pool = {0};
    size_t length = plan->seed_length < MAX_SEED ? plan->seed_length : MAX_SEED;
    if (length == 0)
        return;
    pool.info.entropy_count = (int)length * 8;
    pool.info.buf_size = (int)length;
    memcpy(pool.bytes, plan->seed, length);
    int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool) < 0 || ioctl(fd, RNDRESEEDCRNG, 0) < 0)
        say("seed the random numbers: %s", strerror(errno));
    close(fd);
}

int freshen_now(const struct wire_frame *message)
{
    struct wire_reader r = {.at = message->payload, .end = message->payload + message->length};
    struct plan fresh = {.time = wire_get_u64(&r)};
    fresh.seed = wire_get_data(&r, &fresh.seed_length);
    if (r.failed || r.at != r.end)
        return -1;
    freshen_clock(&fresh);
    freshen_random(&fresh);
    return 0;
}
