/* Registers this process with the keeper, which kills it when the owner ends. */
#define _GNU_SOURCE 1
#include "register.h"

#include "fatal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* The keeper answers at once, unless the host is near standstill or the keeper is stopped. */
enum { KEEPER_SECONDS = 5 };

static int dial(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = KEEPER_SECONDS};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof(address.sun_path))
        fatal(ENAMETOOLONG, "keeper socket %s", path);
    strcpy(address.sun_path, path);
    /* The send limit bounds connect() too, while the keeper's queue is full: unix(7), socket(7). */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        fatal(errno, "cannot reach the keeper at %s; QEMU could outlive its owner", path);
    return fd;
}

/*
 * A keeper that refuses at once may have hung up before it read the message. Its reason can be read
 * all the same, after one ECONNRESET.
 */
static ssize_t hear(int fd, char *text, size_t size)
{
    ssize_t n;

    do
        n = recv(fd, text, size, 0);
    while (n < 0 && errno == ECONNRESET);
    return n;
}

void register_with_keeper(const char *path)
{
    char answer[256];
    int fd = dial(path);
    ssize_t n = send(fd, "qemu", strlen("qemu"), MSG_NOSIGNAL);

    if (n >= 0 || errno == EPIPE || errno == ECONNRESET)
        n = hear(fd, answer, sizeof(answer) - 1);
    if (n < 0)
        fatal(errno == EAGAIN ? ETIMEDOUT : errno, "no answer from the keeper at %s", path);
    answer[n] = '\0';
    if (strcmp(answer, "ok") != 0)
        fatal(0, "the keeper at %s refused: %s", path, n ? answer : "the owner has ended");
    close(fd);
}
