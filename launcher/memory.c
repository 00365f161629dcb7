/* Opens the file that is to be the guest's memory, for QEMU to inherit. */
#define _GNU_SOURCE 1
#include "memory.h"

#include "shared/memoryfd.h"
#include "fatal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Move FD to MEMORY_FD, a number that no descriptor of libvirt's has, to stay open at exec. */
static void place_descriptor(int fd, const char *what)
{
    if (dup2(fd, MEMORY_FD) < 0)
        fatal(errno, "cannot pass on %s", what);
    close(fd);
}

static void open_new_memory(unsigned mib)
{
    int fd = memfd_create("lsandbox-memory", MFD_CLOEXEC);

    if (fd < 0 || ftruncate(fd, (off_t)mib << 20) < 0)
        fatal(errno, "cannot make a file of %u MiB in memory", mib);
    place_descriptor(fd, "the machine's memory");
}

/* QEMU opens /proc/self/fd/MEMORY_FD anew, which the file's mode and landlock have to allow. */
static void open_template(struct jail *jail, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        fatal(errno, "cannot open the template %s", path);
    place_descriptor(fd, "the template's memory");
    jail_add_read(jail, path);
}

void memory_open(struct jail *jail)
{
    if (jail->new_memory.n)
        open_new_memory(jail->new_memory.items[0]);
    else if (jail->memory.n)
        open_template(jail, jail->memory.items[0]);
}

void memory_preload(const struct jail *jail)
{
    if (jail->preload.n && setenv("LD_PRELOAD", jail->preload.items[0], 1) < 0)
        fatal(errno, "cannot name the library to load");
}
