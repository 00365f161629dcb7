/*
 * Terminals of programs: a pseudoterminal each, whose master is the init's (pty(7)).
 */
#ifndef LSANDBOX_INIT_TERMINAL_H
#define LSANDBOX_INIT_TERMINAL_H

#include "request.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Open a pair in PTS, a descriptor of /dev/pts: the master does not block, the slave belongs to the
 * program's user and has its size. -1 and errno, with neither open.
 */
int terminal_open(int pts, const struct request *q, int *master, int *slave);

int terminal_resize(int master, uint32_t rows, uint32_t cols);

/* In the child, a session leader whose standard streams are the terminal: make it the controlling
 * one. */
int terminal_control(void);

/*
 * Whether there is output to read, now. Unlike FIONREAD, poll(2) waits for what the kernel still
 * moves from the slave to the master in the background.
 */
bool terminal_has_output(int master);

/*
 * What to type so that a reader of the terminal sees the end of its input: 0, 1 or 2 characters.
 * LAST: the one typed before. In the middle of a line the first only hands the line over. Nothing
 * where the terminal does not read lines.
 */
size_t terminal_end_of_file(int master, unsigned char last, unsigned char out[2]);

#endif
