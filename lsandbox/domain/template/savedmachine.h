/*
 * A saved machine: a directory PATH/{memory,state,recipe,info} that only its owner may enter
 * (0700).
 *
 *     memory   the machine's memory, sparse; each machine that goes on from it maps it privately
 *     state    QEMU's state of the devices
 *     recipe   the recipe in its saved form (recipefile.h)
 *     info     [machine]: what has to be the same where it goes on; [checksums] of the rest
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

/* Writes a machine's memory and state into two new files in DIR. */
typedef gboolean (*LsbMachineTake)(gpointer self, const char *dir, int memory, int state,
                                   GError **error);

/*
 * Make PATH, which appears whole or not at all; KEEPER removes a half made directory when this
 * process dies. NEEDS: what has to be the same where the machine goes on, "name", "value" pairs.
 * FORK: the files live only as long as the returned object, and get no checksums. Errors: LSB_ERRNO
 * (EEXIST: PATH exists), those of TAKE and of recipefile.h.
 */
LsbSavedMachine *lsb_saved_machine_make(const char *path, gboolean fork, LsbKeeper *keeper,
                                        const LsbValue *recipe, char **needs, LsbMachineTake take,
                                        gpointer self, GError **error);

/*
 * Open PATH and compare every byte with the checksums. Errors: LSB_ERRNO; LSB_ERROR_NO_PERMISSION
 * (another user could have written it), LSB_ERROR_FAILED (not whole, or no saved machine),
 * LSB_ERROR_UNSUPPORTED (of another version).
 */
LsbSavedMachine *lsb_saved_machine_open(const char *path, GError **error);

/* Any thread. The last unref removes a fork's files. */
LsbSavedMachine *lsb_saved_machine_ref(LsbSavedMachine *saved);
void lsb_saved_machine_unref(LsbSavedMachine *saved); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbSavedMachine, lsb_saved_machine_unref)

/*
 * LSB_ERROR_INVALID where CHANGES, a table, has a field that cannot change when a machine goes on.
 * The values are checked by lsb_saved_machine_description().
 */
gboolean lsb_saved_machine_check_changes(const LsbValue *changes, GError **error);

/*
 * The description of a machine that goes on: the saved recipe with a new name and with CHANGES
 * (NULL: none), which may have only fields that no program in the machine can have seen.
 * LSB_ERROR_INVALID for other fields; errors of lsb_description_new(), because the host may have
 * changed since.
 */
LsbDescription *lsb_saved_machine_description(const LsbSavedMachine *saved, const LsbValue *changes,
                                              GError **error);
/* Whether SAVED was made with FORK. */
gboolean lsb_saved_machine_is_fork(const LsbSavedMachine *saved);
/* The paths of the files with the memory and with QEMU's state. Borrowed. */
const char *lsb_saved_machine_memory(const LsbSavedMachine *saved);
const char *lsb_saved_machine_state(const LsbSavedMachine *saved);

/* LSB_ERROR_STALE_SNAPSHOT where one of NEEDS was another at the save: the message says which. */
gboolean lsb_saved_machine_check(const LsbSavedMachine *saved, char **needs, GError **error);

#endif
