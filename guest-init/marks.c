/* The times at which the guest init reached the steps of a start. */
#include "marks.h"

#include <time.h>

/* Indexed by enum wire_mark; 0: not reached. */
static uint64_t marks[WIRE_MARK_END];

/* On a machine the time begins at 0 when its kernel begins to keep time, early in its start. */
static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void mark(enum wire_mark step)
{
    marks[step] = now();
}

int reached(enum wire_mark step, int result)
{
    if (result >= 0)
        mark(step);
    return result;
}

void marks_put(struct wire_buf *b)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < WIRE_MARK_END; i++)
        n += marks[i] != 0;
    wire_put_u32(b, n);
    for (uint32_t i = 0; i < WIRE_MARK_END; i++)
        if (marks[i]) {
            wire_put_u32(b, i);
            wire_put_u64(b, marks[i]);
        }
    wire_put_u64(b, now());
}
