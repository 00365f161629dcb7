/* The programs, each from SPAWN to the last frame about it. */
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
    bool group_gone; /* no process of its group is left, so another group may get that id */
    int status;      /* from wait4, once ended */
    struct limits_seen seen; /* when it started */
    uint64_t cpu_limit;      /* seconds; 0: none */
    uint32_t limits;         /* enum wire_limit, once ended */
    struct watch report;     /* pipe from the child: struct child_report, or closed at its exec */
    bool not_run;
    struct child_report failure;
    bool tty;
    int slave; /* of the terminal: held until the program ends, so that it hangs up no earlier */
    struct input in;
    struct output out[2]; /* standard output, standard error */
};

/* The program with the number ID; NULL: there is none. */
struct program *program_find(struct server *s, uint32_t id);

/* SPAWN. -1: the host broke the protocol. Where the kernel refuses, the answer is EXIT. */
int program_spawn(struct server *s, const struct wire_frame *message);

/* SIGNAL: to the program's process group, as long as it has members. */
void program_signal(struct program *p, int signal);

/* RESIZE. -1: P has no terminal, so the host broke the protocol. */
int program_resize(struct program *p, uint32_t rows, uint32_t cols);

/* CLOSE: the host wants no more bytes of OUT, a program's stdout or stderr. */
void program_close_output(struct server *s, struct output *out);

/* Reap every process that has ended, orphans too. */
void program_reap_all(struct server *s);

/* Report the end of P if it has ended and all that it wrote before is queued for the host. */
void program_progress(struct server *s, struct program *p);

/* Free the programs that get no more frames. Do not call it while events are being handled. */
void program_forget_done(struct server *s);

#endif
