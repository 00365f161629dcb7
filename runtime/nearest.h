/* What a mistyped word was probably meant to be. */
#ifndef LSANDBOX_RUNTIME_NEAREST_H
#define LSANDBOX_RUNTIME_NEAREST_H

#include <glib.h>

/* A word of other programs of this kind, and what it is called here. */
typedef struct {
    const char *theirs, *here;
} LsbSynonym;

/*
 * What WORD was meant to be: what SYNONYMS (ended by a NULL) say, or the nearest of WORDS (ended by
 * a NULL). NULL: nothing is near.
 */
const char *lsb_nearest_word(const char *word, const LsbSynonym *synonyms,
                             const char *const *words);

#endif
