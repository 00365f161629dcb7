/* Starts lsandbox-keeper (launcher/keeper.c) and gives it orders. */
#include "host/keeper.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/ownprocess.h"
#include "base/paths.h"
#include "host/journal.h"

/* The keeper only binds a socket before it answers, so this is long enough on any host. */
enum { READY_TIMEOUT_MS = 10000, CONTROL_FD = 3, LOCK_FD = 4 };

struct _LsbKeeper {
    int control;
    char *socket;
    LsbJournal *journal;
};

static gboolean wait_ready(int fd, GError **error)
{
    char answer[256] = "no answer";
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (poll(&p, 1, READY_TIMEOUT_MS) == 1) {
        ssize_t n = recv(fd, answer, sizeof answer - 1, 0);
        answer[MAX(n, 0)] = 0;
        if (strcmp(answer, "ready") == 0)
            return TRUE;
    }
    return lsb_fail(error, FAILED, "lsandbox-keeper did not start: %s",
                    *answer ? answer : "it ended at once");
}

/*
 * GLib forks twice for this, so the keeper is not this process's child, and does not appear in the
 * wait() of a program that embeds lsandbox.
 */
static gboolean spawn_keeper(const char *program, const char *socket_path, int control, int lock,
                             GError **error)
{
    const char *argv[] = {program, socket_path, "lock", NULL};
    const int passed[] = {control, lock}, numbers[] = {CONTROL_FD, LOCK_FD};
    /* or the keeper would hold the caller's pipes open after this process's end */
    const GSpawnFlags flags = G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL;
    g_autoptr(GError) cause = NULL;
    if (g_spawn_async_with_pipes_and_fds("/", argv, NULL, flags, NULL, NULL, -1, -1, -1, passed,
                                         numbers, G_N_ELEMENTS(passed), NULL, NULL, NULL, NULL,
                                         &cause))
        return TRUE;
    return lsb_fail(error, FAILED, "cannot start %s: %s", program, cause->message);
}

static void send_order(const LsbKeeper *keeper, const struct msghdr *message)
{
    if (sendmsg(keeper->control, message, MSG_NOSIGNAL) < 0)
        g_debug("cannot send an order to the keeper: %s", g_strerror(errno));
}

static void tell_keeper(LsbKeeper *keeper, const char *verb, const char *rest)
{
    g_autofree char *text = g_strdup_printf("%s %s", verb, rest);
    struct iovec part = {text, strlen(text)};
    lsb_journal_note(keeper->journal, verb, rest);
    send_order(keeper, &(struct msghdr){.msg_iov = &part, .msg_iovlen = 1});
}

LsbKeeper *lsb_keeper_new(const char *directory, GError **error)
{
    g_autofree char *program = lsb_path_helper("lsandbox-keeper", error);
    int pair[2];
    if (!program)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        lsb_set_errno(error, errno, "cannot make a socket pair for the keeper");
        return NULL;
    }
    cleanup_fd int ours = pair[0];
    cleanup_fd int theirs = pair[1];
    g_autofree char *path = g_build_filename(directory, "keeper", NULL);
    g_autoptr(LsbJournal) journal = lsb_journal_new(directory, error);
    if (!journal || !spawn_keeper(program, path, theirs, lsb_journal_lock(journal), error))
        return NULL;
    close(steal_fd(&theirs)); /* else wait_ready() would not see a keeper that has ended */
    if (!wait_ready(ours, error))
        return NULL;
    LsbKeeper *keeper = g_new0(LsbKeeper, 1);
    keeper->control = steal_fd(&ours);
    lsb_process_hold(keeper->control);
    lsb_process_hold(lsb_journal_lock(journal)); /* or a forked child would keep others from it */
    keeper->socket = g_steal_pointer(&path);
    keeper->journal = g_steal_pointer(&journal);
    return keeper;
}

const char *lsb_keeper_socket(const LsbKeeper *keeper)
{
    return keeper->socket;
}

void lsb_keeper_watch_path(LsbKeeper *keeper, const char *path)
{
    tell_keeper(keeper, "dir", path);
}

void lsb_keeper_container(LsbKeeper *keeper, LsbContainerNews news, const char *name)
{
    static const char *const verbs[] = {
        [LSB_CONTAINER_STARTING] = "starting",
        [LSB_CONTAINER_STARTED] = "started",
        [LSB_CONTAINER_ENDED] = "ended",
    };
    tell_keeper(keeper, verbs[news], name);
}

void lsb_keeper_forget_path(LsbKeeper *keeper, const char *path)
{
    tell_keeper(keeper, "forget", path);
}

void lsb_keeper_watch_group(LsbKeeper *keeper, const char *path)
{
    tell_keeper(keeper, "group", path);
}

void lsb_keeper_watch_process(LsbKeeper *keeper, int pidfd)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    char text[] = "process";
    struct iovec part = {text, strlen(text)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    control.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &pidfd, sizeof pidfd);
    send_order(keeper, &message);
}

void lsb_keeper_free(LsbKeeper *keeper)
{
    if (!keeper)
        return;
    lsb_journal_remove_dir(keeper->journal);
    lsb_process_forget(keeper->control);
    lsb_process_forget(lsb_journal_lock(keeper->journal));
    close(keeper->control);
    lsb_journal_free(keeper->journal);
    g_free(keeper->socket);
    g_free(keeper);
}
