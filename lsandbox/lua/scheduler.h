/*
 * Tasks and the loop that runs them; shared by lua_loop.c, lua_task.c and lua_event.c only.
 *
 * A task is a coroutine that one GLib source of the default main context resumes when what it waits
 * for has happened. Nothing of Lua ever runs in another source's callback: those only change what
 * conditions see.
 */
#ifndef LSANDBOX_SCHEDULER_H
#define LSANDBOX_SCHEDULER_H

#include "lua/binding.h"

typedef enum { TASK_WAITING, TASK_RUNNING, TASK_DONE, TASK_FAILED, TASK_CANCELLED } TaskStatus;

typedef struct State State;
typedef struct Task Task;

/*
 * User values of a task: its coroutine; once it has failed, what was raised, with the traceback;
 * the object of whom it awaits.
 */
enum { TASK_THREAD = 1, TASK_ERROR, TASK_AWAITS, TASK_USER_VALUES = TASK_AWAITS };

/* A task's userdata. While it is not over it is in its state's table, so that it is not collected.
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

/* Of L and all its coroutines; NULL before luaopen_lsandbox(). Lives as long as the Lua state. */
State *lsbl_state(lua_State *L);

/* The task whose coroutine L is, or NULL. */
Task *lsbl_current_task(lua_State *L);

/* Push one of the state's user values. */
void lsbl_push_state_value(lua_State *L, int index);

/* Push a new table whose values are weak. */
void lsbl_push_weak_table(lua_State *L);

/* Take a waiting task out of the queue and run it until it waits again, or is over. */
void lsbl_resume(Task *task);

/* Put it among those that wait, and take it out; it then counts as running. */
void lsbl_enqueue(Task *task);
void lsbl_dequeue(Task *task);

/*
 * FALSE: its coroutine runs, though it is the loop's turn. Somebody who has got hold of it has
 * resumed it where it had yielded by itself. To resume or close it now would be the end of Lua.
 */
gboolean lsbl_is_suspended(const Task *task);

/* The Lua state is being closed, and what the task waits for may be finalised: it never goes on. */
void lsbl_abandon(lua_State *L, Task *task);

/* Push a new task for the function and its N arguments on top of the stack, which it takes. */
Task *lsbl_new_task(lua_State *L, int n, gboolean held);

/* Whether it has come to an end, in whatever way. */
static inline gboolean lsbl_task_is_over(const Task *t)
{
    return t->status >= TASK_DONE;
}

/* The task whose coroutine has come to its end (STATUS as from lua_resume), its results or error on
 * top. */
void lsbl_task_over(Task *task, int status);

/* Those that are left when the Lua state is closed: what finalisers make has none of its own. */
void lsbl_drop_sandboxes(State *s);
void lsbl_drop_pools(State *s);

/* The pending events become tasks, each function one. */
void lsbl_run_events(State *s);
void lsbl_drop_events(State *s);

#endif
