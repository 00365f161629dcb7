/* Attaching to a sandbox that another process may have started; libvirt's events of it. */
#ifndef LSANDBOX_SANDBOX_ATTACH_H
#define LSANDBOX_SANDBOX_ATTACH_H

#include <glib.h>

#include "base/job.h"
#include "recipe/description.h"
#include "sandbox/sandbox.h"

/*
 * Find the sandbox that has D's name on D's connection; another process may have started it. D is
 * taken over. The job's error may be LSB_ERROR_NOT_FOUND. The caller unrefs the job.
 */
LsbJob *lsb_sandbox_attach(LsbDescription *d);

/*
 * The sandbox that the finished JOB has found; the caller owns a reference. This process can pause,
 * watch and end it; only the process that started it reaches its programs and files. NULL with the
 * job's error.
 */
LsbSandbox *lsb_sandbox_attach_result(LsbJob *job, GError **error);

/*
 * Let go of an attached sandbox: SB is ENDED at once, and its domain lives on. May be called in any
 * thread, as long as no other thread uses SB.
 */
void lsb_sandbox_detach(LsbSandbox *sb);

/*
 * A machine of this process hears of libvirt's events, too, because another process may suspend and
 * resume it. First have libvirt report events of SB's connection; blocks, any thread. Then SB hears
 * them; main context.
 */
void lsb_sandbox_listen(LsbSandbox *sb);
void lsb_sandbox_hear_events(LsbSandbox *sb);

/* Pass no more of libvirt's events to SB. Does nothing where SB does not hear them. */
void lsb_sandbox_ignore_events(LsbSandbox *sb);

/*
 * A machine has been resumed: its clock, which stood still, is set. A container has the host's
 * clock.
 */
void lsb_sandbox_catch_up(LsbSandbox *sb);

#endif
