/*
 * A Lua module for the bench: a monotonic clock, and the host's own floors.
 *
 *     now() -> seconds             CLOCK_MONOTONIC
 *     exec(path, n) -> seconds     fork, execve and waitpid of PATH, N times one after the other
 *     echo(path, n) -> seconds     one byte through PATH (a cat) over a socketpair, N times
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <lauxlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* FD becomes stdin and stdout. */
static pid_t start(const char *path, int fd)
{
    pid_t child = fork();
    if (child == 0) {
        dup2(fd, STDIN_FILENO);
        dup2(fd, STDOUT_FILENO);
        execl(path, path, (char *)NULL);
        _exit(127);
    }
    return child;
}

/* Returns whether it ended with status 0. */
static int ends_well(pid_t child)
{
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int host_now(lua_State *L)
{
    lua_pushnumber(L, now());
    return 1;
}

static int host_exec(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    lua_Integer n = luaL_checkinteger(L, 2);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), ok = null >= 0;
    double begun = now();
    for (lua_Integer i = 0; i < n && ok; i++)
        ok = ends_well(start(path, null));
    double ended = now();
    close(null);
    if (!ok)
        return luaL_error(L, "%s failed", path);
    lua_pushnumber(L, ended - begun);
    return 1;
}

static int host_echo(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    lua_Integer n = luaL_checkinteger(L, 2);
    int pair[2];
    char byte = 'x';
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return luaL_error(L, "no socketpair");
    pid_t child = start(path, pair[1]);
    close(pair[1]);
    int ok = write(pair[0], &byte, 1) == 1 && read(pair[0], &byte, 1) == 1; /* it runs by then */
    double begun = now();
    for (lua_Integer i = 0; i < n && ok; i++)
        ok = write(pair[0], &byte, 1) == 1 && read(pair[0], &byte, 1) == 1;
    double ended = now();
    close(pair[0]);
    if (!ends_well(child) || !ok)
        return luaL_error(L, "%s failed", path);
    lua_pushnumber(L, ended - begun);
    return 1;
}

int luaopen_native(lua_State *L);
int luaopen_native(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"now", host_now}, {"exec", host_exec}, {"echo", host_echo}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
