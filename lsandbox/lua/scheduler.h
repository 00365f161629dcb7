/*
 * The structures of tasks, and of the loop that runs them.
 *
 * A task is a coroutine. One GLib source of the default main context, the loop, resumes it when
 * what it waits for has happened. No Lua code ever runs in the callback of another source: those
 * only change what the conditions of waits see.
 */
#ifndef LSANDBOX_LUA_SCHEDULER_H
#define LSANDBOX_LUA_SCHEDULER_H

#include <glib.h>
#include <lua.h>
#include <sys/types.h>

#include "base/wait.h"

typedef enum { TASK_WAITING, TASK_RUNNING, TASK_DONE, TASK_FAILED, TASK_CANCELLED } TaskStatus;

typedef struct State State;
typedef struct Task Task;

/* Lets go of what one file of the binding still keeps when the Lua state is closed. */
typedef void (*LsblDrop)(State *s);

/*
 * User values of a task: its coroutine; once it has failed, what was raised, with the traceback;
 * the object of the task that it awaits.
 */
enum { TASK_THREAD = 1, TASK_ERROR, TASK_AWAITS, TASK_USER_VALUES = TASK_AWAITS };

/* A task's userdata. The state's table of tasks keeps it from being collected until it is over. */
struct Task {
    State *state; /* NULL: the Lua state is being closed */
    pid_t owner;  /* the process that made it */
    lua_State *thread;
    TaskStatus status;
    int arguments;          /* on the coroutine's stack, for its next resume */
    LsbCondition condition; /* what it waits for; NULL: it only lets other tasks run */
    gpointer data;
    gint64 deadline;       /* g_get_monotonic_time(); negative: none */
    guint turn;            /* of the state, when it was last resumed */
    gboolean held;         /* by gather: its turn to start has not come */
    Task *awaits;          /* the task that it waits for, for the search for circles */
    char *unreported;      /* the error that it failed with, until a task awaits it */
    GList link;            /* in state->waiting */
    GSequenceIter *asleep; /* in state->sleeping, instead */
};

/*
 * What the binding keeps for one Lua state, a userdata. Its user values: tasks by their address; a
 * thread for protected calls; sandbox objects by their address, in a weak table.
 */
enum { STATE_TASKS = 1, STATE_SERVICE, STATE_SANDBOXES, STATE_USER_VALUES = STATE_SANDBOXES };

struct State {
    pid_t owner; /* the process whose tasks these are: lua_state.c takes over after a fork */
    lua_State *service;
    GHashTable *by_thread; /* lua_State * -> Task *, of tasks that are not over */
    GQueue waiting;        /* of Task.link: tasks with a condition */
    GSequence *sleeping;   /* of Task, by deadline: tasks that wait for nothing else */
    GList *cursor;         /* the next in `waiting` that this turn looks at */
    GQueue events;         /* of Event (lua_event.c) */
    GQueue sandboxes;      /* of SandboxObject.link */
    GQueue pools;          /* of Pool.link (lua_pool.c) */
    LsblDrop at_close[2];  /* lsbl_at_close() */
    GSource *source;
    gint64 next_deadline; /* as source_prepare() saw it; negative: none */
    guint turn;
    int nested; /* how many waits turn the main context, one inside the other */
};

/* Whether the task has returned, failed or been cancelled. */
static inline gboolean lsbl_task_is_over(const Task *t)
{
    return t->status >= TASK_DONE;
}

#endif
