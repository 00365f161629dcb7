/* The field labels of a recipe: names and texts that lsandbox.list() and attach() show. */
#ifndef LSANDBOX_RECIPE_LABELFIELDS_H
#define LSANDBOX_RECIPE_LABELFIELDS_H

#include <glib.h>

#include "recipe/value/value.h"

typedef struct {
    char *key, *text;
} LsbLabel;

/* The most labels of a sandbox, and the most bytes of a key and of a text. */
enum { LSB_LABELS_MOST = 64, LSB_LABEL_KEY = 64, LSB_LABEL_TEXT = 1024 };

/* Whether KEY and TEXT can be a label. Asked also of labels that another process has written. */
gboolean lsb_label_key_valid(const char *key);
gboolean lsb_label_text_valid(const char *text);

/* A label with copies of KEY and TEXT; free one. */
LsbLabel *lsb_label_new(const char *key, const char *text);
void lsb_label_free(gpointer label);

/* Parser (fields.h). OUT points to a GPtrArray * of LsbLabel, which becomes sorted by key. */
gboolean lsb_labels_parse(const LsbValue *, const char *, gpointer, gconstpointer, GError **);

#endif
