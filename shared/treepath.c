/* The path of the entry of a tree that a walk has reached. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "treepath.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int tree_path_push(struct tree_path *p, const char *name)
{
    size_t more = strlen(name), needed = p->length + 1 + more + 1;
    if (needed > p->room) {
        char *text = realloc(p->text, 2 * needed);
        if (!text) {
            errno = ENOMEM;
            return -1;
        }
        p->text = text;
        p->room = 2 * needed;
    }
    if (p->length > 0)
        p->text[p->length++] = '/';
    memcpy(p->text + p->length, name, more + 1);
    p->length += more;
    return 0;
}

void tree_path_pop(struct tree_path *p)
{
    while (p->length > 0 && p->text[p->length - 1] != '/')
        p->length--;
    if (p->length > 0)
        p->length--;
    if (p->text)
        p->text[p->length] = 0;
}

char *tree_path_copy(const struct tree_path *p, const char *name)
{
    size_t more = name ? strlen(name) : 0;
    char *copy = malloc(p->length + 1 + more + 1), *at = copy;
    if (!copy)
        return NULL;
    if (p->length > 0) {
        memcpy(at, p->text, p->length);
        at += p->length;
    }
    if (p->length > 0 && more > 0)
        *at++ = '/';
    if (more > 0)
        memcpy(at, name, more);
    at[more] = 0;
    return copy;
}

void tree_path_clear(struct tree_path *p)
{
    free(p->text);
    memset(p, 0, sizeof *p);
}
