/* The flags of a mount in the plan (enum wire_mount_flag) as the system calls take them. */
#ifndef LSANDBOX_INIT_MOUNTFLAGS_H
#define LSANDBOX_INIT_MOUNTFLAGS_H

#include <stdint.h>

/* For mount(2). */
unsigned long mountflags_mount(uint32_t flags);

/* For mount_setattr(2), see syscall_set_attr(). */
uint64_t mountflags_attr(uint32_t flags);

#endif
