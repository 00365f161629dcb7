/*
 * The guest plan, as it came over the relay (see PLAN in wire.h).
 */
#ifndef LSANDBOX_INIT_PLAN_H
#define LSANDBOX_INIT_PLAN_H

#include "../shared/wire.h"

struct plan_mount {
    uint32_t kind;  /* enum wire_mount_kind */
    uint32_t flags; /* enum wire_mount_flag */
    char *source, *target, *options;
};

struct plan {
    uint32_t flags; /* enum wire_plan_flag */
    char *hostname, *root;
    char **modules;
    uint32_t module_count;
    struct plan_mount *mounts;
    uint32_t mount_count;
    uint64_t time;       /* nanoseconds since 1970, or 0 */
    const uint8_t *seed; /* in the message: valid until the relay is read again */
    size_t seed_length;
};

/* 0, or -1 when a field is missing or wrong; see failure_text(). Lives as long as the process. */
int plan_parse(struct plan *plan, const struct wire_frame *message);

#endif
