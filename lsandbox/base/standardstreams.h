/* Descriptors 0, 1 and 2 of the host program. */
#ifndef LSANDBOX_BASE_STANDARDSTREAMS_H
#define LSANDBOX_BASE_STANDARDSTREAMS_H

/*
 * Put /dev/null where stdin, stdout or stderr is closed. Otherwise the next descriptor that
 * anything in this process opens gets that number, and a program that inherits the stream reads or
 * writes the host's descriptor. A read from this stdin and a write to this stdout or stderr fail
 * with EBADF, as on a closed descriptor.
 */
void lsb_standard_streams_hold(void);

#endif
