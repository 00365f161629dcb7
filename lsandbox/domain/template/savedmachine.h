/*
 * A machine in a directory: PATH/{memory,state,recipe,info}, its owner's alone (0700).
 *
 *     memory   what was in it, sparse; each machine that is made from it maps it privately
 *     state    QEMU's state of its devices
 *     recipe   the saved form (recipefile.h)
 *     info     [machine]: what has to be the same where it goes on; [checksums] of the others
 *
 * Blocking, and knows nothing of libvirt.
 */
#ifndef LSANDBOX_DOMAIN_TEMPLATE_SAVEDMACHINE_H
#define LSANDBOX_DOMAIN_TEMPLATE_SAVEDMACHINE_H

#include <glib.h>

#include "host/keeper.h"
#include "recipe/description.h"
#include "recipe/value/value.h"

typedef struct _LsbSavedMachine LsbSavedMachine;

/* Writes memory and state into the two new files in DIR. */
typedef gboolean (*LsbMachineTake)(gpointer self, const char *dir, int memory, int state,
                                   GError **error);

/*
 * Make PATH, at once and whole; KEEPER removes what is half made when this process dies. NEEDS: what
 * has to be the same where it goes on, a list of "name", "value" pairs. FORK: it lives only as long
 * as the reference that is returned, and nothing is checked. Errors: LSB_ERRNO (EEXIST: there is
 * something at PATH), those of TAKE and of recipefile.h.
 */
LsbSavedMachine *lsb_saved_machine_make(const char *path, gboolean fork, LsbKeeper *keeper,
                                        const LsbValue *recipe, char **needs, LsbMachineTake take,
                                        gpointer self, GError **error);

/*
 * Open PATH and read every byte of it. Errors: LSB_ERRNO; LSB_ERROR_NO_PERMISSION (another user
 * could have written it), LSB_ERROR_FAILED (not whole, or no saved machine), LSB_ERROR_UNSUPPORTED
 * (of another version).
 */
LsbSavedMachine *lsb_saved_machine_open(const char *path, GError **error);

/* Any thread. The last one removes a fork's files. */
LsbSavedMachine *lsb_saved_machine_ref(LsbSavedMachine *saved);
void lsb_saved_machine_unref(LsbSavedMachine *saved); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbSavedMachine, lsb_saved_machine_unref)

/*
 * LSB_ERROR_INVALID where CHANGES, a table, has a field that a machine that goes on cannot have
 * otherwise. What the values are is for lsb_saved_machine_description() to find out.
 */
gboolean lsb_saved_machine_check_changes(const LsbValue *changes, GError **error);

/*
 * The recipe of a machine that goes on from it: its own, with a new name, and what CHANGES (NULL:
 * nothing) says, of the fields that no program in it can have seen. LSB_ERROR_INVALID for others,
 * and as lsb_description_new(), for the host may be another by now.
 */
LsbDescription *lsb_saved_machine_description(const LsbSavedMachine *saved, const LsbValue *changes,
                                              GError **error);
gboolean lsb_saved_machine_is_fork(const LsbSavedMachine *saved);
const char *lsb_saved_machine_memory(const LsbSavedMachine *saved); /* paths */
const char *lsb_saved_machine_state(const LsbSavedMachine *saved);

/* LSB_ERROR_STALE_SNAPSHOT where NEEDS, as above, are others now: the message says which. */
gboolean lsb_saved_machine_check(const LsbSavedMachine *saved, char **needs, GError **error);

#endif
