/*
 * What happened when in one start of a sandbox: spans of time on the host's monotonic clock, each
 * in the lane of whoever was at work. Any thread may call; before lsb_timeline_begin() nothing is
 * noted.
 */
#ifndef LSANDBOX_BASE_TIMELINE_H
#define LSANDBOX_BASE_TIMELINE_H

#include <glib.h>

/* In the order in which a start gets to them. */
typedef enum {
    LSB_LANE_HOST,    /* we ourselves, before the domain is there */
    LSB_LANE_LIBVIRT, /* libvirt, while we wait for it */
    LSB_LANE_QEMU,    /* a machine's QEMU, and what comes before its kernel keeps time */
    LSB_LANE_KERNEL,  /* a machine's kernel until the guest init runs */
    LSB_LANE_INIT,    /* the guest init */
    LSB_LANE_MOUNTS,  /* the guest init, making what programs see */
    LSB_LANE_PROGRAM, /* the first program */
    LSB_LANE_END,     /* from the end of the sandbox to nothing of it being left */
    LSB_LANES
} LsbLane;

extern const char *const lsb_lane_names[LSB_LANES];

typedef struct {
    const char *name; /* static storage */
    LsbLane lane;
    gint64 begun, ended; /* microseconds since the start; ended is -1 while it goes on */
    gboolean rough; /* what the host sees of the guest; left out once the guest has told more */
} LsbSpan;

typedef struct _LsbTimeline LsbTimeline;

LsbTimeline *lsb_timeline_new(void);
void lsb_timeline_free(LsbTimeline *t);

/* The start begins: time 0 is now. */
void lsb_timeline_begin(LsbTimeline *t);

/* The phase before, if there is one, is over, and NAME (static storage) begins. */
void lsb_timeline_phase(LsbTimeline *t, LsbLane lane, const char *name);
/* The same where the host waits for the guest. */
void lsb_timeline_await_guest(LsbTimeline *t, LsbLane lane, const char *name);
void lsb_timeline_phase_over(LsbTimeline *t);

/* A span beside the phases that is over now; BEGUN is monotonic time in microseconds, but not
 * before the present phase. */
void lsb_timeline_add(LsbTimeline *t, LsbLane lane, const char *name, gint64 begun);

/* Something to say of this start, in words: TEXT is copied. */
void lsb_timeline_note(LsbTimeline *t, const char *text);

/* --- moments --- */

typedef enum {
    LSB_REACHED_DOMAIN, /* libvirt has created the domain */
    LSB_REACHED_HELLO,  /* the guest init has spoken */
    LSB_REACHED_READY,  /* the plan is carried out */
    LSB_REACHED_END
} LsbReached;

void lsb_timeline_reach(LsbTimeline *t, LsbReached what);
/* Microseconds since the start; 0: not reached. */
gint64 lsb_timeline_reached(LsbTimeline *t, LsbReached what);

/* --- the first program; the others are passed over --- */

void lsb_timeline_program_spawned(LsbTimeline *t, guint32 id);
void lsb_timeline_program_started(LsbTimeline *t, guint32 id);
void lsb_timeline_program_ended(LsbTimeline *t, guint32 id);
/* Whichever it is, nothing more is heard of it. */
void lsb_timeline_program_lost(LsbTimeline *t);

#endif
