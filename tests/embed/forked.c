/*
 * forked SCRIPT ARGUMENTS ...: a Lua interpreter whose scripts can fork as host programs do.
 * fork() -> 0 in the child, its number in the parent; reap(pid) -> its status, as a shell says it.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lualib.h>

static int forked_fork(lua_State *L)
{
    fflush(NULL);
    lua_pushinteger(L, fork());
    return 1;
}

static int forked_reap(lua_State *L)
{
    int status = 0;
    while (waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0) < 0 && errno == EINTR)
        ;
    lua_pushinteger(L, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    return 1;
}

int main(int argc, char **argv)
{
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    lua_register(L, "fork", forked_fork);
    lua_register(L, "reap", forked_reap);
    lua_createtable(L, argc, 0);
    for (int i = 2; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i - 1);
    }
    lua_setglobal(L, "arg");
    int failed = argc < 2 || luaL_dofile(L, argv[1]) != LUA_OK;
    if (failed)
        fprintf(stderr, "forked: %s\n", argc < 2 ? "expected a script" : lua_tostring(L, -1));
    lua_close(L);
    return failed;
}
