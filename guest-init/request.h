/* A request to run a program, parsed from SPAWN (wire.h). */
#ifndef LSANDBOX_INIT_REQUEST_H
#define LSANDBOX_INIT_REQUEST_H

#include "shared/wire.h"

#include <sys/types.h>

struct request_limit {
    uint32_t resource; /* RLIMIT_... */
    uint64_t soft, hard;
};

struct request {
    char **argv, **envp; /* NULL at the end */
    uint32_t argc, envc;
    char *cwd;
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    uint32_t group_count;
    mode_t umask;
    uint32_t flags; /* enum wire_spawn_flag */
    uint64_t capabilities;
    struct request_limit *limits;
    uint32_t limit_count;
    uint32_t rows, cols;   /* of a terminal */
    const uint8_t *filter; /* struct sock_filter[], in the message; see SPAWN */
    size_t filter_length;  /* bytes; 0: none */
};

/* Parse MESSAGE. 0, or -1 when it breaks the protocol. request_clear() in both cases. */
int request_parse(struct request *q, const struct wire_frame *message);
void request_clear(struct request *q);

#endif
