/*
 * alloc_sweep SCRIPT [--all | --few]: let Lua run out of memory at every place where it can.
 *
 * SCRIPT returns a list of scenarios:
 *
 *     { name =, before = function() -> value, run = function(value) }
 *
 * Each scenario runs again and again, each time in a new Lua state whose allocator refuses the
 * n-th request of `run`, for n from 1 until no request is refused. After each run everything must
 * be as before it: no more of Lua's memory, descriptors, sources on GLib's default context,
 * threads, child processes and sandboxes. The sandboxes are those of fake_domain.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <lauxlib.h>
#include <lualib.h>

#include "fake_domain.h"
#include "lsandbox.h"

enum {
    SAMPLES = 100,
    FEW_SAMPLES = 5,   /* of a scenario's requests, where not all are tried */
    HANG_SECONDS = 60, /* one run takes milliseconds */
};

/*
 * Lua collects garbage and asks a second time before it gives up: ONCE only makes it collect, at
 * that place. TWICE makes it raise, with memory at hand for the clean-up; REST gives it none until
 * the error is out of `run`.
 */
typedef enum { ONCE, TWICE, REST, MODES } Mode;

static const char *const mode_names[MODES] = {"one request refused", "two requests refused",
                                              "all from there refused"};

typedef struct {
    gboolean armed;
    Mode mode;
    guint64 n, requests; /* the n-th is the first to be refused; 0: none */
    gsize bytes;
} Memory;

static char doing[256]; /* for the message of a hang */

/* --- the allocator --- */

static gboolean refuse(Memory *m)
{
    if (!m->armed)
        return FALSE;
    m->requests++;
    if (m->n == 0 || m->requests < m->n)
        return FALSE;
    return m->mode == REST || m->requests <= m->n + (m->mode == TWICE);
}

/* Lua takes it for granted that to shrink or free cannot fail. */
static void *allocate(void *data, void *block, size_t old, size_t size)
{
    Memory *m = data;
    gsize had = block ? old : 0;
    if (size > had && refuse(m))
        return NULL;
    m->bytes += size;
    m->bytes -= had;
    if (size > 0)
        return realloc(block, size);
    free(block);
    return NULL;
}

/* --- what must not grow --- */

typedef struct {
    guint descriptors, threads, fds, stuck;
    int timeout, sandboxes;
} World;

static guint entries(const char *path)
{
    guint n = 0;
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    while (dir && g_dir_read_name(dir))
        n++;
    return n;
}

/* What the default context would wait for: its descriptors, and its next timer (-1: none). */
static void look_at_context(World *w)
{
    GMainContext *context = g_main_context_default();
    GPollFD fds[64];
    int priority;
    g_assert_true(g_main_context_acquire(context));
    g_main_context_prepare(context, &priority);
    w->fds = (guint)g_main_context_query(context, G_MAXINT, &w->timeout, fds, G_N_ELEMENTS(fds));
    g_main_context_release(context);
}

static World look(void)
{
    World w = {.sandboxes = fake_domains_alive(), .stuck = (guint)fake_domains_stuck()};
    look_at_context(&w); /* makes the default context, a descriptor, if it was not there */
    w.descriptors = entries("/proc/self/fd");
    w.threads = entries("/proc/self/task");
    return w;
}

/* pthread_join() returns before the kernel has taken the thread out of /proc. */
static World look_without_joined(const World *before)
{
    enum { TIMES = 200, PAUSE_US = 10000 };
    World now = look();
    for (int i = 0; i < TIMES && now.threads > before->threads; i++) {
        g_usleep(PAUSE_US);
        now = look();
    }
    return now;
}

/* NULL when nothing was left; the caller frees. */
static char *left_over(const World *before, const Memory *m)
{
    World now = look_without_joined(before);
    GString *s = g_string_new(NULL);
    if (m->bytes != 0)
        g_string_append_printf(s, " %zu bytes of Lua's;", m->bytes);
    if (now.descriptors != before->descriptors)
        g_string_append_printf(s, " %d descriptors;", (int)(now.descriptors - before->descriptors));
    if (now.threads != before->threads)
        g_string_append_printf(s, " %d threads;", (int)(now.threads - before->threads));
    if (now.fds != before->fds || now.timeout != before->timeout)
        g_string_append_printf(s, " sources on the default context (%u for %u, timer %d);", now.fds,
                               before->fds, now.timeout);
    if (now.sandboxes != 0 || now.stuck != 0)
        g_string_append_printf(s, " %d sandboxes, %u stuck;", now.sandboxes, now.stuck);
    if (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD)
        g_string_append(s, " a child process;");
    return g_string_free(s, s->len == 0);
}

/* --- one run --- */

static lua_State *new_state(Memory *m, const char *script)
{
    lua_State *L = lua_newstate(allocate, m);
    luaL_openlibs(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, luaopen_lsandbox);
    lua_setfield(L, -2, "lsandbox");
    lua_pop(L, 1);
    if (luaL_dofile(L, script) != LUA_OK) {
        printf("Bail out! %s\n", lua_tostring(L, -1));
        exit(1);
    }
    return L;
}

