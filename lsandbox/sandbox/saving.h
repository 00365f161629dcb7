/*
 * Saving a machine that runs to a file, and letting it run on. The guest unmounts what the host
 * exports and waits for a plan (DETACH in wire.h), a thread writes the machine's memory and devices
 * to files, and the guest gets its plan again.
 */
#ifndef LSANDBOX_SANDBOX_SAVING_H
#define LSANDBOX_SANDBOX_SAVING_H

#include <glib.h>

#include "domain/template/savedmachine.h"
#include "sandbox/sandbox_private.h"

/*
 * Begin to save SB into the new directory PATH (NULL: into a scratch directory, for forks). Where
 * it returns FALSE, nothing was done to SB: LSB_ERROR_STATE (it does not run, or programs do),
 * LSB_ERROR_UNSUPPORTED, or EEXIST.
 */
gboolean lsb_sandbox_save_begin(LsbSandbox *sb, const char *path, GError **error);

/*
 * LsbCondition: the saving is over. The sandbox runs on, or has ended, and the files are complete
 * or removed.
 */
gboolean lsb_sandbox_save_over(gpointer sb);

/*
 * Once the saving is over: the saved machine, of which the caller owns a reference. NULL with
 * LSB_ERROR_STATE where the guest refused to let go of its mounts, or with an error of
 * lsb_saved_machine_make().
 */
LsbSavedMachine *lsb_sandbox_save_result(LsbSandbox *sb, GError **error);

/* Free a saving that is over. NULL is fine. */
void lsb_saving_free(LsbSaving *saving);

/* Whether a saving is under way, so that the guest can do nothing else. */
gboolean lsb_sandbox_is_saved_now(const LsbSandbox *sb);

/* The streams of a program have closed: a saving that waits for the last of them goes on. */
void lsb_saving_program_gone(LsbSandbox *sb);

/* The guest has answered DETACH; see `detached` of session.h. */
void lsb_saving_detached(LsbSandbox *sb, guint errnum, const char *what);
/* The guest is READY; TRUE where that ends a saving, FALSE where it ends the start. */
gboolean lsb_saving_ready(LsbSandbox *sb);
/* The guest could not carry out its plan again after it was saved, because of WHAT. */
void lsb_saving_failed(LsbSandbox *sb, const char *what);

/* The end of the sandbox has begun, for REASON, which may be NULL. */
void lsb_saving_sandbox_ended(LsbSandbox *sb, const GError *reason);

#endif
