/*
 * The flags of a mount in the plan (enum wire_mount_flag), as mount(2) and mount_setattr(2) take them.
 */
#ifndef LSANDBOX_INIT_MOUNTFLAGS_H
#define LSANDBOX_INIT_MOUNTFLAGS_H

#include <stdint.h>

unsigned long mountflags_mount(uint32_t flags);
uint64_t mountflags_attr(uint32_t flags);

#endif
