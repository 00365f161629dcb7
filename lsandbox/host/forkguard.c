/* Keeps the fork handlers of other libraries from closing what libvirt has just opened. */
#include "host/forkguard.h"

#include <fcntl.h>
#include <glib.h>
#include <link.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * libvirt starts QEMU by two forks (virExec() in its src/util/vircommand.c). The first child closes
 * every descriptor that QEMU is not to have, makes a pipe, which gets the lowest numbers, and forks
 * again. libuv's fork handler in the second child closes the two numbers at which libuv had a pipe
 * (uv__signal_global_reinit() in its src/unix/signal.c). Where libuv was initialised early, those
 * numbers are low, too, and are libvirt's pipe now: the first child reads an end of file and exits
 * with status 1. So copy the low descriptors before the second fork, and put back those that the
 * handlers changed. The second child executes QEMU, so there libuv does not miss its own pipe.
 */
enum { GUARDED = 32 };

static __thread pid_t guarding; /* 0, or the process in which this thread calls libvirt */
static int saved[GUARDED];      /* copies, in a child of libvirt's, which has one thread */

static gboolean is_child_of_libvirt(void)
{
    return guarding != 0 && guarding != getpid();
}

static void before_fork(void)
{
    for (int fd = STDERR_FILENO + 1; is_child_of_libvirt() && fd < GUARDED; fd++)
        if (saved[fd] <= 0)
            saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, GUARDED);
}

static gboolean is_same_file(int a, int b)
{
    struct stat x, y;
    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void after_fork_in_parent(void)
{
    for (int fd = 0; is_child_of_libvirt() && fd < GUARDED; fd++)
        if (saved[fd] > 0) {
            close(saved[fd]);
            saved[fd] = 0;
        }
}

/* What libvirt passes on to QEMU is unchanged and keeps its flags. */
static void after_fork_in_child(void)
{
    for (int fd = 0; is_child_of_libvirt() && fd < GUARDED; fd++)
        if (saved[fd] > 0 && !is_same_file(saved[fd], fd))
            dup3(saved[fd], fd, O_CLOEXEC);
}

/* How many libraries were ever loaded, dl_iterate_phdr(3). */
static int count_loaded(struct dl_phdr_info *info, size_t size, void *count)
{
    (void)size;
    *(unsigned long long *)count = info->dlpi_adds;
    return 1;
}

/*
 * Handlers in the child run in the order of their registration, and these have to run last. So
 * register them again whenever a library was loaded, which may have brought a handler. That they
 * run several times then does no harm.
 */
static void register_last(void)
{
    static GMutex lock;
    static unsigned long long registered;
    unsigned long long loaded = 0;
    dl_iterate_phdr(count_loaded, &loaded);
    g_mutex_lock(&lock);
    if (loaded != registered)
        pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
    registered = loaded;
    g_mutex_unlock(&lock);
}

void lsb_forkguard_begin(void)
{
    register_last();
    guarding = getpid();
}

void lsb_forkguard_end(void)
{
    guarding = 0;
}
