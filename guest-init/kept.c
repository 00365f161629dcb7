/* Keeps mounts of a machine's memory filesystems from one plan to the next. */
#define _GNU_SOURCE
#include "kept.h"

#include "syscalls.h"
#include "shared/closekeep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct kept {
    uint32_t kind;
    char *target;
    int tree;  /* a detached mount; -1: a file in a mount that is kept by itself */
    bool used; /* the plan that is being carried out has asked for it */
};

static bool on;
static struct kept *list;
static size_t count;

void kept_switch_on(void)
{
    on = true;
}

void kept_begin(void)
{
    for (size_t i = 0; i < count; i++)
        list[i].used = false;
}

void kept_end(void)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].used) {
            list[left++] = list[i];
        } else {
            close(list[i].tree);
            free(list[i].target);
        }
    }
    count = left;
}

static struct kept *find_kept(uint32_t kind, const char *target)
{
    for (size_t i = 0; i < count; i++)
        if (!list[i].used && list[i].kind == kind && strcmp(list[i].target, target) == 0)
            return &list[i];
    return NULL;
}

/* The kernel clones no detached mount, so the next copy is cloned once this one is in place. */
int kept_attach(uint32_t kind, const char *target, int point)
{
    struct kept *k = find_kept(kind, target);
    if (!k)
        return 0;
    k->used = true;
    if (k->tree < 0)
        return 1;
    int tree = syscall_attach_mount(k->tree, point) < 0 ? -1 : syscall_clone_mount(k->tree, false);
    if (tree < 0)
        return -1;
    close(k->tree);
    k->tree = tree;
    return 1;
}

enum kept_how kept_look(uint32_t kind, const char *target)
{
    const struct kept *k = find_kept(kind, target);
    return !k ? KEPT_NOT : k->tree < 0 ? KEPT_IN_PLACE : KEPT_APART;
}

static int add_kept(uint32_t kind, const char *target, int tree)
{
    struct kept *grown = realloc(list, (count + 1) * sizeof *list);
    char *name = grown ? strdup(target) : NULL;
    list = grown ? grown : list;
    if (name)
        list[count++] = (struct kept){.kind = kind, .target = name, .tree = tree, .used = true};
    return name ? 0 : -1;
}

int kept_note(uint32_t kind, const char *target)
{
    return on ? add_kept(kind, target, -1) : 0;
}

int kept_add(uint32_t kind, const char *target, int dir)
{
    if (!on)
        return 0;
    int tree = syscall_clone_mount(dir, false);
    if (tree >= 0 && add_kept(kind, target, tree) == 0)
        return 0;
    close_keep(tree);
    return -1;
}
