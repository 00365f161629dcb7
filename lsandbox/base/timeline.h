/*
 * The timeline of one start of a sandbox: spans of time on the host's monotonic clock, each in the
 * lane of the component that was at work. Every function may be called from any thread. Before
 * lsb_timeline_begin() only notes are kept.
 */
#ifndef LSANDBOX_BASE_TIMELINE_H
#define LSANDBOX_BASE_TIMELINE_H

#include <glib.h>

/* The components, in the order in which a start reaches them. */
typedef enum {
    LSB_LANE_HOST,    /* this process, before the domain exists */
    LSB_LANE_LIBVIRT, /* libvirt, while this process waits for it */
    LSB_LANE_QEMU,    /* a machine's QEMU and firmware, until its kernel keeps time */
    LSB_LANE_KERNEL,  /* a machine's kernel until the guest init runs */
    LSB_LANE_INIT,    /* the guest init */
    LSB_LANE_MOUNTS,  /* the guest init, while it mounts what programs see */
    LSB_LANE_PROGRAM, /* the first program */
    LSB_LANE_END,     /* from the sandbox's end until nothing of it is left */
    LSB_LANES
} LsbLane;

/* The lanes' names, by LsbLane: "host", "libvirt" ... */
extern const char *const lsb_lane_names[LSB_LANES];

typedef struct {
    const char *name; /* static storage */
    LsbLane lane;
    gint64 begun, ended; /* microseconds since the start; ended is -1 while the span goes on */
    gboolean rough;      /* a wait for the guest; left out once the guest has reported its marks */
} LsbSpan;

typedef struct _LsbTimeline LsbTimeline;

/* A timeline that has not begun. */
LsbTimeline *lsb_timeline_new(void);
void lsb_timeline_free(LsbTimeline *t);

/* The start begins now, at time 0. */
void lsb_timeline_begin(LsbTimeline *t);

/* End the present phase, if there is one, and begin the phase NAME (static storage). */
void lsb_timeline_phase(LsbTimeline *t, LsbLane lane, const char *name);
/* The same for a phase in which the host waits for the guest; its span is rough. */
void lsb_timeline_await_guest(LsbTimeline *t, LsbLane lane, const char *name);
/* End the present phase. */
void lsb_timeline_phase_over(LsbTimeline *t);

/*
 * Add a span beside the phases, which ends now. It began at BEGUN (monotonic time, microseconds),
 * but not before the present phase.
 */
void lsb_timeline_add(LsbTimeline *t, LsbLane lane, const char *name, gint64 begun);

/* Keep TEXT, a remark on this start for its reader; it is copied. */
void lsb_timeline_note(LsbTimeline *t, const char *text);

/* --- moments --- */

typedef enum {
    LSB_REACHED_DOMAIN, /* libvirt has created the domain */
    LSB_REACHED_HELLO,  /* the guest init has sent HELLO */
    LSB_REACHED_READY,  /* the guest init has carried out the plan and sent READY */
    LSB_REACHED_END
} LsbReached;

/* The moment WHAT is reached now. */
void lsb_timeline_reach(LsbTimeline *t, LsbReached what);
/* When WHAT was reached, in microseconds since the start; 0: not yet. */
gint64 lsb_timeline_reached(LsbTimeline *t, LsbReached what);

/* --- the first program; calls with another program's ID do nothing --- */

/* To be called when SPAWN of program ID is sent, STARTED has come, and its exit report has come. */
void lsb_timeline_program_spawned(LsbTimeline *t, guint32 id);
void lsb_timeline_program_started(LsbTimeline *t, guint32 id);
void lsb_timeline_program_ended(LsbTimeline *t, guint32 id);
/* The relay is lost: end the first program's span, whatever its ID is. */
void lsb_timeline_program_lost(LsbTimeline *t);

#endif
