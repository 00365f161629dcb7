/* Everything between fork and exec of a program, in the child. */
#define _GNU_SOURCE
#include "child.h"

#include "files.h"
#include "filter.h"
#include "identity.h"
#include "grouplimits.h"
#include "log.h"
#include "serve.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOT_FOUND = 127, NOT_RUNNABLE = 126 };

static struct rlimit first_nofile;

/*
 * The init raises its own limit, because it has a descriptor for each stream of each program.
 * Programs get the limit that it began with.
 */
void child_remember_limits(void)
{
    getrlimit(RLIMIT_NOFILE, &first_nofile);
    struct rlimit all = {first_nofile.rlim_max, first_nofile.rlim_max};
    setrlimit(RLIMIT_NOFILE, &all);
}

/* --- leaving the init's own state --- */

static int take_stdio(const struct request *q, const int stdio[3])
{
    for (int i = 0; i < 3; i++)
        if (dup2(stdio[i], i) < 0)
            return failed("set up the standard streams");
    if (q->flags & WIRE_SPAWN_TTY && terminal_control() < 0)
        return failed("make the terminal the controlling one");
    return 0;
}

/* The init is protected from the kernel's out-of-memory killer; its programs must not be. */
static void be_killable(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "0", 1) < 0)
        errno = 0; /* the score was 0 already: only lowering it would need a privilege */
    close(fd);
}

/* --- finding the program --- */

static const char *program_variable(const struct request *q, const char *name)
{
    size_t len = strlen(name);
    for (char **v = q->envp; *v; v++)
        if (strncmp(*v, name, len) == 0 && (*v)[len] == '=')
            return *v + len + 1;
    return NULL;
}

/* Run a text file without "#!" by sh, as shells do. Returns only on failure. */
static void run_script(const struct request *q, const char *path)
{
    char **argv = calloc((size_t)q->argc + 2, sizeof *argv);
    if (!argv)
        return;
    argv[0] = "sh";
    argv[1] = (char *)path;
    memcpy(argv + 2, q->argv + 1, q->argc * sizeof *argv); /* with the NULL at the end */
    execve("/bin/sh", argv, q->envp);
    free(argv);
}

static void run_file(const struct request *q, const char *path)
{
    execve(path, q->argv, q->envp);
    if (errno == ENOEXEC)
        run_script(q, path);
}

/* Whether to try the next directory of PATH after this error, as execvp(3) does. */
static bool look_on(int errnum)
{
    return errnum == ENOENT || errnum == ENOTDIR || errnum == EACCES || errnum == ENAMETOOLONG ||
           errnum == ELOOP || errnum == ESTALE || errnum == ENODEV || errnum == ETIMEDOUT;
}

/* As execvp(3), in the PATH of the program's own environment. Returns only on failure. */
static void run_from_path(const struct request *q)
{
    const char *path = program_variable(q, "PATH");
    if (!path)
        path = "/usr/local/bin:/usr/bin:/bin";
    int found = ENOENT;
    for (const char *end; path; path = *end ? end + 1 : NULL) {
        char file[PATH_MAX];
        end = strchrnul(path, ':');
        int len = (int)(end - path);
        if (snprintf(file, sizeof file, "%.*s%s%s", len, path, len ? "/" : "", q->argv[0]) <
            PATH_MAX) {
            run_file(q, file);
            if (!look_on(errno))
                return;
            if (errno == EACCES) /* to be reported unless a later directory has a file that runs */
                found = EACCES;
        }
    }
    errno = found;
}

static void exec_program(const struct request *q)
{
    if (!*q->argv[0])
        errno = ENOENT;
    else if (strchr(q->argv[0], '/'))
        run_file(q, q->argv[0]);
    else
        run_from_path(q);
}

/* --- the file service --- */

/*
 * The file service runs in the init's memory, which no other program may look at. Without exec no
 * descriptor closes by itself: not the init's ends of the other programs' pipes, and not REPORT,
 * whose closing tells the init that the service runs.
 */
static _Noreturn void serve_files(const struct request *q)
{
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NAME, "lsandbox-files");
    syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
    _exit(files_run((int)q->argc, q->argv));
}

/* --- the whole way --- */

static _Noreturn void report_failure(int report, int status)
{
    struct child_report r = {.errnum = failure_errno(), .status = status};
    snprintf(r.text, sizeof r.text, "%s", failure_text());
    _exit(write(report, &r, sizeof r) == sizeof r ? status : NOT_RUNNABLE);
}

static int prepare_child(const struct request *q, const int stdio[3], bool lock_mounts)
{
    setsid();
    serve_unblock_signals();
    be_killable();
    setrlimit(RLIMIT_NOFILE, &first_nofile);
    if (limits_enter() < 0)
        return failed("enter the control group of the programs");
    if (take_stdio(q, stdio) < 0 ||
        (lock_mounts && identity_can_unlock(q) && identity_lock_mounts() < 0) ||
        identity_limits(q) < 0 || /* not before: locking needs descriptors and a process */
        identity_take_on(q) < 0)
        return -1;
    const char *cwd = *q->cwd ? q->cwd : "/";
    return chdir(cwd) < 0 ? failed("enter the directory %s", cwd) : 0;
}

_Noreturn void child_run(const struct request *q, const int stdio[3], int report, bool lock_mounts)
{
    if (prepare_child(q, stdio, lock_mounts) < 0)
        report_failure(report, NOT_RUNNABLE);
    if (q->flags & WIRE_SPAWN_FILES)
        serve_files(q);
    if (filter_install(q) < 0)
        report_failure(report, NOT_RUNNABLE);
    exec_program(q);
    int status = errno == ENOENT ? NOT_FOUND : NOT_RUNNABLE;
    failed("run %s", q->argv[0]);
    report_failure(report, status);
}
