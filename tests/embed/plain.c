/*
 * The plainest C program that embeds Lua and lsandbox: plain SCRIPT [ARGUMENT ...].
 *
 * It runs the script in a Lua state, closes the state, and runs the script in a new one; then it
 * runs the script in two states that live at the same time. The script gets the name of its round
 * and the arguments. If it sets a global function `later`, the program calls that after all states
 * of the round have run the script.
 */
#include <stdio.h>

#include <lauxlib.h>
#include <lsandbox.h>
#include <lualib.h>

static int arguments;
static char **argument;

static void complain(lua_State *L)
{
    fprintf(stderr, "plain: %s\n", lua_tostring(L, -1));
    lua_pop(L, 1);
}

static lua_State *new_state(void)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    luaL_requiref(L, "lsandbox", luaopen_lsandbox, 0);
    lua_pop(L, 1);
    return L;
}

static int run(lua_State *L, const char *script, const char *round)
{
    if (luaL_loadfile(L, script) == LUA_OK) {
        lua_pushstring(L, round);
        for (int i = 0; i < arguments; i++)
            lua_pushstring(L, argument[i]);
        if (lua_pcall(L, arguments + 1, 0, 0) == LUA_OK)
            return 0;
    }
    complain(L);
    return 1;
}

static int run_later(lua_State *L)
{
    if (lua_getglobal(L, "later") == LUA_TNIL) {
        lua_pop(L, 1);
        return 0;
    }
    if (lua_pcall(L, 0, 0, 0) == LUA_OK)
        return 0;
    complain(L);
    return 1;
}

static int one_state(const char *script, const char *round)
{
    lua_State *L = new_state();
    int failed = run(L, script, round) || run_later(L);
    lua_close(L);
    return failed;
}

static int two_states(const char *script)
{
    lua_State *a = new_state(), *b = new_state();
    int failed = run(a, script, "a") || run(b, script, "b") || run_later(a) || run_later(b);
    lua_close(a);
    lua_close(b);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: plain SCRIPT [ARGUMENT ...]\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    arguments = argc - 2;
    argument = argv + 2;
    return one_state(argv[1], "first") || one_state(argv[1], "second") || two_states(argv[1]);
}
