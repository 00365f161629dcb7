/*
 * Taking a machine that runs to a file and letting it run on: the guest goes back to where it waits
 * for a plan (DETACH in wire.h), its memory and its devices are written down, and it gets its plan
 * again. Main context; what blocks is in a thread.
 */
#ifndef LSANDBOX_SANDBOX_SAVING_H
#define LSANDBOX_SANDBOX_SAVING_H

#include <glib.h>

#include "domain/template/savedmachine.h"
#include "sandbox/sandbox_private.h"

/*
 * Begin to save SB into PATH, which must not be there yet (NULL: into a place of ours, for forks).
 * Errors, of which nothing comes to SB: LSB_ERROR_STATE (it does not run, or programs do),
 * LSB_ERROR_UNSUPPORTED.
 */
gboolean lsb_sandbox_save_begin(LsbSandbox *sb, const char *path, GError **error);

/* A condition: it runs on, or has ended, and its files are whole, or there are none. */
gboolean lsb_sandbox_save_over(gpointer sb);

/*
 * Once it is over: what was saved, a new reference; NULL with an error. LSB_ERROR_STATE where
 * something in the guest stands in the way, and those of lsb_saved_machine_make().
 */
LsbSavedMachine *lsb_sandbox_save_result(LsbSandbox *sb, GError **error);

void lsb_saving_free(LsbSaving *saving);

/* The guest is not there for anything else. */
gboolean lsb_sandbox_is_saved_now(const LsbSandbox *sb);

/* A program is forgotten, with its streams. */
void lsb_saving_program_gone(LsbSandbox *sb);

/* The guest has answered DETACH; see `detached` of session.h. */
void lsb_saving_detached(LsbSandbox *sb, guint errnum, const char *what);
/* The guest is READY; TRUE where that ends a saving, FALSE where it ends the start. */
gboolean lsb_saving_ready(LsbSandbox *sb);
/* The guest could not carry out its plan again after it was saved, because of WHAT. */
void lsb_saving_failed(LsbSandbox *sb, const char *what);

/* REASON may be NULL. */
void lsb_saving_sandbox_ended(LsbSandbox *sb, const GError *reason);

#endif
