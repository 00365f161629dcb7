/* A hostile guest init for a container: it greets like the real one, and answers the first request
 * with a wrong frame, whose header is the macro HEADER of its compilation. */
#include <stdint.h>
#include <unistd.h>

#include "shared/wire.h"

enum { RELAY = 3 };

static int get(uint8_t *to, uint32_t n)
{
    while (n > 0) {
        ssize_t got = read(RELAY, to, n);
        if (got <= 0)
            return 0;
        to += got;
        n -= (uint32_t)got;
    }
    return 1;
}

static void put(const void *data, size_t n)
{
    if (write(RELAY, data, n) < 0)
        _exit(1);
}

int main(void)
{
    static const uint8_t hello[] = {WIRE_HELLO,   0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0,
                                    WIRE_VERSION, 0, 0, 0};
    static const uint8_t ready[WIRE_HEADER + 17] = {WIRE_READY, 0, 0, 0, 0, 0, 0, 0,  17,
                                                    0,          0, 0, 1, 0, 0, 0, 'x'};
    static const uint8_t answer[WIRE_HEADER] = {HEADER};
    static uint8_t frame[WIRE_HEADER + 64 * 1024];
    put(hello, sizeof hello);
    for (int greeted = 0; get(frame, WIRE_HEADER); greeted = 1) {
        uint32_t length = frame[8] | (uint32_t)frame[9] << 8 | (uint32_t)frame[10] << 16;
        if (length > sizeof frame - WIRE_HEADER || !get(frame + WIRE_HEADER, length))
            return 1;
        if (!greeted)
            put(ready, sizeof ready);
        if (frame[0] == WIRE_SPAWN)
            put(answer, sizeof answer);
    }
    return 0;
}
