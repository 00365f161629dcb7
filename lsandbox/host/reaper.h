/*
 * Reaping QEMU. libvirt forks twice to start a QEMU, which makes it an orphan, and when it ends
 * polls until its pid is gone, for up to 40 s. So it must be reaped at once, and PID 1 does that
 * slowly or never (in many containers). Therefore orphans come to this process while libvirt starts
 * a QEMU (PR_SET_CHILD_SUBREAPER, prctl(2): an attribute of the whole process, put back as soon as
 * nothing is being started), and a thread reaps those that are QEMUs, and no other. libvirt hears
 * of the end of a watched QEMU only once it is reaped, because looking a moment too early costs
 * libvirt 200 ms.
 */
#ifndef LSANDBOX_HOST_REAPER_H
#define LSANDBOX_HOST_REAPER_H

#include <glib.h>

typedef struct _LsbReaper LsbReaper;

/* Begin to adopt orphans. Call it before libvirt starts a QEMU. For lsb_reaper_end(). */
LsbReaper *lsb_reaper_begin(void);

/* Call it once libvirt's call is over: reap the QEMU PID when it ends. PID 0: none was started. */
void lsb_reaper_watch(LsbReaper *reaper, int pid);

/*
 * Call it when the QEMU has ended or was killed: wait until it is reaped, unless it was no child of
 * this process, and free REAPER. NULL is fine.
 */
void lsb_reaper_end(LsbReaper *reaper);

#endif
