/* The file service: watch, the events of a file or directory by inotify(7). */
#define _GNU_SOURCE
#include "filewatch.h"

#include "files.h"
#include "shared/units.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
    WATCHED = IN_CREATE | IN_DELETE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO |
              IN_CLOSE_WRITE,
};

/* -1 when the watch is over, because the watched file is gone: inotify says IN_IGNORED then. */
static int put_events(struct wire_buf *b, const char *data, size_t length)
{
    int result = 0;
    for (const char *at = data; at < data + length;) {
        struct inotify_event e;
        memcpy(&e, at, sizeof e);
        at += sizeof e;
        file_put_event(b, e.mask, e.cookie, e.len ? at : "");
        at += e.len;
        if (e.mask & IN_IGNORED)
            result = -1;
    }
    return result;
}

static int pass_events(int notify, struct wire_buf *b)
{
    static char events[64 * KiB];
    ssize_t n = read(notify, events, sizeof events);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : -1;
    int result = put_events(b, events, (size_t)n);
    return files_flush(b) < 0 ? -1 : result;
}

/* Ends at the end of stdin. The host writes nothing there, so poll(2) reports only its end. */
static int watch_until_eof(int notify)
{
    struct wire_buf b = {0};
    struct pollfd fds[] = {{.fd = notify, .events = POLLIN},
                           {.fd = STDIN_FILENO, .events = POLLIN}};
    file_put_empty(&b, FILE_READY);
    int result = files_flush(&b);
    while (result == 0 && !fds[1].revents) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        if (fds[0].revents)
            result = pass_events(notify, &b);
    }
    wire_buf_clear(&b);
    return files_done();
}

int filewatch_run(char **argv)
{
    int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (notify < 0 || inotify_add_watch(notify, argv[1], WATCHED) < 0)
        return files_error(NULL);
    return watch_until_eof(notify);
}
