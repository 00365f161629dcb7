/* The keeper's channel to its owner: reads the owner's orders, one message each, and obeys them. */
#define _GNU_SOURCE 1
#include "keeperowner.h"

#include "pidfd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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

/* --- orders --- */

/* The kernel would follow the symlink "link" in "link/", and the keeper must remove the link. */
static void trim_slashes(char *path)
{
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
}

static void path_add(struct path_list *list, const char *path)
{
    char **longer = realloc(list->paths, (list->n + 1) * sizeof(*longer));
    char *copy = strdup(path);

    if (longer)
        list->paths = longer;
    if (!longer || !copy || path[0] != '/') {
        keeperowner_say_error(path, path[0] == '/' ? ENOMEM : EINVAL);
        free(copy);
        return;
    }
    trim_slashes(copy);
    list->paths[list->n++] = copy;
}

static void path_drop(struct path_list *list, const char *path)
{
    for (size_t i = list->n; i-- > 0;)
        if (strcmp(list->paths[i], path) == 0) {
            free(list->paths[i]);
            list->paths[i] = list->paths[--list->n];
        }
}

static void order_dir(struct keeper_orders *orders, struct keeper_set *set, char *path)
{
    (void)set;
    path_add(&orders->dirs, path);
}

static void order_late(struct keeper_orders *orders, struct keeper_set *set, char *path)
{
    (void)set;
    path_add(&orders->late, path);
}

static void order_group(struct keeper_orders *orders, struct keeper_set *set, char *path)
{
    (void)set;
    path_add(&orders->groups, path);
}

static void order_forget(struct keeper_orders *orders, struct keeper_set *set, char *path)
{
    (void)set;
    trim_slashes(path);
    path_drop(&orders->dirs, path);
    path_drop(&orders->late, path);
}

static void order_pid(struct keeper_orders *orders, struct keeper_set *set, char *number)
{
    char *end;
    long pid = strtol(number, &end, 10);

    (void)orders;
    if (pid <= 1 || *end || pid > 0x7fffffff)
        keeperowner_say_error(number, EINVAL);
    else if (!keeperset_add_process(set, pidfd_of_pid((pid_t)pid)))
        keeperowner_say_error(number, errno);
}

static const struct {
    const char *word;
    void (*obey)(struct keeper_orders *orders, struct keeper_set *set, char *rest);
} commands[] = {
    {"dir ", order_dir},
    {"late ", order_late},
    {"forget ", order_forget},
    {"pid ", order_pid},
    {"group ", order_group},
};

static void obey_message(struct keeper_orders *orders, struct keeper_set *set, char *message)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        size_t len = strlen(commands[i].word);

        if (strncmp(message, commands[i].word, len) == 0) {
            commands[i].obey(orders, set, message + len);
            return;
        }
    }
    keeperowner_say_error(message, EINVAL);
}

/*
 * A hang-up (0 bytes) comes after all messages. ECONNRESET comes before them, once, when the owner
 * ended without reading the keeper's answers: no message is lost by it.
 */
bool keeperowner_obey(struct keeper_orders *orders, struct keeper_set *set)
{
    char message[MESSAGE_MAX];
    ssize_t n;

    while ((n = recv(KEEPER_CONTROL, message, sizeof(message) - 1, MSG_DONTWAIT | MSG_TRUNC)) !=
           0) {
        if (n < 0 && errno != ECONNRESET && errno != EINTR)
            return true;
        if (n >= (ssize_t)sizeof(message)) {
            keeperowner_say_error("message", EMSGSIZE);
        } else if (n > 0) {
            message[n] = '\0';
            obey_message(orders, set, message);
        }
    }
    return false;
}
