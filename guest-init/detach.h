/*
 * The way of a machine from a plan that is carried out back to the wait for another one (DETACH in
 * wire.h). Everything that depends on the host is unmounted; filesystems in memory are kept
 * (kept.h).
 */
#ifndef LSANDBOX_INIT_DETACH_H
#define LSANDBOX_INIT_DETACH_H

/*
 * Remember what is mounted, if that has not been done since the last plan. Call it before a program
 * runs that may mount something.
 */
void detach_note_mounts(void);

/*
 * Check that the machine can detach now: 0, or -1 with EBUSY and failure_text(). Changes nothing.
 */
int detach_check(void);

/*
 * Unmount what depends on the host, and go back to the initramfs. 0, or -1 with failure_text():
 * then the machine cannot be used any more.
 */
int detach_machine(void);

#endif
