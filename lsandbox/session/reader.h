/*
 * Reading a program's output in the pieces that Lua's file:read asks for. Bytes that were looked at
 * but not taken stay in the reader, so a read that is given up loses nothing.
 */
#ifndef LSANDBOX_SESSION_READER_H
#define LSANDBOX_SESSION_READER_H

#include <glib.h>

#include "session/program.h"
#include "shared/wire.h"

typedef enum { LSB_READ_ALL, LSB_READ_LINE, LSB_READ_COUNT, LSB_READ_NUMERAL } LsbReadKind;

typedef struct {
    LsbReadKind kind;
    gsize count; /* LSB_READ_COUNT: bytes; 0 only tests for the end of the stream */
} LsbReadFormat;

typedef struct {
    LsbProgram *program; /* borrowed */
    enum wire_stream stream;
    GByteArray *bytes;
    gsize most;    /* bytes that it holds, because a guest may send for ever */
    gsize start;   /* the first byte that was not taken */
    gsize scanned; /* bytes from there that hold no newline */
} LsbReader;

/* R reads STREAM of PROGRAM, which must outlive R. The caller clears R. */
void lsb_reader_init(LsbReader *r, LsbProgram *program, enum wire_stream stream);
void lsb_reader_clear(LsbReader *r);

/*
 * Whether lsb_reader_take() can answer FORMAT now: enough bytes have come, the stream is at its
 * end, or FORMAT asks for more than the program's max_output, as lsb_reader_too_much() says: then
 * what has come can be read by other formats. White space before a numeral may be gone after this.
 */
gboolean lsb_reader_ready(LsbReader *r, const LsbReadFormat *format);
gboolean lsb_reader_too_much(LsbReader *r, const LsbReadFormat *format);

/*
 * Once ready: the bytes that FORMAT asks for, borrowed until the next call. FALSE at the end of the
 * stream, where there are none (LSB_READ_ALL is never FALSE). A line comes with its newline, where
 * it has one. A numeral is the text that Lua's file:read("n") would try to convert, with a NUL
 * behind it; "" when it is too long for Lua.
 */
gboolean lsb_reader_take(LsbReader *r, const LsbReadFormat *format, const char **data, gsize *len);

#endif
