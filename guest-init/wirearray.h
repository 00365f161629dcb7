/* Arrays in payloads of the relay: "n times" in wire.h. */
#ifndef LSANDBOX_INIT_WIREARRAY_H
#define LSANDBOX_INIT_WIREARRAY_H

#include "shared/wire.h"

/*
 * Read a count, and return a zeroed array of so many elements of SIZE bytes and one more. Each
 * element takes at least SMALLEST bytes on the wire, so a count that the message cannot hold is
 * refused before memory is allocated. On failure NULL, *COUNT is 0, and the reader has failed.
 */
void *wire_array(struct wire_reader *r, uint32_t *count, size_t smallest, size_t size);

#endif
