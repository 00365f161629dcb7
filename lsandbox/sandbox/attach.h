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
 * Once the job is done: the sandbox, of which the caller owns a reference. Only its life can be
 * controlled; its programs and files are with the process that started it. NULL with the error.
 */
LsbSandbox *lsb_sandbox_attach_result(LsbJob *job, GError **error);

/* Let go of an attached sandbox, whose domain lives on. Any thread, where no other uses SB. */
void lsb_sandbox_detach(LsbSandbox *sb);

/*
 * A machine of this process hears of libvirt's events, too, because another process may suspend and
 * resume it. First have libvirt report events of SB's connection; blocks, any thread. Then SB hears
 * them; main context.
 */
void lsb_sandbox_listen(LsbSandbox *sb);
void lsb_sandbox_hear_events(LsbSandbox *sb);

/* SB hears no more events of libvirt. Harmless where it does not. */
void lsb_sandbox_ignore_events(LsbSandbox *sb);

/*
 * A machine has been resumed: its clock, which stood still, is set. A container has the host's
 * clock.
 */
void lsb_sandbox_catch_up(LsbSandbox *sb);

#endif
