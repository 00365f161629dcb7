/*
 * A Lua module for the bench: child processes, and the descriptors to talk to them. Descriptors and
 * process ids are plain numbers, so the script itself must close and kill what it has opened.
 *
 *     spawn(argv, {stdin=FD, stdout=FD, stderr=FD, keep={FD...}}) -> pid
 *         A stream that is not named is /dev/null.
 *     wait(pid, seconds) -> status | nil, "signal N" | nil, "timeout"
 *         The child is killed after SECONDS.
 *     kill(pid)                                   Send SIGKILL; wait() still has to follow.
 *     pair() -> fd, fd                            Make two stream sockets that are connected.
 *     open(path[, "w"]) -> fd | nil, message      With "w" the file is made anew.
 *     close(fd)
 *     send(fd, text[, passed])                    PASSED is a descriptor for the other end.
 *     line(fd, seconds) -> text | nil, why        The text up to a newline, which is left out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORDS 128
#define MAX_KEPT  8
#define MAX_LINE  65536 /* QMP's greeting and answers are far shorter */

typedef struct Spawning {
    const char *argv[MAX_WORDS + 1];
    int standard[3];
    int kept[MAX_KEPT];
    int n_kept;
} Spawning;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int failed(lua_State *L, const char *why)
{
    lua_pushnil(L);
    lua_pushstring(L, why);
    return 2;
}

static int descriptor_field(lua_State *L, const char *name)
{
    lua_getfield(L, 2, name);
    int fd = (int)luaL_optinteger(L, -1, -1);
    lua_pop(L, 1);
    return fd;
}

static void read_spawning(lua_State *L, Spawning *s)
{
    static const char *const names[] = {"stdin", "stdout", "stderr"};
    lua_Integer n = luaL_len(L, 1);
    luaL_argcheck(L, n > 0 && n <= MAX_WORDS, 1, "too many or no words");
    for (lua_Integer i = 0; i < n; i++) {
        lua_geti(L, 1, i + 1);
        s->argv[i] = luaL_checkstring(L, -1); /* stays valid: the table has it */
        lua_pop(L, 1);
    }
    if (lua_isnoneornil(L, 2))
        return;
    for (int i = 0; i < 3; i++)
        s->standard[i] = descriptor_field(L, names[i]);
    if (lua_getfield(L, 2, "keep") == LUA_TTABLE) {
        s->n_kept = (int)luaL_len(L, -1);
        luaL_argcheck(L, s->n_kept <= MAX_KEPT, 2, "too many descriptors");
        for (int i = 0; i < s->n_kept; i++) {
            lua_geti(L, -1, i + 1);
            s->kept[i] = (int)luaL_checkinteger(L, -1);
            lua_pop(L, 1);
        }
    }
}

static void run_child(const Spawning *s)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing is left of a bench that was killed */
    for (int i = 0; i < 3; i++)
        dup2(s->standard[i] >= 0 ? s->standard[i] : null, i);
    for (int i = 0; i < s->n_kept; i++)
        fcntl(s->kept[i], F_SETFD, 0);
    execvp(s->argv[0], (char *const *)s->argv);
    _exit(127);
}

static int process_spawn(lua_State *L)
{
    Spawning s = {.standard = {-1, -1, -1}};
    luaL_checktype(L, 1, LUA_TTABLE);
    read_spawning(L, &s);
    pid_t child = fork();
    if (child == 0)
        run_child(&s);
    if (child < 0)
        return luaL_error(L, "fork: %s", strerror(errno));
    lua_pushinteger(L, child);
    return 1;
}

static int reap(lua_State *L, pid_t child)
{
    int status;
    if (waitpid(child, &status, 0) != child)
        return luaL_error(L, "waitpid: %s", strerror(errno));
    if (WIFEXITED(status)) {
        lua_pushinteger(L, WEXITSTATUS(status));
        return 1;
    }
    lua_pushnil(L);
    lua_pushfstring(L, "signal %d", WTERMSIG(status));
    return 2;
}

static int process_wait(lua_State *L)
{
    pid_t child = (pid_t)luaL_checkinteger(L, 1);
    double seconds = luaL_checknumber(L, 2);
    int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
    if (pidfd < 0)
        return luaL_error(L, "pidfd_open: %s", strerror(errno));
    struct pollfd ended = {.fd = pidfd, .events = POLLIN};
    int n = poll(&ended, 1, (int)(seconds * 1000));
    close(pidfd);
    if (n > 0)
        return reap(L, child);
    kill(child, SIGKILL);
    reap(L, child);
    return failed(L, "timeout");
}

static int process_kill(lua_State *L)
{
    kill((pid_t)luaL_checkinteger(L, 1), SIGKILL);
    return 0;
}

static int process_pair(lua_State *L)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return luaL_error(L, "socketpair: %s", strerror(errno));
    lua_pushinteger(L, fds[0]);
    lua_pushinteger(L, fds[1]);
    return 2;
}

static int process_open(lua_State *L)
{
    int writing = strcmp(luaL_optstring(L, 2, "r"), "w") == 0;
    int flags = writing ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY;
    int fd = open(luaL_checkstring(L, 1), flags | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed(L, strerror(errno));
    lua_pushinteger(L, fd);
    return 1;
}

static int process_close(lua_State *L)
{
    close((int)luaL_checkinteger(L, 1));
    return 0;
}

/* With PASSED >= 0 that descriptor goes along. unix(7), SCM_RIGHTS. */
static ssize_t send_with(int fd, const char *text, size_t size, int passed)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec data = {(void *)text, size};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};
    if (passed >= 0) {
        memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
        message.msg_control = &control;
        message.msg_controllen = sizeof control.space;
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL);
}

static int process_send(lua_State *L)
{
    size_t size;
    int fd = (int)luaL_checkinteger(L, 1);
    const char *text = luaL_checklstring(L, 2, &size);
    if (send_with(fd, text, size, (int)luaL_optinteger(L, 3, -1)) != (ssize_t)size)
        return luaL_error(L, "send: %s", strerror(errno));
    return 0;
}

/* Byte by byte, so that nothing of the next line is lost; the lines are few. */
static int process_line(lua_State *L)
{
    int fd = (int)luaL_checkinteger(L, 1);
    double end = now() + luaL_checknumber(L, 2);
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    for (int i = 0; i < MAX_LINE; i++) {
        struct pollfd in = {.fd = fd, .events = POLLIN};
        double left = end - now();
        char byte;
        if (left <= 0 || poll(&in, 1, (int)(left * 1000) + 1) == 0)
            return failed(L, "timeout");
        if (read(fd, &byte, 1) != 1)
            return failed(L, "end of file");
        if (byte == '\n') {
            luaL_pushresult(&text);
            return 1;
        }
        luaL_addchar(&text, byte);
    }
    return failed(L, "no newline");
}

int luaopen_process(lua_State *L);
int luaopen_process(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"spawn", process_spawn}, {"wait", process_wait}, {"kill", process_kill},
        {"pair", process_pair},   {"open", process_open}, {"close", process_close},
        {"send", process_send},   {"line", process_line}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
