/* The path that a walk through a tree has reached, below the tree's top: for messages. */
#ifndef LSANDBOX_TREEPATH_H
#define LSANDBOX_TREEPATH_H

#include <stddef.h>

struct tree_path {
    char *text; /* "a/b/c"; "" at the top; NULL when memory was short */
    size_t length, room;
};

/* Go down by NAME. -1 when memory is short. */
int tree_path_push(struct tree_path *p, const char *name);

/* Back up by one. */
void tree_path_pop(struct tree_path *p);

/* A copy, with NAME below it unless NULL; NULL when memory is short. Caller frees. */
char *tree_path_copy(const struct tree_path *p, const char *name);

void tree_path_clear(struct tree_path *p);

#endif
