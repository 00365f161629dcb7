/* The first half of a machine's boot, in the initramfs: mounts, modules, the relay's port. */
#define _GNU_SOURCE
#include "boot.h"

#include "clock.h"
#include "syscalls.h"
#include "log.h"
#include "shared/wire.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODULES   "/modules"
#define BOOT_LIST MODULES "/boot.list"
#define PORTS     "/sys/class/virtio-ports"

/*
 * The longest wait for the relay's port. It appears within milliseconds of its module, and a
 * machine where it does not come must say so rather than hang.
 */
enum { PORT_TIMEOUT_MS = 30 * 1000 };

int boot_is_ours(void)
{
    return access(BOOT_LIST, R_OK) == 0;
}

/* The kernel opens /dev/console for its init only if the initramfs holds that node. */
static void open_console(void)
{
    if (fcntl(STDERR_FILENO, F_GETFD) >= 0)
        return;
    int fd = open("/dev/console", O_RDWR | O_NOCTTY);
    if (fd < 0)
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd < STDERR_FILENO)
        fd = dup(fd);
}

/*
 * The kernel passes variables of its command line on in the environment of its init. The host
 * writes them (lsandbox/domain/xml/kernelcmdline.c).
 */
static bool host_says(const char *name, const char *word)
{
    const char *said = getenv(name);
    return said && strcmp(said, word) == 0;
}

/*
 * Switch the kernel's BPF compiler off if the host says so
 * (Documentation/admin-guide/sysctl/net.rst). A kernel that always compiles has no such file.
 */
static void set_bpf(void)
{
    if (!host_says("lsandbox_bpf", "interpreted"))
        return;
    int fd = open("/proc/sys/net/core/bpf_jit_enable", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "0", 1) < 0)
        errno = 0;
    close(fd);
}

int boot_mounts(void)
{
    static const struct {
        const char *type, *target;
    } mounts[] = {{"devtmpfs", "/dev"}, {"proc", "/proc"}, {"sysfs", "/sys"}};
    for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
        mkdir(mounts[i].target, 0755);
        /* EBUSY: the kernel mounted devtmpfs itself (CONFIG_DEVTMPFS_MOUNT) */
        if (mount("none", mounts[i].target, mounts[i].type, 0, NULL) < 0 && errno != EBUSY)
            return failed("mount %s in the initramfs", mounts[i].target);
    }
    open_console();
    set_bpf();
    return 0;
}

/* --- modules --- */

static int load_module(int fd)
{
    int result = syscall_load_module(fd, host_says("lsandbox_modules", "trusted"));
    return result < 0 && errno != EEXIST ? -1 : 0;
}

/* A module that is loaded already, or built in, is no error. */
static int load_file(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, MODULES "/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failed("open the module %s", name);
    int result = load_module(fd) < 0 ? failed("load the module %s", name) : 0;
    close(fd);
    return result;
}

static void load_listed(void)
{
    FILE *list = fopen(BOOT_LIST, "re");
    char name[256];
    while (list && fgets(name, sizeof name, list)) {
        name[strcspn(name, "\n")] = 0;
        if (name[0] && load_file(name) < 0)
            say("%s: %s", failure_text(), strerror(failure_errno()));
    }
    if (list)
        fclose(list);
}

/* The modules that this machine needs besides, in a variable: "a.ko,b.ko". */
static int load_asked(void)
{
    const char *said = getenv("lsandbox_load");
    char *names = strdup(said ? said : ""), *rest = names, *name;
    int result = 0;
    while (result == 0 && (name = strsep(&rest, ",")))
        result = *name ? load_file(name) : 0;
    free(names);
    return result;
}

/* Remove the modules and /init, which take most of the initramfs's memory. */
static void free_initramfs(void)
{
    DIR *modules = opendir(MODULES);
    for (struct dirent *e; modules && (e = readdir(modules));)
        unlinkat(dirfd(modules), e->d_name, 0);
    if (modules)
        closedir(modules);
    unlink("/init");
}

int boot_modules(void)
{
    load_listed();
    int result = load_asked();
    free_initramfs();
    return result;
}

/* --- the relay port --- */

static bool port_has_name(const char *port, const char *wanted)
{
    char path[512], name[128];
    snprintf(path, sizeof path, PORTS "/%s/name", port);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, name, sizeof name - 1);
    close(fd);
    name[n > 0 ? n : 0] = 0;
    name[strcspn(name, "\n")] = 0;
    return strcmp(name, wanted) == 0;
}

/* Fill PATH with the port's device; false while there is none. */
static bool find_port(char *path, size_t size)
{
    DIR *ports = opendir(PORTS);
    bool found = false;
    for (struct dirent *e; ports && !found && (e = readdir(ports));) {
        found = e->d_name[0] != '.' && port_has_name(e->d_name, WIRE_PORT_NAME);
        if (found)
            snprintf(path, size, "/dev/%s", e->d_name);
    }
    if (ports)
        closedir(ports);
    return found;
}

/*
 * The kernel sends device events to group 1. A port's name comes after the port: virtio_console
 * sends a "change" event once the name is in sysfs.
 */
int boot_listen(void)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static bool wait_for_port(int events, char *path, size_t size)
{
    int64_t end = clock_ms() + PORT_TIMEOUT_MS;
    while (!find_port(path, size)) {
        int64_t left = end - clock_ms();
        struct pollfd p = {.fd = events, .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) == 0)
            return false;
        char event[8192];
        while (recv(events, event, sizeof event, 0) > 0)
            ; /* which events these were does not matter: find_port() looks again */
    }
    return true;
}

int boot_port(void)
{
    char path[300];
    int events = boot_listen();
    if (events < 0)
        return failed("listen for device events");
    bool found = wait_for_port(events, path, sizeof path);
    close(events);
    if (!found)
        return failed_with(ETIMEDOUT, "wait for the virtio port " WIRE_PORT_NAME);
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    return fd < 0 ? failed("open %s", path) : fd;
}
