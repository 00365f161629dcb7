/*
 * The rate of the host's time stamp counter, which an emulated guest reads as its own (QEMU's
 * cpu_get_host_ticks()). The guest's kernel would measure it against an emulated timer, and gets
 * it wrong by a factor of ten where the host is too busy to deliver that timer's ticks in time.
 */
#ifndef LSANDBOX_HOST_TSCRATE_H
#define LSANDBOX_HOST_TSCRATE_H

#include <glib.h>

/* Begin the measurement; the longer it takes, the better. Cheap after the first time. */
void lsb_tsc_begin(void);

/*
 * In kHz, by CLOCK_MONOTONIC, right within 0.01 %. Measured once for the process, and waits until
 * 20 ms have passed since lsb_tsc_begin(). Any thread.
 */
guint lsb_tsc_khz(void);

#endif
