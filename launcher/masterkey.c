/* Finds libvirt's master key among QEMU's arguments and lets QEMU's user read it. */
#define _GNU_SOURCE 1
#include "masterkey.h"

#include "fatal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The value of "file" in the JSON of QEMU's -object secret, as every libvirt since 7.1 writes it.
 */
static char *file_of(const char *object)
{
    static const char before[] = "\"file\":\"";
    const char *file = strstr(object, before), *end;

    if (!strstr(object, "\"id\":\"masterKey0\"") || !file)
        return NULL;
    file += strlen(before);
    end = strchr(file, '"');
    return end && !memchr(file, '\\', (size_t)(end - file)) ? strndup(file, (size_t)(end - file))
                                                            : NULL;
}

static char *find_key_argument(char **argv)
{
    char *file = NULL;

    for (char **arg = argv; arg[0] && arg[1] && !file; arg++)
        if (strcmp(arg[0], "-object") == 0)
            file = file_of(arg[1]);
    return file;
}

/* Whether FILE is below the directory that the host side named, without "..". */
static bool is_in_libvirts_directory(const struct jail *jail, const char *file)
{
    const char *dir = jail->libvirt.n ? jail->libvirt.items[0] : "";
    size_t n = strlen(dir);

    return n && strncmp(file, dir, n) == 0 && file[n] == '/' && !strstr(file, "/../");
}

/* Give PATH, which belongs to root and goes on doing so, the group GID and MODE. */
static void share(const char *path, int flags, gid_t gid, mode_t mode)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | flags);

    if (fd < 0 || fstat(fd, &st) < 0)
        fatal(errno, "cannot open %s", path);
    if (st.st_uid != 0 || (S_ISREG(st.st_mode) && st.st_nlink != 1))
        fatal(0, "%s is not libvirt's", path);
    if (fchown(fd, (uid_t)-1, gid) < 0 || fchmod(fd, mode) < 0)
        fatal(errno, "cannot share %s with QEMU's group", path);
    close(fd);
}

void masterkey_share(struct jail *jail, char **argv)
{
    char *file = find_key_argument(argv), *slash;

    if (!file || !is_in_libvirts_directory(jail, file))
        return;
    jail_add_read(jail, file);
    if (geteuid() != 0 || !jail->gid.n)
        return;
    share(file, 0, jail->gid.items[0], 0640);
    slash = strrchr(file, '/');
    *slash = '\0';
    share(file, O_DIRECTORY, jail->gid.items[0], 0750);
    *slash = '/';
}
