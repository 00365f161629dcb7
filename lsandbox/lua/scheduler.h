/*
 * Tasks and the loop that runs them; shared by lua_loop.c, lua_task.c and lua_event.c only.
 *
 * A task is a coroutine that one GLib source of the default main context resumes when what it waits
 * for has happened. Nothing of Lua ever runs in another source's callback: those only change what
 * conditions see.
 */
#ifndef LSANDBOX_LUA_SCHEDULER_H
#define LSANDBOX_LUA_SCHEDULER_H

#include <glib.h>
#include <lua.h>

#include "base/wait.h"

typedef enum { TASK_WAITING, TASK_RUNNING, TASK_DONE, TASK_FAILED, TASK_CANCELLED } TaskStatus;

typedef struct State State;
typedef struct Task Task;

/*
 * User values of a task: its coroutine; once it has failed, what was raised, with the traceback;
 * the object of whom it awaits.
 */
enum { TASK_THREAD = 1, TASK_ERROR, TASK_AWAITS, TASK_USER_VALUES = TASK_AWAITS };

/*
 * A task's userdata. While it is not over it is in its state's table, so that it is not collected.
 */
struct Task {
    State *state; /* NULL: the Lua state is being closed */
    lua_State *thread;
    TaskStatus status;
    int arguments;          /* on the coroutine's stack, for its next resume */
    LsbCondition condition; /* NULL: it only lets others run */
    gpointer data;
    gint64 deadline; /* g_get_monotonic_time(); negative: none */
    guint turn;      /* of the state, when it was last resumed */
    gboolean held;   /* by gather: its turn to start has not come */
    gboolean awaited;
    Task *awaits;          /* whom it waits for, for the search for circles */
    char *unreported;      /* what it failed with, until somebody awaits it */
    GList link;            /* in state->waiting */
    GSequenceIter *asleep; /* in state->sleeping, instead */
};

/*
 * One for a Lua state. User values: tasks by their address; a thread for protected calls; sandboxes
 * by the address of their object, weak.
 */
enum { STATE_TASKS = 1, STATE_SERVICE, STATE_SANDBOXES, STATE_USER_VALUES = STATE_SANDBOXES };

struct State {
    lua_State *service;
    GHashTable *by_thread; /* lua_State * -> Task *, those that are not over */
    GQueue waiting;        /* of Task.link: those with a condition */
    GSequence *sleeping;   /* of Task, by deadline: those that wait for nothing else */
    GList *cursor;         /* the next in `waiting` that this turn looks at */
    GQueue events;         /* of Event (lua_event.c) */
    GQueue sandboxes;      /* of SandboxObject.link */
    GQueue pools;          /* of Pool.link (lua_pool.c) */
    GSource *source;
    gint64 next_deadline; /* as source_prepare() saw it; negative: none */
    guint turn;
    int nested; /* waits that turn the context, one inside the other */
};

/* Whether it has come to an end, in whatever way. */
static inline gboolean lsbl_task_is_over(const Task *t)
{
    return t->status >= TASK_DONE;
}

#endif
