/*
 * The way back of a machine: from a plan that is carried out to the wait for another (DETACH in
 * wire.h). Everything that depends on the host is unmounted; what is in memory is kept aside.
 */
#ifndef LSANDBOX_INIT_DETACH_H
#define LSANDBOX_INIT_DETACH_H

/*
 * Remember what is mounted now, if that has not been done: to be called before a program runs that
 * may mount something.
 */
void detach_note_mounts(void);

/* 0, or -1 with EBUSY: something stands in the way, see failure_text(). Changes nothing. */
int detach_check(void);

/* -1: see failure_text(); the machine is of no use any more. */
int detach_machine(void);

#endif
