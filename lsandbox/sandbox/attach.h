/* Attaching to a sandbox that another process may have started: its domain, and the events of it. */
#ifndef LSANDBOX_SANDBOX_ATTACH_H
#define LSANDBOX_SANDBOX_ATTACH_H

#include <glib.h>

#include "base/job.h"
#include "recipe/description.h"
#include "sandbox/sandbox.h"

/*
 * Find a sandbox that another process may have started by D's name on D's connection; D is taken
 * over. LSB_ERROR_NOT_FOUND.
 */
LsbJob *lsb_sandbox_attach(LsbDescription *d);

/* Once the job is done: the sandbox, the caller's; only its life can be controlled. NULL with the
 * error. */
LsbSandbox *lsb_sandbox_attach_result(LsbJob *job, GError **error);

/* Let go of an attached sandbox, which lives on. */
void lsb_sandbox_detach(LsbSandbox *sb);

/* It hears of libvirt's events no more; harmless for one that did not. */
void lsb_sandbox_ignore_events(LsbSandbox *sb);

#endif
