/*
 * A value as a recipe holds it, free of Lua: what the binding makes of a Lua table, and what unit
 * tests write by hand. The description is read from such a tree.
 */
#ifndef LSANDBOX_RECIPE_VALUE_VALUE_H
#define LSANDBOX_RECIPE_VALUE_VALUE_H

#include <glib.h>

typedef enum {
    LSB_VALUE_BOOLEAN,
    LSB_VALUE_INTEGER,
    LSB_VALUE_NUMBER,
    LSB_VALUE_STRING, /* bytes, may hold NUL */
    LSB_VALUE_TABLE,
    LSB_VALUE_FILE,  /* an open file */
    LSB_VALUE_OTHER, /* a Lua type a recipe field never has; NAME says which */
} LsbValueKind;

typedef struct _LsbValue LsbValue;

typedef struct {
    char *key; /* no NUL inside */
    LsbValue *value;
} LsbPair;

struct _LsbValue {
    LsbValueKind kind;
    union {
        gboolean boolean;
        gint64 integer;
        double number;
        GBytes *string; /* has a NUL behind its end that is not counted */
        struct {
            GPtrArray *items; /* LsbValue, the elements 1 .. n */
            GPtrArray *pairs; /* LsbPair, string keys, sorted by key */
        } table;
        int fd;           /* borrowed, as long as the file is open; -1: a closed file */
        const char *name; /* static */
    } u;
};

/* New values, the caller's to free or to hand to a table. Tables free what is in them. */
LsbValue *lsb_value_boolean(gboolean v);
LsbValue *lsb_value_integer(gint64 v);
LsbValue *lsb_value_number(double v);
LsbValue *lsb_value_string(const char *data, gssize len); /* copies; len -1: up to the NUL */
LsbValue *lsb_value_table(void);
LsbValue *lsb_value_file(int fd);
LsbValue *lsb_value_other(const char *static_type_name);
LsbValue *lsb_value_copy(const LsbValue *value); /* of all of the tree; strings are shared */
void lsb_value_free(LsbValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbValue, lsb_value_free)

/* Both take VALUE over and return TABLE. Setting a key again replaces its value. */
LsbValue *lsb_value_append(LsbValue *table, LsbValue *value);
LsbValue *lsb_value_set(LsbValue *table, const char *key, LsbValue *value);

const LsbValue *lsb_value_get(const LsbValue *table,
                              const char *key); /* borrowed, NULL if not there */

/* A table without named fields; one without elements. The empty table is both. */
gboolean lsb_value_is_list(const LsbValue *value);
gboolean lsb_value_is_named(const LsbValue *value);

/* How a message shows a value: `"tmp"`, `12`, `true`, `a table`, `a function`. Long strings are
 * cut. */
char *lsb_value_show(const LsbValue *value);
char *lsb_text_show(const char *text);

#endif
