/*
 * The memory filesystems of a machine that outlive a detach (DETACH in wire.h). A detached mount of
 * each is held from the moment it is made, and attached again when a later plan asks for the same
 * kind of mount at the same target.
 */
#ifndef LSANDBOX_INIT_KEPT_H
#define LSANDBOX_INIT_KEPT_H

#include <stdint.h>

/* Keep filesystems from now on. For machines; a container cannot detach. */
void kept_switch_on(void);

/* A plan is about to be carried out. */
void kept_begin(void);

/* A plan has been carried out: let go of the filesystems that it has not asked for. */
void kept_end(void);

/*
 * Attach what was kept as KIND (enum wire_mount_kind) at TARGET on top of POINT. 1, or 0: nothing
 * was kept, or -1 and errno. Of several that were kept with the same KIND and TARGET each is
 * attached once, in the order in which they were made.
 */
int kept_attach(uint32_t kind, const char *target, int point);

/* What kept_attach() would find: nothing, a mount, or a file in a mount that is kept by itself. */
enum kept_how { KEPT_NOT, KEPT_APART, KEPT_IN_PLACE };
enum kept_how kept_look(uint32_t kind, const char *target);

/* Note a file that lies in a mount that is kept by itself. -1 and errno. */
int kept_note(uint32_t kind, const char *target);

/* Keep the mount whose top is the directory DIR. -1 and errno. */
int kept_add(uint32_t kind, const char *target, int dir);

#endif
