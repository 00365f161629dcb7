/* The landlock system calls, and which rights each version (ABI) of the kernel's landlock added. */
#define _GNU_SOURCE 1
#include "landlock.h"

#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same numbers on all architectures but alpha. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

enum { CREATE_RULESET_VERSION = 1, RULE_PATH_BENEATH = 1 };

/*
 * struct landlock_ruleset_attr as of ABI 6. An older kernel accepts it where the fields that it
 * does not know are 0.
 */
struct ruleset_attr {
    uint64_t handled_fs;
    uint64_t handled_net;
    uint64_t scoped;
};

/* struct landlock_path_beneath_attr, which is packed. */
struct path_beneath_attr {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

enum net_right { BIND_TCP = 1, CONNECT_TCP = 2, BIND_UDP = 4, CONNECT_SEND_UDP = 8 };
enum scope { SCOPE_ABSTRACT_UNIX_SOCKET = 1, SCOPE_SIGNAL = 2 };

/* What each ABI added. 7 and 8 added only flags for audit logs and threads. */
static const struct {
    int abi;
    struct ruleset_attr added;
} history[] = {
    {1, {.handled_fs = (LL_MAKE_SYM << 1) - 1}},
    {2, {.handled_fs = LL_REFER}},
    {3, {.handled_fs = LL_TRUNCATE}},
    {4, {.handled_net = BIND_TCP | CONNECT_TCP}},
    {5, {.handled_fs = LL_IOCTL_DEV}},
    {6, {.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL}},
    {9, {.handled_fs = LL_RESOLVE_UNIX}},
    {10, {.handled_net = BIND_UDP | CONNECT_SEND_UDP}},
};

/* The rights that a rule on anything but a directory may have: the others give EINVAL. */
static const uint64_t file_rights =
    LL_EXECUTE | LL_WRITE_FILE | LL_READ_FILE | LL_TRUNCATE | LL_IOCTL_DEV | LL_RESOLVE_UNIX;

int ll_abi(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

    return abi < 0 ? 0 : (int)abi;
}

static struct ruleset_attr everything(int abi)
{
    struct ruleset_attr all = {0, 0, 0};

    for (size_t i = 0; i < sizeof(history) / sizeof(history[0]) && history[i].abi <= abi; i++) {
        all.handled_fs |= history[i].added.handled_fs;
        all.handled_net |= history[i].added.handled_net;
        all.scoped |= history[i].added.scoped;
    }
    return all;
}

int ll_open(struct ll_ruleset *rules, int abi, bool network)
{
    struct ruleset_attr attr = everything(abi);

    if (network)
        attr.handled_net = 0;
    rules->handled = attr.handled_fs;
    /* The kernel makes this descriptor close-on-exec by itself. */
    rules->fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
    return rules->fd < 0 ? -1 : 0;
}

int ll_allow(const struct ll_ruleset *rules, int path_fd, uint64_t rights)
{
    struct path_beneath_attr rule = {.allowed = rights & rules->handled, .parent_fd = path_fd};
    struct stat st;

    if (fstat(path_fd, &st) < 0)
        return -1;
    if (!S_ISDIR(st.st_mode))
        rule.allowed &= file_rights;
    if (!rule.allowed)
        return 0; /* the kernel would say ENOMSG to an empty rule */
    return (int)syscall(SYS_landlock_add_rule, rules->fd, RULE_PATH_BENEATH, &rule, 0);
}

int ll_enforce(struct ll_ruleset *rules)
{
    int result = (int)syscall(SYS_landlock_restrict_self, rules->fd, 0);

    if (result == 0)
        close(rules->fd);
    return result;
}
