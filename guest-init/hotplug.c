/* Switches on the processors that the host adds to a running machine. */
#define _GNU_SOURCE
#include "hotplug.h"

#include "boot.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int processors = -1; /* /sys/devices/system/cpu */
static struct watch events = {.fd = -1};

/* Whether the machine may get more processors: "possible" is a range then, and "0" otherwise. */
static bool can_grow(int dir)
{
    char text[64];
    int fd = openat(dir, "possible", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 && memchr(text, '-', (size_t)n);
}

void hotplug_prepare(void)
{
    int dir = open("/sys/devices/system/cpu", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0 && can_grow(dir)) {
        processors = dir;
        events.fd = boot_listen();
    } else {
        close(dir);
    }
}

static void switch_on(const char *name)
{
    char path[64];
    if (snprintf(path, sizeof path, "%s/online", name) >= (int)sizeof path)
        return;
    int fd = openat(processors, path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "1", 1) != 1)
        say("switch on the processor %s: %s", name, strerror(errno));
    close(fd);
}

/* An event begins with "add@/devices/system/cpu/cpu1"; its variables say the same once more. */
static void device_event(struct server *s, struct watch *w, uint32_t ready)
{
    static const char added[] = "add@/devices/system/cpu/";
    char text[8192];
    ssize_t n;
    (void)s, (void)ready;
    while ((n = recv(w->fd, text, sizeof text - 1, 0)) > 0) {
        text[n] = 0;
        if (strncmp(text, added, strlen(added)) == 0)
            switch_on(text + strlen(added));
    }
}

void hotplug_watch(struct server *s)
{
    if (events.fd < 0)
        return;
    events.ready = device_event;
    events.added = false; /* the set is a new one */
    watch_set(s->events, &events, EPOLLIN);
}
