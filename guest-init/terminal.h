/* The terminals of programs: pseudoterminals, whose masters the guest init holds (pty(7)). */
#ifndef LSANDBOX_INIT_TERMINAL_H
#define LSANDBOX_INIT_TERMINAL_H

#include "request.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Open a pair in PTS, a descriptor of /dev/pts. The master does not block; the slave belongs to the
 * user of Q and has the size that Q asks for. -1 and errno, with neither open.
 */
int terminal_open(int pts, const struct request *q, int *master, int *slave);

/* Set the size. -1 and errno. */
int terminal_resize(int master, uint32_t rows, uint32_t cols);

/*
 * In the child, a session leader whose standard streams are the terminal: make it the controlling
 * terminal. -1 and errno.
 */
int terminal_control(void);

/*
 * Whether there is output to read now. Calls poll(2), which unlike FIONREAD waits for output that
 * the kernel still moves from the slave to the master in the background.
 */
bool terminal_has_output(int master);

/*
 * The 0, 1 or 2 characters to type so that a reader of the terminal sees the end of its input. LAST
 * is the character that was typed before: in the middle of a line the first end-of-file character
 * only hands the line over. None where the terminal does not read lines.
 */
size_t terminal_end_of_file(int master, unsigned char last, unsigned char out[2]);

#endif
