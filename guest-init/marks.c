/* The times at which the guest init reached the steps of a start. */
#include "marks.h"

#include "clock.h"

/* Indexed by enum wire_mark; 0: not reached. */
static uint64_t marks[WIRE_MARK_END];

void mark(enum wire_mark step)
{
    marks[step] = (uint64_t)clock_ns();
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
    wire_put_u64(b, (uint64_t)clock_ns());
}
