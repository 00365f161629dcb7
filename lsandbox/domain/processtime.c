/* When a process was started, by /proc. */
#include "domain/processtime.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The clock of /proc also counts the time in which the host was suspended (proc(5): starttime). */
static gint64 suspended(void)
{
    struct timespec boot;
    clock_gettime(CLOCK_BOOTTIME, &boot);
    return (gint64)boot.tv_sec * G_USEC_PER_SEC + boot.tv_nsec / 1000 - g_get_monotonic_time();
}

gint64 lsb_process_begun(int pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *stat = NULL;
    unsigned long long ticks;
    /* The program's name stands in parentheses, and may contain parentheses itself. */
    const char *end = g_file_get_contents(path, &stat, NULL, NULL) ? strrchr(stat, ')') : NULL;
    if (!end || sscanf(end,
                       ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
                       "%*d %llu",
                       &ticks) != 1)
        return -1;
    return (gint64)(ticks * G_USEC_PER_SEC / (guint64)sysconf(_SC_CLK_TCK)) - suspended();
}
