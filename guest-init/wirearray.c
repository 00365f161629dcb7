/* Reads arrays of fields. */
#include "wirearray.h"

#include <stdlib.h>

void *wire_array(struct wire_reader *r, uint32_t *count, size_t smallest, size_t size)
{
    uint32_t n = wire_get_u32(r);
    *count = 0;
    if (r->failed || n > (size_t)(r->end - r->at) / smallest) {
        r->failed = true;
        return NULL;
    }
    void *array = calloc((size_t)n + 1, size);
    if (array)
        *count = n;
    else
        r->failed = true;
    return array;
}
