/* The keeper's channel to its owner: reads the owner's orders, one message each, and obeys them. */
#define _GNU_SOURCE 1
#include "keeperowner.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_MAX = 8192 /* "forget " and the longest path, with room */ };

/* --- answers --- */

void keeperowner_say(const char *text)
{
    (void)send(KEEPER_CONTROL, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void keeperowner_say_error(const char *what, int errnum)
{
    char text[MESSAGE_MAX + 256];

    snprintf(text, sizeof(text), "error %s: %s", what, strerror(errnum));
    keeperowner_say(text);
}

/* --- messages --- */

struct message {
    char text[MESSAGE_MAX];
    int passed; /* the descriptor that came with it; -1: none */
};

/* The first descriptor of HEADER; more than one has no room and is discarded by the kernel. */
static int passed_descriptor(struct msghdr *header)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(header);
    int fd = -1;

    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
        c->cmsg_len >= CMSG_LEN(sizeof(fd)))
        memcpy(&fd, CMSG_DATA(c), sizeof(fd));
    return fd;
}

/* The length of the next message, which may be longer than the text; or as recv(2). */
static ssize_t receive_order(struct message *m)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec text = {m->text, sizeof(m->text) - 1};
    struct msghdr header = {.msg_iov = &text,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof(control.bytes)};
    ssize_t n = recvmsg(KEEPER_CONTROL, &header, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);

    m->passed = n < 0 ? -1 : passed_descriptor(&header);
    m->text[n > 0 && (size_t)n < sizeof(m->text) ? n : 0] = '\0';
    return n;
}

/* The set takes the descriptor over. */
static int watch_process(struct keeper_set *set, struct message *m)
{
    int pidfd = m->passed;

    m->passed = -1;
    if (pidfd < 0)
        return EINVAL;
    return keeperset_add_process(set, pidfd) ? 0 : errno;
}

static void obey_message(struct keeper_orders *orders, struct keeper_set *set, struct message *m)
{
    char *path = strchr(m->text, ' ');
    int errnum = strcmp(m->text, "process") == 0 ? watch_process(set, m)
                                                 : keeperorders_take(orders, m->text);

    if (errnum)
        keeperowner_say_error(path ? path + 1 : m->text, errnum);
}

/*
 * A hang-up (0 bytes) comes after all messages. ECONNRESET comes before them, once, when the owner
 * ended without reading the keeper's answers: no message is lost by it.
 */
bool keeperowner_obey(struct keeper_orders *orders, struct keeper_set *set)
{
    struct message m;
    ssize_t n;

    while ((n = receive_order(&m)) != 0) {
        if (n < 0 && errno != ECONNRESET && errno != EINTR)
            return true;
        if (n >= (ssize_t)sizeof(m.text))
            keeperowner_say_error("message", EMSGSIZE);
        else if (n > 0)
            obey_message(orders, set, &m);
        if (m.passed >= 0)
            close(m.passed);
    }
    return false;
}
