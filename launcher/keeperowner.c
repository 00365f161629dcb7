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

static void name_add(struct name_list *list, const char *name)
{
    char **longer = realloc(list->names, (list->n + 1) * sizeof(*longer));
    char *copy = strdup(name);

    if (longer)
        list->names = longer;
    if (longer && copy) {
        list->names[list->n++] = copy;
        return;
    }
    keeperowner_say_error(name, ENOMEM);
    free(copy);
}

void keeperowner_drop(struct name_list *list, size_t i)
{
    free(list->names[i]);
    list->names[i] = list->names[--list->n];
}

/* The last one only, because two sandboxes of the owner may name the same. */
static bool name_forget(struct name_list *list, const char *name)
{
    for (size_t i = list->n; i-- > 0;)
        if (strcmp(list->names[i], name) == 0) {
            keeperowner_drop(list, i);
            return true;
        }
    return false;
}

static void path_add(struct name_list *list, char *path)
{
    if (path[0] != '/') {
        keeperowner_say_error(path, EINVAL);
        return;
    }
    trim_slashes(path);
    name_add(list, path);
}

static void order_dir(struct keeper_orders *orders, struct keeper_set *set, char *path)
{
    (void)set;
    path_add(&orders->dirs, path);
}

/* A group may be named each time that its container is paused. */
static void order_group(struct keeper_orders *orders, struct keeper_set *set, char *path)
{
    (void)set;
    (void)name_forget(&orders->groups, path);
    path_add(&orders->groups, path);
}

static void order_forget(struct keeper_orders *orders, struct keeper_set *set, char *path)
{
    (void)set;
    trim_slashes(path);
    if (!name_forget(&orders->dirs, path))
        (void)name_forget(&orders->groups, path);
}

static void order_starting(struct keeper_orders *orders, struct keeper_set *set, char *name)
{
    (void)set;
    if (*name && !strchr(name, '/'))
        name_add(&orders->starting, name);
    else
        keeperowner_say_error(name, EINVAL);
}

static void order_started(struct keeper_orders *orders, struct keeper_set *set, char *name)
{
    (void)set;
    if (name_forget(&orders->starting, name))
        name_add(&orders->started, name);
}

/* Of two containers with the same name, it is the one whose start has failed that ends first. */
static void order_ended(struct keeper_orders *orders, struct keeper_set *set, char *name)
{
    (void)set;
    if (!name_forget(&orders->starting, name))
        (void)name_forget(&orders->started, name);
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
    {"forget ", order_forget},
    {"starting ", order_starting},
    {"started ", order_started},
    {"ended ", order_ended},
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
