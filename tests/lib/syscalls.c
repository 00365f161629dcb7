/*
 * syscalls NAME ...: makes system calls as no library would, and prints for each its NAME and what
 * came of it: "ok", an error's number, or "trapped" where the kernel knows no such way in. Static,
 * so that it runs in any root.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { VSOCK = 40, ALG = 38, X32 = 0x40000000, SOCKETCALL_SOCKET = 1 };

static sigjmp_buf trapped;

static void on_trap(int signal)
{
    (void)signal;
    siglongjmp(trapped, 1);
}

/* The 32-bit way in, which a 64-bit program has as well. */
static long call32(long number, long a, long b)
{
#ifdef __x86_64__
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b)
                     : "memory", "r8", "r9", "r10", "r11");
    if (result >= 0)
        return result;
    errno = (int)-result;
    return -1;
#else
    (void)number, (void)a, (void)b;
    errno = ENOSYS;
    return -1;
#endif
}

static long make_call(const char *name)
{
    static int unix_socket[] = {1, 1, 0}; /* AF_UNIX, SOCK_STREAM */
    if (strcmp(name, "unshare-fs") == 0)
        return syscall(SYS_unshare, CLONE_FS);
    if (strcmp(name, "unshare-user") == 0)
        return syscall(SYS_unshare, CLONE_NEWUSER);
    if (strcmp(name, "clone-user") == 0) {
        long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
        if (pid == 0)
            _exit(0);
        return pid;
    }
    if (strcmp(name, "clone3") == 0)
        return syscall(SYS_clone3, NULL, 0);
    if (strcmp(name, "keyctl") == 0)
        return syscall(SYS_keyctl, 0, -3, 0);
    if (strcmp(name, "io-uring") == 0)
        return syscall(SYS_io_uring_setup, 0, NULL);
    if (strcmp(name, "vsock") == 0)
        return syscall(SYS_socket, VSOCK, 1, 0);
    if (strcmp(name, "alg") == 0)
        return syscall(SYS_socket, ALG, 5, 0);
    if (strcmp(name, "unix") == 0)
        return syscall(SYS_socket, 1, 1, 0);
    if (strcmp(name, "inet") == 0)
        return syscall(SYS_socket, 2, 1, 0);
    if (strcmp(name, "getpid") == 0)
        return syscall(SYS_getpid);
    if (strcmp(name, "getpid32") == 0)
        return call32(20, 0, 0);
    if (strcmp(name, "keyctl32") == 0)
        return call32(288, 0, -3);
    if (strcmp(name, "socket32") == 0)
        return call32(102, SOCKETCALL_SOCKET, (long)unix_socket);
    if (strcmp(name, "getpid-x32") == 0)
        return syscall(X32 | SYS_getpid);
    errno = EDOM; /* no such test */
    return -1;
}

static void report(const char *name, const char *result)
{
    char line[128];
    int n = snprintf(line, sizeof line, "%s %s\n", name, result);
    if (write(STDOUT_FILENO, line, (size_t)n) != n)
        _exit(1);
}

int main(int argc, char **argv)
{
    signal(SIGSEGV, on_trap);
    for (int i = 1; i < argc; i++) {
        char number[16] = "trapped";
        if (sigsetjmp(trapped, 1) == 0) {
            if (make_call(argv[i]) < 0)
                snprintf(number, sizeof number, "%d", errno);
            else
                strcpy(number, "ok");
        }
        report(argv[i], number);
    }
    return 0;
}
