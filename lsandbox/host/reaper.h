/*
 * Reaping QEMU. libvirt forks it twice and polls until its pid is gone, up to 40 s, so somebody
 * must reap it at once; where PID 1 does that slowly or never (many containers), we do. While
 * libvirt starts a QEMU, orphans come to this process (PR_SET_CHILD_SUBREAPER, prctl(2): an
 * attribute of the whole process, put back as soon as nothing is being started), and a thread reaps
 * those that are QEMUs, and nothing else. While a QEMU is watched, libvirt hears of its end only once
 * it is reaped: a look at a process that is not yet is one that costs 200 ms.
 */
#ifndef LSANDBOX_HOST_REAPER_H
#define LSANDBOX_HOST_REAPER_H

#include <glib.h>

typedef struct _LsbReaper LsbReaper;

/* Before libvirt starts a QEMU. */
LsbReaper *lsb_reaper_begin(void);

/* After: reap PID when it ends, one day (0: nothing more to reap). */
void lsb_reaper_watch(LsbReaper *reaper, int pid);

/* Wait until PID is reaped, or it was no child of ours, and free. NULL is fine. Call when it was
 * killed. */
void lsb_reaper_end(LsbReaper *reaper);

#endif
