/*
 * Events of a sandbox: noted when they happen, and given to Lua by the loop, each function as a
 * task.
 */
#include "lua/lua_event.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>

#include "base/error.h"
#include "lua/lua_box.h"
#include "lua/lua_options.h"
#include "lua/lua_push.h"
#include "lua/lua_sandbox.h"
#include "lua/lua_state.h"
#include "lua/lua_task.h"
#include "lua/lua_value.h"
#include "lua/scheduler.h"
#include "recipe/value/fields.h"
#include "sandbox/sandbox.h"
#include "session/program.h"

static const char *const event_names[] = {
    [LSB_EVENT_STARTED] = "started",
    [LSB_EVENT_PROGRAM_ENDED] = "program-ended",
    [LSB_EVENT_OUTPUT_LIMIT] = "output-limit",
    [LSB_EVENT_TIMEOUT] = "timeout",
    [LSB_EVENT_CRASHED] = "crashed",
    [LSB_EVENT_TAINTED] = "tainted",
    [LSB_EVENT_STOPPED] = "stopped",
    NULL,
};

typedef struct {
    GList link; /* in state->events */
    SandboxObject *object;
    LsbSandboxEventKind kind;
    guint32 pid;
    LsbEnd end; /* of the program */
    int value;
    char *message, *code;
    const char *limit; /* static; NULL: no limit */
} Event;

static void event_free(Event *e)
{
    g_free(e->message);
    g_free(e->code);
    g_free(e);
}

/* --- noting them --- */

static void note_program(Event *e, const LsbProgram *p)
{
    const char *message;
    e->pid = lsb_program_pid(p);
    e->end = lsb_program_end(p, &e->value, &message);
    e->message = g_strdup(message);
    e->limit = lsb_program_limit(p);
}

static void note_error(Event *e, const GError *error)
{
    e->message = g_strdup(error->message);
    e->code = g_strdup(lsb_error_name(error));
    if (g_error_matches(error, LSB_ERROR, LSB_ERROR_TIMEOUT))
        e->limit = "timeout";
    else if (g_error_matches(error, LSB_ERROR, LSB_ERROR_IDLE_TIMEOUT))
        e->limit = "idle_timeout";
}

void lsbl_on_event(gpointer data, const LsbSandboxEvent *event)
{
    SandboxObject *object = data;
    State *s = object->state;
    if (!object->listens || !s->source)
        return;
    Event *e = g_new0(Event, 1);
    e->link.data = e;
    e->object = object;
    e->kind = event->kind;
    if (event->program)
        note_program(e, event->program);
    if (event->error)
        note_error(e, event->error);
    else if (event->message)
        e->message = g_strdup(event->message);
    g_queue_push_tail_link(&s->events, &e->link);
}

static void drop_events(State *s, const SandboxObject *object)
{
    for (GList *l = s->events.head, *next; l; l = next) {
        Event *e = l->data;
        next = l->next;
        if (object && e->object != object)
            continue;
        g_queue_unlink(&s->events, l);
        event_free(e);
    }
}

void lsbl_drop_events(State *s)
{
    drop_events(s, NULL);
}

void lsbl_forget_events(SandboxObject *object)
{
    drop_events(object->state, object);
}

/* --- giving them to Lua --- */

static void push_event_info(lua_State *L, const Event *e)
{
    lua_createtable(L, 0, 6);
    lsbl_set_string(L, "event", event_names[e->kind]);
    if (e->pid)
        lsbl_set_integer(L, "pid", e->pid);
    if (e->end != LSB_END_NONE && e->end != LSB_END_LOST)
        lsbl_set_integer(L, e->end == LSB_END_SIGNALED ? "signal" : "status", e->value);
    lsbl_set_string(L, "message", e->message);
    lsbl_set_string(L, "code", e->code);
    lsbl_set_string(L, "limit", e->limit);
}

/* In protected mode, with the event at 1: make a task for each function that listens now. */
static int make_event_tasks(lua_State *L)
{
    const Event *e = lua_touserdata(L, 1);
    lsbl_push_state_value(L, STATE_SANDBOXES);
    if (lua_rawgetp(L, -1, e->object) == LUA_TNIL)
        return 0;
    int sandbox = lua_gettop(L);
    lua_getiuservalue(L, sandbox, 1);
    if (!lua_istable(L, -1) || lua_getfield(L, -1, event_names[e->kind]) != LUA_TTABLE)
        return 0;
    int list = lua_gettop(L);
    lua_Integer n = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer i = 1; i <= n; i++) {
        lua_rawgeti(L, list, i);
        lua_pushvalue(L, sandbox);
        push_event_info(L, e);
        lsbl_new_task(L, 2, FALSE);
        lua_settop(L, list);
    }
    return 0;
}

void lsbl_run_events(State *s)
{
    for (GList *l; (l = g_queue_pop_head_link(&s->events));) {
        Event *e = l->data;
        lua_pushcfunction(s->service, make_event_tasks);
        lua_pushlightuserdata(s->service, e);
        if (lua_pcall(s->service, 1, 0, 0) != LUA_OK) {
            fprintf(stderr, "lsandbox: the event \"%s\" is lost: %s\n", event_names[e->kind],
                    lua_tostring(s->service, -1));
            lua_pop(s->service, 1);
        }
        event_free(e);
    }
}

/* --- listening --- */

/* The name of the event at INDEX. */
static const char *check_event(lua_State *L, int index)
{
    int kind = 0;
    luaL_checkstring(L, index);
    Box *box = lsbl_box(L);
    lsbl_to_value(L, index, &(LsblReading){.what = "on"}, box);
    if (!lsb_field_enum(box->value, "on", &kind, event_names, &box->error))
        lsbl_fail(L, box);
    lsbl_box_clear(box);
    lua_pop(L, 1);
    return event_names[kind];
}

/* Pop the function on top, which becomes the last that the sandbox calls for EVENT. */
static void add_function(lua_State *L, int sandbox, const char *event)
{
    SandboxObject *object = lua_touserdata(L, sandbox);
    if (lua_getiuservalue(L, sandbox, 1) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_newtable(L);
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, sandbox, 1);
    }
    luaL_getsubtable(L, -1, event);
    lua_pushvalue(L, -3);
    lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    lua_pop(L, 3);
    object->listens = TRUE;
}

/* sb:on(event, fn) -> sb. Calls fn(sb, info) as a task whenever the event happens. */
int lsbl_sandbox_on(lua_State *L)
{
    lsbl_check_sandbox(L, 1);
    const char *event = check_event(L, 2);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    lua_settop(L, 3);
    add_function(L, 1, event);
    lua_settop(L, 1);
    return 1;
}

void lsbl_check_events(lua_State *L, int table)
{
    LsbField fields[G_N_ELEMENTS(event_names)] = {0};
    gboolean unused;
    for (guint i = 0; event_names[i]; i++)
        fields[i] = (LsbField){.name = event_names[i], .parse = lsbl_field_function};
    Box *box = lsbl_box(L);
    lsbl_to_value(L, table, &(LsblReading){.what = "on", .fields = fields}, box);
    if (!lsb_field_table(box->value, "on", &unused, fields, &box->error))
        lsbl_fail(L, box);
    lsbl_box_clear(box);
    lua_pop(L, 1);
}

void lsbl_set_events(lua_State *L, int sandbox, int table)
{
    for (guint i = 0; event_names[i]; i++) {
        if (lsbl_get_field(L, table, event_names[i]) == LUA_TNIL)
            lua_pop(L, 1);
        else
            add_function(L, sandbox, event_names[i]);
    }
}
