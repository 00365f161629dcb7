/*
 * A value of a recipe, free of Lua: a tree that the binding makes from a Lua table, and
 * lsb_literal_read() from a saved recipe. The description is read from such a tree.
 */
#ifndef LSANDBOX_RECIPE_VALUE_VALUE_H
#define LSANDBOX_RECIPE_VALUE_VALUE_H

#include <glib.h>

typedef enum {
    LSB_VALUE_BOOLEAN,
    LSB_VALUE_INTEGER,
    LSB_VALUE_NUMBER,
    LSB_VALUE_STRING, /* bytes, NUL among them */
    LSB_VALUE_TABLE,
    LSB_VALUE_FILE,  /* an open file */
    LSB_VALUE_OTHER, /* a value of a Lua type that no field takes; NAME is the type */
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
        GBytes *string; /* with a NUL behind its end, which its size does not count */
        struct {
            GPtrArray *items; /* LsbValue, the elements 1 .. n */
            GPtrArray *pairs; /* LsbPair, string keys; read them by lsb_value_pairs() */
            GHashTable *index; /* key -> its LsbPair, of a table of many pairs; else NULL */
            gboolean unsorted; /* the pairs are not in the order of their keys */
        } table;
        int fd;           /* borrowed while the Lua file is open; -1: a closed file */
        const char *name; /* static */
    } u;
};

/* New values. The caller frees each, or hands it to a table, which frees it with itself. */
LsbValue *lsb_value_boolean(gboolean v);
LsbValue *lsb_value_integer(gint64 v);
LsbValue *lsb_value_number(double v);
LsbValue *lsb_value_string(const char *data, gssize len); /* copied; LEN -1: up to the NUL */
LsbValue *lsb_value_table(void);
LsbValue *lsb_value_file(int fd);
LsbValue *lsb_value_other(const char *static_type_name);
LsbValue *lsb_value_copy(const LsbValue *value); /* the whole tree; strings are shared */
void lsb_value_free(LsbValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LsbValue, lsb_value_free)

/*
 * lsb_value_append() appends an element; lsb_value_set() sets a field, whose earlier value is
 * freed. Both take VALUE over and return TABLE.
 */
LsbValue *lsb_value_append(LsbValue *table, LsbValue *value);
LsbValue *lsb_value_set(LsbValue *table, const char *key, LsbValue *value);

/* Take KEY and its value out of TABLE, and free them; nothing happens where TABLE has no KEY. */
void lsb_value_remove(LsbValue *table, const char *key);

/* The pairs of TABLE (LsbPair), sorted by key. They stay the table's. */
GPtrArray *lsb_value_pairs(const LsbValue *table);

/* The value of KEY, borrowed; NULL: TABLE has no such key. */
const LsbValue *lsb_value_get(const LsbValue *table, const char *key);

/* Whether VALUE is a table without named fields; an empty table is a list, too. */
gboolean lsb_value_is_list(const LsbValue *value);
/* Whether VALUE is a table without elements 1 .. n; an empty table is named, too. */
gboolean lsb_value_is_named(const LsbValue *value);

/*
 * VALUE, or the string TEXT, as messages show it: `"tmp"`, `12`, `true`, `a table`, `a function`.
 * Strings are cut after 60 bytes. Caller frees.
 */
char *lsb_value_show(const LsbValue *value);
char *lsb_text_show(const char *text);

#endif
