#include "plan.h"

#include "fields.h"
#include "log.h"

#include <errno.h>
#include <string.h>

static void get_mount(struct wire_reader *r, struct plan_mount *m)
{
    m->kind = wire_get_u32(r);
    m->flags = wire_get_u32(r);
    m->source = wire_get_str(r);
    m->target = wire_get_str(r);
    m->options = wire_get_str(r);
    if (!r->failed && m->target[0] != '/')
        r->failed = true;
}

int plan_parse(struct plan *plan, const struct wire_frame *message)
{
    struct wire_reader r = {.at = message->payload, .end = message->payload + message->length};
    memset(plan, 0, sizeof *plan);
    plan->flags = wire_get_u32(&r);
    plan->hostname = wire_get_str(&r);
    plan->root = wire_get_str(&r);
    plan->modules = fields_array(&r, &plan->module_count, 4, sizeof *plan->modules);
    for (uint32_t i = 0; i < plan->module_count && !r.failed; i++)
        plan->modules[i] = wire_get_str(&r);
    if (!r.failed)
        plan->mounts = fields_array(&r, &plan->mount_count, 20, sizeof *plan->mounts);
    for (uint32_t i = 0; i < plan->mount_count && !r.failed; i++)
        get_mount(&r, &plan->mounts[i]);
    if (!r.failed && r.at != r.end) {
        plan->time = wire_get_u64(&r);
        plan->seed = wire_get_data(&r, &plan->seed_length);
    }
    if (r.failed || r.at != r.end)
        return failed_with(EPROTO, "read the plan");
    return 0;
}
