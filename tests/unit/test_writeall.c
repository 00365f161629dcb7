/* Writing all of a buffer (shared/writeall.c): over short writes, signals and errors. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "shared/units.h"
#include "shared/writeall.h"

enum { SIZE = 4 * MiB };

static guint8 *pattern(void)
{
    guint8 *data = g_malloc(SIZE);
    for (gsize i = 0; i < SIZE; i++)
        data[i] = (guint8)(i * 7 + i / 251);
    return data;
}

static gpointer read_slowly(gpointer end)
{
    guint8 *got = g_malloc0(SIZE);
    gsize length = 0;
    for (gssize n; length < SIZE; length += (gsize)n) {
        n = read(GPOINTER_TO_INT(end), got + length, MIN(SIZE - length, 50 * KiB));
        if (n < 0 && errno == EINTR)
            n = 0;
        else if (n <= 0)
            break;
    }
    return got;
}

static void on_alarm(int number)
{
    (void)number;
}

/*
 * The timer interrupts write(2), without SA_RESTART, while the pipe is full: EINTR or a short
 * write.
 */
static void test_interrupted(void)
{
    int ends[2];
    g_autofree guint8 *data = pattern();
    struct sigaction old, action = {.sa_handler = on_alarm};
    struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
    sigaction(SIGALRM, &action, &old);
    GThread *reader = g_thread_new("reader", read_slowly, GINT_TO_POINTER(ends[0]));
    setitimer(ITIMER_REAL, &often, NULL);
    g_assert_cmpint(write_all(ends[1], data, SIZE), ==, 0);
    setitimer(ITIMER_REAL, &never, NULL);
    g_autofree guint8 *got = g_thread_join(reader);
    sigaction(SIGALRM, &old, NULL);
    g_assert_cmpmem(got, SIZE, data, SIZE);
    close(ends[0]);
    close(ends[1]);
}

static void test_at(void)
{
    char got[8] = "";
    int fd = memfd_create("test", MFD_CLOEXEC);
    g_assert_cmpint(write_all_at(fd, "tail", 4, 3), ==, 0);
    g_assert_cmpint(write_all_at(fd, "top", 3, 0), ==, 0);
    g_assert_cmpint(pread(fd, got, sizeof got, 0), ==, 7);
    g_assert_cmpstr(got, ==, "toptail");
    close(fd);
}

static void test_error(void)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    errno = 0;
    g_assert_cmpint(write_all(full, "x", 1), ==, -1);
    g_assert_cmpint(errno, ==, ENOSPC);
    g_assert_cmpint(write_all(full, "", 0), ==, 0);
    close(full);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/writeall/interrupted", test_interrupted);
    g_test_add_func("/writeall/at", test_at);
    g_test_add_func("/writeall/error", test_error);
    return g_test_run();
}
