/* Translates the flags of a mount in the plan for mount(2) and mount_setattr(2). */
#define _GNU_SOURCE
#include "mountflags.h"

#include "syscalls.h"
#include "shared/wire.h"

#include <stddef.h>
#include <sys/mount.h>

static const struct {
    uint32_t flag;       /* enum wire_mount_flag */
    unsigned long mount; /* for mount(2) */
    uint64_t attr;       /* for mount_setattr(2) */
} flag_map[] = {
    {WIRE_MOUNT_READONLY, MS_RDONLY, ATTR_RDONLY},
    {WIRE_MOUNT_NOSUID, MS_NOSUID, ATTR_NOSUID},
    {WIRE_MOUNT_NODEV, MS_NODEV, ATTR_NODEV},
    {WIRE_MOUNT_NOEXEC, MS_NOEXEC, ATTR_NOEXEC},
};

enum { FLAG_COUNT = sizeof flag_map / sizeof *flag_map };

unsigned long mountflags_mount(uint32_t flags)
{
    unsigned long result = 0;
    for (size_t i = 0; i < FLAG_COUNT; i++)
        result |= flags & flag_map[i].flag ? flag_map[i].mount : 0;
    return result;
}

uint64_t mountflags_attr(uint32_t flags)
{
    uint64_t result = 0;
    for (size_t i = 0; i < FLAG_COUNT; i++)
        result |= flags & flag_map[i].flag ? flag_map[i].attr : 0;
    return result;
}
