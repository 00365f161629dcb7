/*
 * lsandbox-preload.so: makes a QEMU that starts from a template open the template's memory
 * read-only (LD_PRELOAD, memory.c).
 *
 * QEMU opens the file of a memory-backend-file for reading and writing even where it maps the file
 * privately (share=off), so it would need the right to write to a template that other machines run
 * from. Since 8.2 "readonly=on,rom=off" spares that (backends/hostmem-file.c), but Debian 12 has
 * 7.2. A private mapping needs no more than reading (mmap(2)). This library is no boundary: the
 * file's mode and landlock keep QEMU from writing to the template.
 *
 * It replaces libc's open() under all names that a QEMU may have been built against: with large
 * files, and with _FORTIFY_SOURCE.
 */
#define _GNU_SOURCE 1
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include "shared/memoryfd.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static int open_it(const char *path, int flags, mode_t mode)
{
    if (strcmp(path, MEMORY_PATH) == 0 && (flags & O_ACCMODE) == O_RDWR)
        flags = (flags & ~O_ACCMODE) | O_RDONLY;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

/*
 * Callers pass a mode only with O_CREAT and O_TMPFILE (open(2)); the kernel ignores it otherwise.
 */
#define OPEN_WITH_MODE(name)                                                                       \
    EXPORT int name(const char *path, int flags, ...);                                             \
    EXPORT int name(const char *path, int flags, ...)                                              \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = va_arg(rest, mode_t);                                                        \
        va_end(rest);                                                                              \
        return open_it(path, flags, mode);                                                         \
    }
#define OPEN_WITHOUT_MODE(name)                                                                    \
    EXPORT int name(const char *path, int flags);                                                  \
    EXPORT int name(const char *path, int flags)                                                   \
    {                                                                                              \
        return open_it(path, flags, 0);                                                            \
    }

OPEN_WITH_MODE(open)
OPEN_WITHOUT_MODE(__open_2)
OPEN_WITH_MODE(open64)
OPEN_WITHOUT_MODE(__open64_2)
