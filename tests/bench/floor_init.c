/*
 * The init of the benchmark's floor, which does only what a machine cannot do without: load the
 * modules, wait on the port for a command, mount the root by 9p, run the command, answer with its
 * exit status. The bench appends it to lsandbox's initrd, where it replaces /init. A resumed floor
 * starts from a snapshot of this init waiting for its first command, with nothing mounted.
 *
 * A command is a line of words with tabs between, or empty, which only mounts; the answer is a line
 * with its exit status. The host kills the machine, as lsandbox does.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORTS           "/sys/class/virtio-ports"
#define WORDS           32
#define IGNORE_VERMAGIC 2 /* MODULE_INIT_IGNORE_VERMAGIC; musl has no linux/module.h */
#define RNDADDENTROPY   _IOW('R', 0x03, int[2]) /* nor linux/random.h */

static void load_modules(void)
{
    char name[200], path[256];
    FILE *list = fopen("/modules/boot.list", "r");
    while (list && fgets(name, sizeof name, list)) {
        name[strcspn(name, "\n")] = 0;
        snprintf(path, sizeof path, "/modules/%s", name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        /* as guest-init/syscalls.c does without KVM: no look at the signature */
        if (syscall(SYS_finit_module, fd, "", IGNORE_VERMAGIC) < 0)
            syscall(SYS_finit_module, fd, "", 0);
        close(fd);
    }
}

/* The only port there is. The driver's probe may still be going on when its module is loaded. */
static int open_port(void)
{
    mount("dev", "/dev", "devtmpfs", 0, NULL);
    mount("sys", "/sys", "sysfs", 0, NULL);
    for (;;) {
        DIR *ports = opendir(PORTS);
        struct dirent *entry;
        while (ports && (entry = readdir(ports))) {
            char path[300];
            snprintf(path, sizeof path, "/dev/%s", entry->d_name);
            int fd = entry->d_name[0] == '.' ? -1 : open(path, O_RDWR | O_CLOEXEC);
            if (fd >= 0)
                return fd;
        }
        if (ports)
            closedir(ports);
        usleep(1000);
    }
}

/* random(4). Else the first program that asks for random numbers waits a second for them. */
static void seed(void)
{
    struct {
        int bits, size;
        char bytes[32];
    } pool = {256, 32, "a benchmark has no secrets"};
    int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
    if (ioctl(fd, RNDADDENTROPY, &pool) < 0)
        perror("seed");
    close(fd);
}

static void mount_root(void)
{
    mount("lsb0", "/newroot", "9p", MS_RDONLY,
          "trans=virtio,version=9p2000.L,msize=131072,access=any,cache=loose");
    mount("proc", "/newroot/proc", "proc", 0, NULL);
    mount("dev", "/newroot/dev", "devtmpfs", 0, NULL);
}

static int run(char *line)
{
    char *words[WORDS + 1], *rest = line;
    int n = 0, status = -1;
    if (!*line)
        return 0;
    while (n < WORDS && (words[n] = strsep(&rest, "\t")))
        n++;
    words[n] = NULL;
    pid_t child = fork();
    if (child == 0) {
        if (chroot("/newroot") == 0 && chdir("/") == 0)
            execv(words[0], words);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A line without its newline. read() gives 0 while the host's end is not known to be there. */
static void read_line(int port, char *line, size_t size)
{
    size_t n = 0;
    while (n < size - 1) {
        if (read(port, line + n, 1) != 1)
            usleep(1000);
        else if (line[n++] == '\n') {
            n--;
            break;
        }
    }
    line[n] = 0;
}

int main(void)
{
    char line[4096];
    load_modules();
    int port = open_port(), mounted = 0;
    seed();
    dprintf(port, "ready\n");
    for (;;) {
        read_line(port, line, sizeof line);
        if (!mounted++)
            mount_root();
        dprintf(port, "%d\n", run(line));
    }
}
