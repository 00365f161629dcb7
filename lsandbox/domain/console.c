/* Reads a machine's boot console from a fifo, or the end of its file, and keeps the end. */
#include "domain/console.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "host/eventloop.h"

enum {
    OWNER_ONLY = 0600, /* libvirt opens the fifo for QEMU, as this user */
    CHUNK = 4096,
    CHUNKS_AT_ONCE = 16, /* what a pipe holds; then libvirt has a turn */
};

struct _LsbConsole {
    int fd;
    GSource *source; /* holds a reference of its own */
    GMutex lock;     /* guards what follows */
    gsize length;
    char tail[LSB_CONSOLE_TAIL];
};

static void console_clear(gpointer data)
{
    LsbConsole *console = data;
    if (console->fd >= 0)
        close(console->fd);
    g_mutex_clear(&console->lock);
}

static void console_unref(gpointer console)
{
    g_atomic_rc_box_release_full(console, console_clear);
}

static void keep_end(LsbConsole *console, const char *data, gsize n)
{
    gsize fresh = MIN(n, LSB_CONSOLE_TAIL), old = MIN(console->length, LSB_CONSOLE_TAIL - fresh);
    memmove(console->tail, console->tail + console->length - old, old);
    memcpy(console->tail + old, data + n - fresh, fresh);
    console->length = old + fresh;
}

static void take_what_is_there(LsbConsole *console)
{
    char data[CHUNK];
    ssize_t n;
    g_mutex_lock(&console->lock);
    for (int i = 0; i < CHUNKS_AT_ONCE && (n = read(console->fd, data, sizeof data)) > 0; i++)
        keep_end(console, data, (gsize)n);
    g_mutex_unlock(&console->lock);
}

static gboolean on_console_written(gint fd, GIOCondition condition, gpointer console)
{
    (void)fd;
    (void)condition;
    take_what_is_there(console);
    return G_SOURCE_CONTINUE;
}

/* Open it for writing, too: so it never has an end, and libvirt need not wait for a reader. */
static int make_fifo(const char *path)
{
    return mkfifo(path, OWNER_ONLY) < 0 ? -1 : open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

LsbConsole *lsb_console_new(const char *path, GError **error)
{
    cleanup_fd int fd = make_fifo(path);
    if (fd < 0) {
        lsb_set_errno(error, errno, "cannot make %s for the machine's console", path);
        return NULL;
    }
    LsbConsole *console = g_atomic_rc_box_new0(LsbConsole);
    console->fd = steal_fd(&fd);
    g_mutex_init(&console->lock);
    console->source = g_unix_fd_source_new(console->fd, G_IO_IN);
    g_source_set_callback(console->source, G_SOURCE_FUNC(on_console_written),
                          g_atomic_rc_box_acquire(console), console_unref);
    lsb_event_loop_attach(console->source);
    return console;
}

static GBytes *tail_of_file(const char *path)
{
    char data[LSB_CONSOLE_TAIL];
    struct stat st;
    cleanup_fd int fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd < 0 || fstat(fd, &st) < 0)
        return g_bytes_new(NULL, 0);
    ssize_t n = pread(fd, data, sizeof data, MAX(st.st_size - (off_t)sizeof data, 0));
    return g_bytes_new(data, (gsize)MAX(n, 0));
}

GBytes *lsb_console_tail(LsbConsole *console, const char *path)
{
    if (!console)
        return tail_of_file(path);
    take_what_is_there(console);
    g_mutex_lock(&console->lock);
    GBytes *tail = g_bytes_new(console->tail, console->length);
    g_mutex_unlock(&console->lock);
    return tail;
}

void lsb_console_free(LsbConsole *console)
{
    if (!console)
        return;
    g_source_destroy(console->source);
    g_clear_pointer(&console->source, g_source_unref);
    console_unref(console);
}
