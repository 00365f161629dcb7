/*
 * The programs: from SPAWN to the last frame about one.
 */
#ifndef LSANDBOX_INIT_PROGRAM_H
#define LSANDBOX_INIT_PROGRAM_H

#include "child.h"
#include "grouplimits.h"
#include "stream.h"

#include <sys/types.h>

struct program {
    struct program *next;
    uint32_t id;
    pid_t pid; /* also its process group and session */
    bool started, ended, reported;
    bool group_gone; /* no process of its group is left: the number may be somebody else's now */
    int status;      /* from wait4, once ended */
    struct limits_seen seen; /* when it started */
    uint64_t cpu_limit;      /* seconds; 0: none */
    uint32_t limits;         /* enum wire_limit, once ended */
    struct watch report;     /* the child's way to say why it could not run; closes when it runs */
    bool not_run;
    struct child_report failure;
    bool tty;
    int slave; /* of the terminal: held until the program ends, so that it is not hung up before */
    struct input in;
    struct output out[2]; /* standard output, standard error */
};

struct program *program_find(struct server *s, uint32_t id);

/* SPAWN. -1: the host broke the protocol. What the system refuses is reported as EXIT. */
int program_spawn(struct server *s, const struct wire_frame *message);

/* SIGNAL: to the group, for as long as one of it lives. */
void program_signal(struct program *p, int signal);

/* RESIZE. -1: it has no terminal, so the host broke the protocol. */
int program_resize(struct program *p, uint32_t rows, uint32_t cols);

/* The host wants no more of its standard output or error. */
void program_close_output(struct server *s, struct output *out);

/* Take back every process that has ended, orphans too. */
void program_reap_all(struct server *s);

/* Report the end of P as soon as what it wrote before is on its way. */
void program_progress(struct server *s, struct program *p);

/* Forget the programs of which nothing more will be said. Not while events are being handled. */
void program_forget_done(struct server *s);

#endif
