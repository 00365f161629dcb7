/* What a mistyped word was probably meant to be. */
#include "nearest.h"

#include <string.h>

#include "recipe/value/fields.h"

/* As many edits as an unknown key of a recipe may be away; a word of few letters fewer. */
static guint most_edits(const char *word)
{
    return strlen(word) > 3 ? 2 : 1;
}

const char *lsb_nearest_word(const char *word, const LsbSynonym *synonyms, const char *const *words)
{
    const char *best = NULL;
    guint least = most_edits(word) + 1;
    for (; synonyms->theirs; synonyms++)
        if (strcmp(word, synonyms->theirs) == 0)
            return synonyms->here;
    for (; *words; words++) {
        guint distance = lsb_text_distance(word, *words);
        if (distance < least) {
            least = distance;
            best = *words;
        }
    }
    return best;
}
