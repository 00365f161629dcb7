/* Parses a request to run a program. */
#include "request.h"

#include "wirearray.h"

#include <stdlib.h>
#include <string.h>

static char **get_strings(struct wire_reader *r, uint32_t *count)
{
    char **list = wire_array(r, count, 4, sizeof *list);
    for (uint32_t i = 0; list && i < *count && !r->failed; i++)
        list[i] = wire_get_str(r);
    return list;
}

static void get_groups(struct wire_reader *r, struct request *q)
{
    q->groups = wire_array(r, &q->group_count, 4, sizeof *q->groups);
    for (uint32_t i = 0; i < q->group_count; i++)
        q->groups[i] = wire_get_u32(r);
}

static void get_limits(struct wire_reader *r, struct request *q)
{
    q->limits = wire_array(r, &q->limit_count, 20, sizeof *q->limits);
    for (uint32_t i = 0; i < q->limit_count; i++) {
        q->limits[i].resource = wire_get_u32(r);
        q->limits[i].soft = wire_get_u64(r);
        q->limits[i].hard = wire_get_u64(r);
    }
}

int request_parse(struct request *q, const struct wire_frame *message)
{
    struct wire_reader r = {.at = message->payload, .end = message->payload + message->length};
    memset(q, 0, sizeof *q);
    q->argv = get_strings(&r, &q->argc);
    q->envp = get_strings(&r, &q->envc);
    q->cwd = wire_get_str(&r);
    q->uid = wire_get_u32(&r);
    q->gid = wire_get_u32(&r);
    get_groups(&r, q);
    q->umask = wire_get_u32(&r) & 07777;
    q->flags = wire_get_u32(&r);
    q->capabilities = wire_get_u64(&r);
    get_limits(&r, q);
    q->rows = wire_get_u32(&r);
    q->cols = wire_get_u32(&r);
    q->filter = wire_get_data(&r, &q->filter_length);
    bool possible = q->argc > 0 && q->rows <= WIRE_MOST_CELLS && q->cols <= WIRE_MOST_CELLS;
    return r.failed || r.at != r.end || !possible ? -1 : 0;
}

static void free_strings(char **list)
{
    for (char **s = list; s && *s; s++)
        free(*s);
    free(list);
}

void request_clear(struct request *q)
{
    free_strings(q->argv);
    free_strings(q->envp);
    free(q->cwd);
    free(q->groups);
    free(q->limits);
    memset(q, 0, sizeof *q);
}
