/*
 * The memory filesystems of a machine that outlive a detach (DETACH in wire.h): a mount of each is
 * held out of sight from the moment it is made, and put in place again by the next plan that asks
 * for the same kind of mount at the same target.
 */
#ifndef LSANDBOX_INIT_KEPT_H
#define LSANDBOX_INIT_KEPT_H

#include <stdint.h>

/* From here on filesystems are kept; a container has no need of it. */
void kept_switch_on(void);

/* A plan is about to be carried out, or has been: then what it did not ask for is let go. */
void kept_begin(void);
void kept_end(void);

/*
 * Attach what was kept as KIND (enum wire_mount_kind) at TARGET to what POINT names: 1. Nothing was
 * kept: 0. -1 and errno. Of several with the same names each is given once, the first one first.
 */
int kept_attach(uint32_t kind, const char *target, int point);

/* What there is to attach: nothing, a mount, or a thing that lies in one and needs no attaching. */
enum kept_how { KEPT_NOT, KEPT_APART, KEPT_IN_PLACE };
enum kept_how kept_look(uint32_t kind, const char *target);

/* Note such a thing. -1 and errno. */
int kept_note(uint32_t kind, const char *target);

/* Keep the mount that DIR is the top of. -1 and errno. */
int kept_add(uint32_t kind, const char *target, int dir);

#endif