/* Call field NAME of the scenario at 2, with the value on top, if it has one; protected. */
static int call(lua_State *L, const char *name)
{
    if (lua_getfield(L, 2, name) == LUA_TNIL) {
        lua_pop(L, 1);
        return LUA_OK;
    }
    lua_insert(L, -2);
    return lua_pcall(L, 1, 1, 0);
}

/*
 * An error is right where memory was refused, and then must be of memory. Where only one request
 * was, too: the buffers of lauxlib do not ask twice.
 */
static char *judge(lua_State *L, int status, const Memory *m)
{
    const char *message = lua_tostring(L, -1);
    if (status == LUA_OK)
        return NULL;
    if (m->n && m->requests >= m->n && message && strstr(message, "not enough memory"))
        return NULL;
    return g_strdup(message ? message : "an error that is no string");
}

/* Returns NULL, or what went wrong. */
static char *run(const char *script, int scenario, Memory *m)
{
    lua_State *L = new_state(m, script);
    lua_rawgeti(L, 1, scenario);
    lua_pushnil(L);
    int status = call(L, "before");
    if (status == LUA_OK) {
        m->armed = TRUE;
        status = call(L, "run");
        m->armed = FALSE;
    }
    char *wrong = judge(L, status, m);
    lua_close(L);
    return wrong;
}

/* --- sweeping --- */

/* Also the warm-up: descriptors and threads that stay for good are made here. */
static guint64 count_requests(const char *script, int scenario, char **wrong)
{
    Memory m = {0};
    *wrong = run(script, scenario, &m);
    return m.requests;
}

static char *run_and_look(const char *script, int scenario, Memory *m, const World *before)
{
    char *wrong = run(script, scenario, m);
    return wrong ? wrong : left_over(before, m);
}

/* TRUE when every n was survived; else says which was not. */
static gboolean sweep(const char *script, int scenario, const char *name, Mode mode, guint64 step)
{
    World before = look();
    for (guint64 n = 1;; n += step) {
        Memory m = {.mode = mode, .n = n};
        snprintf(doing, sizeof doing, "%s, %s, request %lu", name, mode_names[mode], (gulong)n);
        alarm(HANG_SECONDS);
        g_autofree char *wrong = run_and_look(script, scenario, &m, &before);
        if (wrong) {
            printf("# %s: %s\n", doing, wrong);
            return FALSE;
        }
        if (m.requests < n)
            return TRUE;
    }
}

static void on_alarm(int number)
{
    static const char text[] = "Bail out! hung: ";
    (void)number;
    if (write(1, text, strlen(text)) > 0 && write(1, doing, strlen(doing)) > 0 &&
        write(1, "\n", 1) > 0)
        _exit(1);
    _exit(2);
}

/* The scenarios' names, read once. */
static char **scenario_names(const char *script)
{
    Memory m = {0};
    lua_State *L = new_state(&m, script);
    GStrvBuilder *names = g_strv_builder_new();
    for (int i = 1; lua_rawgeti(L, 1, i) == LUA_TTABLE; i++) {
        lua_getfield(L, -1, "name");
        g_strv_builder_add(names, luaL_checkstring(L, -1));
        lua_pop(L, 2);
    }
    lua_close(L);
    char **strv = g_strv_builder_end(names);
    g_strv_builder_unref(names);
    return strv;
}

static int test, failures;

static void report(gboolean passed, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void report(gboolean passed, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    printf("%sok %d - %s\n", passed ? "" : "not ", ++test, text);
    fflush(stdout);
    failures += !passed;
}

static void sweep_scenario(const char *script, int scenario, const char *name, guint64 samples)
{
    g_autofree char *wrong = NULL;
    guint64 requests = count_requests(script, scenario, &wrong);
    if (wrong) {
        report(FALSE, "%s: passes with enough memory (%s)", name, wrong);
        return;
    }
    guint64 step = 1 + requests / samples;
    for (Mode mode = ONCE; mode < MODES; mode++)
        report(sweep(script, scenario, name, mode, step), "%s: %s, %s of %lu", name,
               mode_names[mode], step == 1 ? "each" : "a sample", (gulong)requests);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: alloc_sweep SCRIPT [--all | --few] [SCENARIO]\n");
        return 2;
    }
    const char *option = argc > 2 && argv[2][0] == '-' ? argv[2] : NULL;
    const char *only = argv[2 + (option != NULL)];
    guint64 samples = g_strcmp0(option, "--all") == 0   ? G_MAXUINT64
                      : g_strcmp0(option, "--few") == 0 ? FEW_SAMPLES
                                                        : SAMPLES;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, on_alarm);
    g_auto(GStrv) names = scenario_names(argv[1]);
    for (int i = 0; names[i]; i++)
        if (!only || strcmp(only, names[i]) == 0)
            sweep_scenario(argv[1], i + 1, names[i], samples);
    printf("1..%d\n", test);
    return failures > 0;
}
