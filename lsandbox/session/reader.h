/*
 * Reading a program's output in the pieces that file:read asks for. Bytes that were looked at and
 * not taken stay here, so that a read that was given up loses nothing.
 */
#ifndef LSANDBOX_SESSION_READER_H
#define LSANDBOX_SESSION_READER_H

#include <glib.h>

#include "session/program.h"
#include "shared/wire.h"

typedef enum { LSB_READ_ALL, LSB_READ_LINE, LSB_READ_COUNT, LSB_READ_NUMERAL } LsbReadKind;

typedef struct {
    LsbReadKind kind;
    gsize count; /* LSB_READ_COUNT: bytes; 0: only whether there are any */
} LsbReadFormat;

typedef struct {
    LsbProgram *program; /* borrowed */
    enum wire_stream stream;
    GByteArray *bytes;
    gsize start;   /* the first byte that was not taken */
    gsize scanned; /* bytes behind it that hold no newline */
} LsbReader;

/* R reads STREAM of PROGRAM, which must outlive it. Clear it once it is not needed. */
void lsb_reader_init(LsbReader *r, LsbProgram *program, enum wire_stream stream);
void lsb_reader_clear(LsbReader *r);

/*
 * Whether FORMAT can be had now: enough is here, or the stream is at its end; or it never can,
 * because there is more of it than 1 GiB. White space before a numeral may be gone after this.
 */
gboolean lsb_reader_ready(LsbReader *r, const LsbReadFormat *format);
gboolean lsb_reader_too_much(LsbReader *r, const LsbReadFormat *format);

/*
 * Once ready: the bytes of it, valid until the next call; FALSE at the end of the stream, where
 * there is nothing (LSB_READ_ALL is never FALSE). A line comes with its newline, where it has one.
 * A numeral is what Lua's file:read("n") would try to convert, ended by a NUL, "" when it is too
 * long for one.
 */
gboolean lsb_reader_take(LsbReader *r, const LsbReadFormat *format, const char **data, gsize *len);

#endif
