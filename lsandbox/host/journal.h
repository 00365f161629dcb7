/*
 * The journal of a run directory: what this process has ordered its keeper to remove, for a later
 * start that finds both this process and its keeper dead. launcher/keepersweep.h has the format.
 */
#ifndef LSANDBOX_HOST_JOURNAL_H
#define LSANDBOX_HOST_JOURNAL_H

#include <glib.h>

typedef struct _LsbJournal LsbJournal;

/* Lock the run directory DIRECTORY, and begin its journal. NULL with LSB_ERRNO. */
LsbJournal *lsb_journal_new(const char *directory, GError **error);

/* The descriptor of the lock, to be shared with the keeper; JOURNAL owns it. */
int lsb_journal_lock(const LsbJournal *journal);

/*
 * Note the order VERB REST (launcher/keeper.c has them), before it takes effect. Thread-safe. What
 * cannot be written is not swept if the keeper is killed, too.
 */
void lsb_journal_note(LsbJournal *journal, const char *verb, const char *rest);

/*
 * Empty the run directory. Where no order holds, remove the directory itself, too; otherwise its
 * lock and journal stay for the keeper.
 */
void lsb_journal_remove_dir(LsbJournal *journal);

/* Releases the lock in this process. NULL is fine. */
void lsb_journal_free(LsbJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbJournal, lsb_journal_free)

#endif
