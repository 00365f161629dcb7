/*
 * A GLib program with a main loop of its own that embeds Lua and lsandbox:
 *
 *     gapp SCRIPT [ARGUMENT ...]
 *
 * The loop runs the script, which gets the arguments. The script may use
 *     ticks()          how often the program's timer of 10 ms has fired
 *     every(ms, fn)    call FN every MS milliseconds until it returns false
 *     quit(status)     end the loop
 */
#include <stdio.h>

#include <glib.h>
#include <lauxlib.h>
#include <lsandbox.h>
#include <lualib.h>

enum { TICK_MS = 10 };

typedef struct {
    GMainLoop *loop;
    lua_State *L;
    int argc;
    char **argv;
    int ticks, status;
} App;

static App app;

static void fail(void)
{
    fprintf(stderr, "gapp: %s\n", lua_tostring(app.L, -1));
    lua_pop(app.L, 1);
    app.status = 1;
    g_main_loop_quit(app.loop);
}

static gboolean on_tick(gpointer data)
{
    (void)data;
    app.ticks++;
    return G_SOURCE_CONTINUE;
}

/* --- what the script may call --- */

static int ticks(lua_State *L)
{
    lua_pushinteger(L, app.ticks);
    return 1;
}

static int quit(lua_State *L)
{
    app.status = (int)luaL_optinteger(L, 1, 0);
    g_main_loop_quit(app.loop);
    return 0;
}

/* The function is in the registry. On the main state, for the coroutine that asked may be gone. */
static gboolean on_every(gpointer function)
{
    lua_rawgeti(app.L, LUA_REGISTRYINDEX, GPOINTER_TO_INT(function));
    if (lua_pcall(app.L, 0, 1, 0) != LUA_OK) {
        fail();
        return G_SOURCE_REMOVE;
    }
    gboolean again = lua_toboolean(app.L, -1);
    lua_pop(app.L, 1);
    if (!again)
        luaL_unref(app.L, LUA_REGISTRYINDEX, GPOINTER_TO_INT(function));
    return again;
}

static int every(lua_State *L)
{
    guint ms = (guint)luaL_checkinteger(L, 1);
    luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    g_timeout_add(ms, on_every, GINT_TO_POINTER(luaL_ref(L, LUA_REGISTRYINDEX)));
    return 0;
}

/*
 * -----------------------------------------------------------------------------------------------
 */

static gboolean run_script(gpointer data)
{
    (void)data;
    if (luaL_loadfile(app.L, app.argv[1]) != LUA_OK) {
        fail();
        return G_SOURCE_REMOVE;
    }
    for (int i = 2; i < app.argc; i++)
        lua_pushstring(app.L, app.argv[i]);
    if (lua_pcall(app.L, app.argc - 2, 0, 0) != LUA_OK)
        fail();
    return G_SOURCE_REMOVE;
}

static lua_State *new_state(void)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    luaL_requiref(L, "lsandbox", luaopen_lsandbox, 0);
    lua_pop(L, 1);
    lua_register(L, "ticks", ticks);
    lua_register(L, "every", every);
    lua_register(L, "quit", quit);
    return L;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: gapp SCRIPT [ARGUMENT ...]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    app = (App){.loop = g_main_loop_new(NULL, FALSE), .L = new_state(), .argc = argc, .argv = argv};
    g_timeout_add(TICK_MS, on_tick, NULL);
    g_idle_add(run_script, NULL);
    g_main_loop_run(app.loop);
    lua_close(app.L);
    g_main_loop_unref(app.loop);
    return app.status;
}
